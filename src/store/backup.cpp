#include "store/backup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "base/descriptor.h"
#include "base/file.h"
#include "store/blobs.h"
#include "store/sqlite.h"

namespace sightline::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBlobs = "blobs";
/// Links to blobs that may be removed before they have been copied to another file system. Of one backup at a
/// time.
constexpr std::string_view kHeldBlobs = "backup-blobs";
constexpr std::size_t kCopied = std::size_t{1} << 20;

Result<void> make_private_folder(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return std::unexpected(system_error("create", folder, errno));
  return {};
}

Result<void> sync_path(const fs::path& path) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0 || ::fsync(fd.get()) != 0) return std::unexpected(system_error("write", path, errno));
  return {};
}

/// A folder that gets its name once it is whole; removed if that never comes.
class NewFolder {
 public:
  static Result<NewFolder> create(fs::path target) {
    // "backup/" is "backup".
    if (!target.has_filename()) target = target.parent_path();
    std::error_code error;
    if (fs::exists(fs::symlink_status(target, error)) &&
        !(fs::is_directory(target, error) && fs::is_empty(target, error)))
      return fail(ErrorKind::already_exists,
                  fmt::format("'{}' is there already: name a folder that is new or empty", target.string()));
    error.clear();
    if (target.has_parent_path()) fs::create_directories(target.parent_path(), error);
    if (error) return std::unexpected(system_error("create", target.parent_path(), error.value()));
    std::string unfinished = fs::absolute(target, error).string() + ".unfinished-XXXXXX";
    if (::mkdtemp(unfinished.data()) == nullptr)
      return std::unexpected(system_error("create", target, errno));
    return NewFolder(std::move(target), std::move(unfinished));
  }
  NewFolder(NewFolder&& other) noexcept
      : target_(std::move(other.target_)), unfinished_(std::exchange(other.unfinished_, {})) {}
  NewFolder& operator=(NewFolder&&) = delete;
  ~NewFolder() {
    std::error_code ignored;
    if (!unfinished_.empty()) fs::remove_all(unfinished_, ignored);
  }

  [[nodiscard]] const fs::path& path() const { return unfinished_; }

