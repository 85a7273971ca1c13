#include "store/blobs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <unordered_set>
#include <utility>

#include "base/descriptor.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/mutex.h"
#include "store/reserve.h"

namespace sightline::store {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kIdDigits = 32;
constexpr const char* kUnfinished = "unfinished";

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

Result<void> sync_folder(const fs::path& folder) {
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || ::fsync(fd.get()) != 0) return std::unexpected(system_error("write", folder, errno));
  return {};
}

Result<void> make_folder(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return std::unexpected(system_error("make the folder", folder, errno));
  return {};
}

/// The first two digits are the folder: 256 of them keep each short.
fs::path path_of(const fs::path& folder, const BlobId& id) {
  return folder / id.text().substr(0, 2) / id.text().substr(2);
}

/// What this process has written before its first sweep was over. Thread-safe.
class Newcomers {
 public:
  void add(const BlobId& id) {
    const MutexLock lock(mutex_);
    if (open_) ids_.insert(id.text());
  }
  bool has(const BlobId& id) const {
    const MutexLock lock(mutex_);
    return ids_.contains(id.text());
  }
  void close() {
    const MutexLock lock(mutex_);
    open_ = false;
    ids_.clear();
  }

 private:
  mutable Mutex mutex_;
  bool open_ SIGHTLINE_GUARDED_BY(mutex_) = true;
  std::unordered_set<std::string> ids_ SIGHTLINE_GUARDED_BY(mutex_);
};

class FileWriter final : public BlobWriter {
 public:
  FileWriter(fs::path folder, BlobId id, Descriptor fd, Newcomers& newcomers, Reserve* reserve)
      : newcomers_(newcomers),
        reserve_(reserve),
        folder_(std::move(folder)),
        id_(std::move(id)),
        fd_(std::move(fd)),
        unfinished_(folder_ / kUnfinished / id_.text()) {}
  ~FileWriter() override {
    if (!committed_) ::unlink(unfinished_.c_str());
  }

  Result<void> write(std::span<const char> bytes) override {
    if (reserve_ != nullptr && !reserve_->may_grow())
      return std::unexpected(system_error("write", unfinished_, ENOSPC));
    return write_all(fd_.get(), {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()},
                     unfinished_);
  }

  Result<BlobId> commit() override {
    if (committed_) return fail(ErrorKind::internal, "a blob was committed twice");
    const fs::path target = path_of(folder_, id_);
    if (::fsync(fd_.get()) != 0) return std::unexpected(system_error("write", unfinished_, errno));
    newcomers_.add(id_);
    if (::rename(unfinished_.c_str(), target.c_str()) != 0)
      return std::unexpected(system_error("write", target, errno));
    committed_ = true;
    TRY(sync_folder(target.parent_path()));
    return id_;
  }

 private:
  Newcomers& newcomers_;
  Reserve* const reserve_;
  const fs::path folder_;
  const BlobId id_;
  const Descriptor fd_;
  const fs::path unfinished_;
  bool committed_ = false;
};

class FileReader final : public BlobReader {
 public:
  FileReader(fs::path path, Descriptor fd, std::uint64_t size)
      : path_(std::move(path)), fd_(std::move(fd)), size_(size) {}

  std::uint64_t size() const override { return size_; }

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) const override {
    std::size_t done = 0;
    while (done < into.size() && offset + done < size_) {
      const ssize_t n =
          ::pread(fd_.get(), into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return std::unexpected(system_error("read", path_, errno));
      if (n == 0)
        return fail(ErrorKind::corrupt,
                    fmt::format("'{}' is shorter than it was; restore it", path_.string()));
      done += static_cast<std::size_t>(n);
    }
    return done;
  }

  std::optional<Descriptor> file() const override {
    Descriptor copy(::fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0));
    if (copy.get() < 0) return std::nullopt;
    return copy;
  }

 private:
  const fs::path path_;
  const Descriptor fd_;
  const std::uint64_t size_;
};

