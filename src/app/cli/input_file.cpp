#include "app/cli/input_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <span>
#include <vector>

#include "base/file.h"
#include "base/nameless_file.h"

namespace sightline::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kInMemory = std::size_t{64} << 20;
constexpr std::size_t kAtOnce = std::size_t{256} << 10;

fs::path path_of(int descriptor) {
  return fmt::format("/proc/self/fd/{}", descriptor);
}

/// Takes bytes until they are too many for memory, then moves to a file.
class Spool {
 public:
  Spool(std::string name, fs::path folder, std::uint64_t most)
      : name_(std::move(name)), folder_(std::move(folder)), most_(most) {}

  Result<void> add(std::span<const std::uint8_t> bytes) {
    size_ += bytes.size();
    if (size_ > most_) {
      return fail(ErrorKind::too_large, fmt::format("{} is larger than the limit of {} bytes", name_, most_));
    }
    if (file_) return write_all(file_->get(), bytes, copy_);
    memory_.insert(memory_.end(), bytes.begin(), bytes.end());
    if (memory_.size() <= kInMemory) return {};
    copy_ = fmt::format("the copy of {} in {}", name_, folder_.string());
    return move_to(TRY(nameless_file(folder_)));
  }
  /// What it took, as an open file.
  Result<Descriptor> finish() {
    if (!file_) {
      Descriptor memory(::memfd_create("sightline", MFD_CLOEXEC));
      if (memory.get() < 0) return std::unexpected(system_error("keep", name_, errno));
      copy_ = fmt::format("the copy of {} in memory", name_);
      TRY(move_to(std::move(memory)));
    }
    return std::move(*file_);
  }

 private:
  Result<void> move_to(Descriptor file) {
    TRY(write_all(file.get(), memory_, copy_));
    std::vector<std::uint8_t>().swap(memory_);
    file_.emplace(std::move(file));
    return {};
  }

  std::string name_;  ///< for errors
  fs::path folder_;
  std::string copy_;  ///< for errors: what is written to
  std::uint64_t most_;
  std::uint64_t size_ = 0;
  std::vector<std::uint8_t> memory_;
  std::optional<Descriptor> file_;
};

/// Waits until `descriptor` has something to read or its writers are gone.
Result<void> wait_readable(int descriptor, const std::stop_token& stop) {
  constexpr int kPause = 100;  // milliseconds from one look at `stop` to the next
  while (true) {
    if (stop.stop_requested()) return fail(ErrorKind::cancelled, "stopped on request");
    pollfd waited{descriptor, POLLIN, 0};
    if (::poll(&waited, 1, kPause) != 0) return {};  // an error shows when it is read
  }
}

Result<Descriptor> spool(int from, const std::string& name, Spool into, const std::stop_token& stop) {
  std::vector<std::uint8_t> buffer(kAtOnce);
  while (true) {
    TRY(wait_readable(from, stop));
    const ssize_t n = ::read(from, buffer.data(), buffer.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n < 0) return std::unexpected(system_error("read", name, errno));
    if (n == 0) return into.finish();
    TRY(into.add(std::span(buffer).first(static_cast<std::size_t>(n))));
  }
}

/// Whether a descriptor's file can be opened again by path and read from its beginning.
bool is_whole_file(int descriptor) {
  struct stat info{};
  if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) return false;
  return ::lseek(descriptor, 0, SEEK_CUR) == 0 && ::access(path_of(descriptor).c_str(), R_OK) == 0;
}

}  // namespace

bool is_standard_input(std::string_view name) {
  constexpr std::array<std::string_view, 4> kNames = {"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"};
  return std::ranges::find(kNames, name) != kNames.end();
}

bool is_pipe(std::string_view name) {
  if (is_standard_input(name)) return true;
  std::error_code ignored;
  const fs::file_type type = fs::status(name, ignored).type();
  return type == fs::file_type::fifo || type == fs::file_type::socket || type == fs::file_type::character;
}

Result<InputFile> InputFile::open(const std::string& name, const fs::path& spool_folder,
                                  const std::stop_token& stop, std::uint64_t most) {
  const bool standard = is_standard_input(name);
  if (standard && is_whole_file(STDIN_FILENO)) {
    return InputFile(path_of(STDIN_FILENO), "standard input", Descriptor(-1));
  }
  const std::string label = standard ? "standard input" : name;
  struct stat info{};
  if ((standard ? ::fstat(STDIN_FILENO, &info) : ::stat(name.c_str(), &info)) != 0) {
    return std::unexpected(system_error("read", label, errno));
  }
  if (!standard && S_ISREG(info.st_mode)) return InputFile(name, name, Descriptor(-1));
  if (S_ISDIR(info.st_mode) || S_ISBLK(info.st_mode)) {
    return fail(
        ErrorKind::invalid_argument,
        fmt::format("'{}' is not a file; name a picture or a clip, or '-' for standard input", label));
  }
  const Descriptor opened(standard ? -1 : ::open(name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!standard && opened.get() < 0) return std::unexpected(system_error("read", label, errno));
  Descriptor file =
      TRY(spool(standard ? STDIN_FILENO : opened.get(), label, Spool(label, spool_folder, most), stop));
  const fs::path path = path_of(file.get());
  return InputFile(path, label, std::move(file));
}

std::string InputFile::relabelled(std::string text) const {
  return path_ == name_ ? text : replaced(std::move(text), path_.string(), name_);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace sightline::cli