  Result<void> commit() {
    // Whatever was written below it, and the links.
    const Descriptor fd(::open(unfinished_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() < 0 || ::syncfs(fd.get()) != 0)
      return std::unexpected(system_error("write", unfinished_, errno));
    if (::rename(unfinished_.c_str(), target_.c_str()) != 0) {
      if (errno == ENOTEMPTY || errno == EEXIST)
        return fail(ErrorKind::already_exists, fmt::format("'{}' is there already by now", target_.string()));
      return std::unexpected(system_error("create", target_, errno));
    }
    unfinished_.clear();
    std::error_code ignored;
    return sync_path(fs::absolute(target_, ignored).parent_path());
  }

 private:
  NewFolder(fs::path target, fs::path unfinished)
      : target_(std::move(target)), unfinished_(std::move(unfinished)) {}
  fs::path target_;
  fs::path unfinished_;
};

std::unexpected<Error> no_plain_file(const fs::path& path) {
  return fail(ErrorKind::corrupt, fmt::format("'{}' is no plain file", path.string()));
}

Result<std::uint64_t> copy_content(const fs::path& from, const fs::path& to) {
  // No link out of the folder, and no pipe that nobody writes to: a copy may come from elsewhere.
  const Descriptor in(::open(from.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (in.get() < 0) return std::unexpected(system_error("read", from, errno));
  struct stat kind{};
  if (::fstat(in.get(), &kind) != 0 || !S_ISREG(kind.st_mode)) return no_plain_file(from);
  const Descriptor out(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (out.get() < 0) return std::unexpected(system_error("create", to, errno));
  Bytes piece(kCopied);
  std::uint64_t size = 0;
  while (true) {
    const ssize_t n = ::read(in.get(), piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::unexpected(system_error("read", from, errno));
    if (n == 0) return size;
    TRY(write_all(out.get(), std::span(piece).first(static_cast<std::size_t>(n)), to));
    size += static_cast<std::uint64_t>(n);
  }
}

bool cannot_link(int error) {
  return error == EXDEV || error == EPERM || error == ENOTSUP || error == EMLINK;
}

Result<std::uint64_t> size_of(const fs::path& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return std::unexpected(system_error("read", path, errno));
  return static_cast<std::uint64_t>(info.st_size);
}

/// Adds the databases of the folder `data` / `inner`. What is removed meanwhile is left out: a server that
/// is at work removes folders of its own.
Result<void> find_databases_in(const fs::path& data, const fs::path& inner, std::vector<fs::path>& found) {
  const fs::path folder = data / inner;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path name = inner / entry->path().filename();
    std::error_code vanished;
    const fs::file_type type = entry->symlink_status(vanished).type();
    if (type == fs::file_type::directory) {
      if (name != kBlobs && name != kHeldBlobs) TRY(find_databases_in(data, name, found));
    } else if (name.extension() == ".db" && type != fs::file_type::not_found) {
      if (type != fs::file_type::regular) return no_plain_file(entry->path());
      found.push_back(name);
    }
  }
  if (error && !(error == std::errc::no_such_file_or_directory && !inner.empty()))
    return std::unexpected(system_error("read the folder", folder, error.value()));
  return {};
}

/// Where the databases lie: all of the folder but its blobs is looked through.
Result<std::vector<fs::path>> find_databases(const fs::path& data) {
  std::vector<fs::path> found;
  TRY(find_databases_in(data, {}, found));
  if (found.empty())
    return fail(ErrorKind::not_found,
                fmt::format("'{}' holds no database: name the data folder of a server", data.string()));
  std::ranges::sort(found);
  return found;
}

/// The blobs on their way from one folder to another: called again, it takes those that are new.
class BlobCopy {
 public:
  BlobCopy(const fs::path& from, fs::path to)
      : from_(from / kBlobs), held_(from / kHeldBlobs), to_(std::move(to)) {}
  BlobCopy(const BlobCopy&) = delete;
  BlobCopy& operator=(const BlobCopy&) = delete;
  ~BlobCopy() {
    std::error_code ignored;
    if (holds_) fs::remove_all(held_, ignored);
  }

  /// Those that are there; one that is removed meanwhile may be left out.
  Result<void> take(BackupSize& size) {
    return each([&](const fs::path& blob, const fs::path& copy) -> Result<void> {
      if (::link(blob.c_str(), copy.c_str()) == 0) return count(copy, size);
      if (errno == EEXIST || errno == ENOENT) return {};
      if (!cannot_link(errno)) return std::unexpected(system_error("link", copy, errno));
      auto copied = copy_content(blob, copy);
      if (!copied && copied.error().kind == ErrorKind::not_found) return {};
      TRY(std::move(copied));
      return count(copy, size);
    });
  }

  /// Sees to it, in little time, that every one that is there now will be copied by take_held(), whatever is
  /// removed from now on.
  Result<void> hold(BackupSize& size) {
    return each([&](const fs::path& blob, const fs::path& copy) -> Result<void> {
      if (::link(blob.c_str(), copy.c_str()) == 0) return count(copy, size);
      if (errno == EEXIST) return {};
      const int error = errno;
      if (!cannot_link(error)) return std::unexpected(system_error("link", copy, error));
      struct stat info{};
      if (::stat(copy.c_str(), &info) == 0) return {};
      TRY(make_held());
      const fs::path name = blob.parent_path().filename() / blob.filename();
      TRY(make_private_folder(held_ / name.parent_path()));
      const fs::path held = held_ / name;
      if (::link(blob.c_str(), held.c_str()) == 0) return {};
      // No links at all on this file system: the writers wait for the copy.
      if (!cannot_link(errno)) return std::unexpected(system_error("link", held, errno));
      TRY(copy_content(blob, copy));
      return count(copy, size);
    });
  }

  Result<void> take_held(BackupSize& size) {
    if (!holds_) return {};
    from_ = held_;
    return take(size);
  }

 private:
  template <typename Visit>
  Result<void> each(const Visit& visit) {
    TRY(make_private_folder(to_ / kBlobs));
    for (int i = 0; i < 256; ++i) {
      const std::string prefix = fmt::format("{:02x}", i);
      const fs::path copies = to_ / kBlobs / prefix;
      TRY(make_private_folder(copies));
      std::error_code error;
      for (fs::directory_iterator entry(from_ / prefix, error), end; !error && entry != end;
           entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (!BlobId::parse(prefix + name)) continue;
        if (entry->is_symlink()) return no_plain_file(entry->path());
        TRY(visit(entry->path(), copies / name));
      }
      if (error && error != std::errc::no_such_file_or_directory)
        return std::unexpected(system_error("read the folder", from_ / prefix, error.value()));
    }
    return {};
  }

  static Result<void> count(const fs::path& copy, BackupSize& size) {
    ++size.blobs;
    size.bytes += TRY(size_of(copy));
    return {};
  }

  Result<void> make_held() {
    if (holds_) return {};
    TRY(make_private_folder(held_));
    holds_ = true;
    return {};
  }

  fs::path from_;
  const fs::path held_;
  const fs::path to_;
  bool holds_ = false;
};

/// A database as it is at the instant of begin().
class DatabaseSnapshot {
 public:
  static Result<DatabaseSnapshot> open(const fs::path& path) {
    DatabaseSnapshot snapshot;
    snapshot.writer_ = TRY(SqliteConnection::open(path, Erasure::lazy));
    snapshot.reader_ = TRY(SqliteConnection::open(path, Erasure::lazy));
    return snapshot;
  }
  /// Nobody writes from here on.
  Result<void> hold_writers() { return writer_->run("BEGIN IMMEDIATE"); }
  Result<void> begin() { return reader_->run("BEGIN; SELECT COUNT(*) FROM sqlite_schema"); }
  Result<void> release_writers() { return writer_->run("ROLLBACK"); }
  Result<void> copy_to(const fs::path& path) { return reader_->copy_to(path); }

 private:
  std::unique_ptr<SqliteConnection> writer_;
  std::unique_ptr<SqliteConnection> reader_;
};

/// Else the copy would become a part of what is copied.
Result<void> check_outside(const fs::path& target, const fs::path& folder) {
  std::error_code error;
  const auto canonical = [&](const fs::path& path) {
    return error ? fs::path() : fs::weakly_canonical(fs::absolute(path, error), error);
  };
  const fs::path whole = canonical(folder);
  const fs::path inner = canonical(target).lexically_relative(whole);
  if (error || inner.empty() || inner == "." || *inner.begin() == "..") return {};
  return fail(ErrorKind::invalid_argument,
              fmt::format("'{}' lies in '{}', which is to be copied: name a folder outside of it",
                          target.string(), folder.string()));
}

/// Open and locked for a backup. Errors: unavailable (one is under way).
Result<Descriptor> lock_for_backup(const fs::path& data) {
  Descriptor locked(::open(data.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (locked.get() < 0) return std::unexpected(system_error("read the folder", data, errno));
  if (::flock(locked.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(ErrorKind::unavailable,
                fmt::format("another backup of '{}' is under way: wait until it ends", data.string()));
  return locked;
}

/// By who has locked `data`.
Result<void> remove_held_blobs(const fs::path& data) {
  std::error_code error;
  fs::remove_all(data / kHeldBlobs, error);
  if (error) return std::unexpected(system_error("remove", data / kHeldBlobs, error.value()));
  return {};
}

Result<void> copy_files(const fs::path& from, const fs::path& to, const std::vector<std::string>& files) {
  for (const std::string& name : files) {
    const auto copied = copy_content(from / name, to / name);
    if (!copied && copied.error().kind != ErrorKind::not_found) return std::unexpected(copied.error());
  }
  return {};
}

}  // namespace

// The order, and why nothing dangles. A blob is durable before the row that names it is committed, and
// removed only after a commit that took the last such row away.
// 1. The blobs that are there, which are nearly all, at leisure.
// 2. With the writers of all databases held up: a snapshot of each, and links to the blobs that have come
//    since. Every blob of a row in the snapshot is there by then: it was before the row, and no row that the
//    snapshot still has can be taken away, and its blob removed, while nobody may commit.
// 3. The databases from their snapshots, while writers go on.
// A blob too many (its row was gone by 2., or never came) is swept by the server that starts on the copy.
// That all snapshots are of one instant means that what moves from one database to another is in one of them
// at least.
Result<BackupSize> back_up(const fs::path& data, const fs::path& target,
                           const std::vector<std::string>& files) {
  // One at a time: two would share the folder of held blobs. What one that was killed held there, which may
  // have been deleted since, goes before anything else.
  const Descriptor locked = TRY(lock_for_backup(data));
  TRY(check_outside(target, data));
  TRY(remove_held_blobs(data));
  const std::vector<fs::path> names = TRY(find_databases(data));
  NewFolder folder = TRY(NewFolder::create(target));
  BackupSize size;
  BlobCopy blobs(data, folder.path());
  TRY(blobs.take(size));
  std::vector<DatabaseSnapshot> snapshots;
  for (const fs::path& name : names) snapshots.push_back(TRY(DatabaseSnapshot::open(data / name)));
  for (DatabaseSnapshot& snapshot : snapshots) TRY(snapshot.hold_writers());
  for (DatabaseSnapshot& snapshot : snapshots) TRY(snapshot.begin());
  TRY(blobs.hold(size));
  for (DatabaseSnapshot& snapshot : snapshots) TRY(snapshot.release_writers());
  TRY(blobs.take_held(size));
  for (std::size_t i = 0; i < names.size(); ++i) {
    const fs::path copy = folder.path() / names[i];
    if (names[i].has_parent_path()) TRY(make_private_folder(copy.parent_path()));
    TRY(snapshots[i].copy_to(copy));
    ++size.databases;
    size.bytes += TRY(size_of(copy));
  }
  TRY(copy_files(data, folder.path(), files));
  TRY(folder.commit());
  return size;
}

Result<BackupSize> restore_backup(const fs::path& backup, const fs::path& data,
                                  const std::vector<std::string>& files) {
  TRY(check_outside(data, backup));
  const std::vector<fs::path> names = TRY(find_databases(backup));
  NewFolder folder = TRY(NewFolder::create(data));
  BackupSize size;
  for (const fs::path& name : names) {
    const fs::path copy = folder.path() / name;
    if (name.has_parent_path()) TRY(make_private_folder(copy.parent_path()));
    size.bytes += TRY(copy_content(backup / name, copy));
    ++size.databases;
    TRY(TRY(SqliteConnection::open(copy, Erasure::lazy))->check_whole());
  }
  TRY(BlobCopy(backup, folder.path()).take(size));
  TRY(copy_files(backup, folder.path(), files));
  TRY(folder.commit());
  return size;
}

Result<void> clean_up_after_backups(const fs::path& data) {
  const auto locked = lock_for_backup(data);
  if (!locked && locked.error().kind == ErrorKind::unavailable) return {};
  if (!locked) return std::unexpected(locked.error());
  return remove_held_blobs(data);
}

}  // namespace sightline::store