class BlobFolder final : public BlobStore {
 public:
  BlobFolder(fs::path folder, Random& random, std::shared_ptr<Reserve> reserve)
      : folder_(std::move(folder)), random_(random), reserve_(std::move(reserve)) {}

  Result<void> prepare() {
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error) return std::unexpected(system_error("make the folder", folder_, error.value()));
    if (::chmod(folder_.c_str(), 0700) != 0)
      return std::unexpected(system_error("set the mode of", folder_, errno));
    fs::remove_all(folder_ / kUnfinished, error);
    if (error) return std::unexpected(system_error("empty the folder", folder_ / kUnfinished, error.value()));
    TRY(make_folder(folder_ / kUnfinished));
    for (int i = 0; i < 256; ++i) TRY(make_folder(folder_ / fmt::format("{:02x}", i)));
    return sync_folder(folder_);
  }

  Result<std::unique_ptr<BlobWriter>> create() override {
    const BlobId id = BlobId::make(random_);
    const fs::path path = folder_ / kUnfinished / id.text();
    Descriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (fd.get() < 0) return std::unexpected(system_error("create", path, errno));
    return std::make_unique<FileWriter>(folder_, id, std::move(fd), newcomers_, reserve_.get());
  }

  Result<std::unique_ptr<BlobReader>> open(const BlobId& id) override {
    const fs::path path = path_of(folder_, id);
    Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat info{};
    if (fd.get() < 0 || ::fstat(fd.get(), &info) != 0)
      return std::unexpected(system_error("read", path, errno));
    return std::make_unique<FileReader>(path, std::move(fd), static_cast<std::uint64_t>(info.st_size));
  }

  Result<void> remove(const BlobId& id) override {
    const fs::path path = path_of(folder_, id);
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
      return std::unexpected(system_error("remove", path, errno));
    return {};
  }

  Result<std::size_t> sweep(const std::function<bool(const BlobId&)>& in_use, std::stop_token stop) override {
    std::size_t removed = 0;
    Result<void> swept;
    for (int i = 0; i < 256 && swept; ++i)
      swept = sweep_folder(fmt::format("{:02x}", i), in_use, stop, removed);
    newcomers_.close();
    if (!swept) return std::unexpected(std::move(swept).error());
    return removed;
  }

 private:
  Result<void> sweep_folder(const std::string& prefix, const std::function<bool(const BlobId&)>& in_use,
                            const std::stop_token& stop, std::size_t& removed) {
    std::error_code error;
    for (fs::directory_iterator entry(folder_ / prefix, error), end;
         !error && entry != end && !stop.stop_requested(); entry.increment(error)) {
      const auto id = BlobId::parse(prefix + entry->path().filename().string());
      if (!id || newcomers_.has(*id) || in_use(*id)) continue;
      TRY(remove(*id));
      ++removed;
    }
    if (error) return std::unexpected(system_error("read the folder", folder_ / prefix, error.value()));
    return {};
  }

  const fs::path folder_;
  Random& random_;
  const std::shared_ptr<Reserve> reserve_;
  Newcomers newcomers_;
};

}  // namespace

std::optional<BlobId> BlobId::parse(std::string_view text) {
  if (text.size() != kIdDigits || !std::ranges::all_of(text, is_hex)) return std::nullopt;
  return BlobId(std::string(text));
}

BlobId BlobId::make(Random& random) {
  std::array<std::uint8_t, kIdDigits / 2> bytes{};
  random.fill(bytes);
  return BlobId(hex(bytes));
}

Result<std::unique_ptr<BlobStore>> open_blob_folder(const fs::path& folder, Random& random,
                                                    std::shared_ptr<Reserve> reserve) {
  auto store = std::make_unique<BlobFolder>(folder, random, std::move(reserve));
  TRY(store->prepare());
  return store;
}

Result<std::unique_ptr<BlobStore>> open_blob_folder(const fs::path& folder, Random& random) {
  return open_blob_folder(folder, random, nullptr);
}

}  // namespace sightline::store
