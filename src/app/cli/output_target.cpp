#include "app/cli/output_target.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <vector>

#include "base/file.h"

namespace sightline::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kPrefix = "sightline-output-";

bool is_standard_output(std::string_view name) {
  constexpr std::array<std::string_view, 4> kNames = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};
  return std::ranges::find(kNames, name) != kNames.end();
}

/// Folders of earlier processes that nobody holds any more.
void remove_abandoned(const fs::path& parent) {
  std::error_code ignored;
  for (fs::directory_iterator at(parent, ignored); at != fs::directory_iterator(); at.increment(ignored)) {
    const fs::path path = at->path();
    if (!path.filename().string().starts_with(kPrefix)) continue;
    const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat info{};
    const bool own = folder.get() >= 0 && ::fstat(folder.get(), &info) == 0 && info.st_uid == ::geteuid();
    if (own && ::flock(folder.get(), LOCK_EX | LOCK_NB) == 0) fs::remove_all(path, ignored);
  }
}

}  // namespace

bool is_stream(const std::string& output) {
  if (is_standard_output(output)) return true;
  std::error_code ignored;
  const fs::file_type type = fs::status(output, ignored).type();
  return type == fs::file_type::fifo || type == fs::file_type::character;
}

Result<OutputStream> OutputStream::open(const std::string& output) {
  const bool standard = is_standard_output(output);
  std::string name = standard ? "standard output" : output;
  const int fd =
      standard ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3) : ::open(output.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return std::unexpected(system_error("write", name, errno));
  Descriptor file(fd);
  if (::isatty(fd) != 0) {
    return fail(
        ErrorKind::invalid_argument,
        fmt::format("{} is a terminal; name the output with -o FILE, or send it through a pipe", name));
  }
  ::signal(SIGPIPE, SIG_IGN);
  return OutputStream(std::move(name), std::move(file));
}

Result<void> OutputStream::write(std::span<const std::uint8_t> bytes, const std::stop_token& stop) {
  constexpr int kPause = 100;                // milliseconds from one look at `stop` to the next
  constexpr std::size_t kAtOnce = PIPE_BUF;  // as much as a pipe that can be written to takes without waiting
  while (!bytes.empty()) {
    if (stop.stop_requested()) return fail(ErrorKind::cancelled, "stopped on request");
    pollfd waited{file_.get(), POLLOUT, 0};
    if (::poll(&waited, 1, kPause) == 0) continue;
    const auto piece = bytes.first(std::min(bytes.size(), kAtOnce));
    TRY(write_all(file_.get(), piece, name_));
    bytes = bytes.subspan(piece.size());
  }
  return {};
}

Result<void> OutputStream::write_file(const fs::path& file, const std::stop_token& stop) {
  const Descriptor from(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (from.get() < 0) return std::unexpected(system_error("read", file, errno));
  std::vector<std::uint8_t> buffer(std::size_t{1} << 20);
  while (true) {
    const ssize_t n = ::read(from.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::unexpected(system_error("read", file, errno));
    if (n == 0) return {};
    TRY(write(std::span(buffer).first(static_cast<std::size_t>(n)), stop));
  }
}

Result<PrivateFolder> PrivateFolder::create(const fs::path& parent) {
  remove_abandoned(parent);
  std::string path;
  // Another process that cleans up may take a folder for abandoned before it is locked: then once more.
  for (int tries = 0; tries < 10; ++tries) {
    path = (parent / kPrefix).string() + "XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) {
      return std::unexpected(system_error("create a temporary folder in", parent, errno));
    }
    Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() < 0 || ::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) continue;
    struct stat held{};
    struct stat named{};
    const bool is_there = ::fstat(folder.get(), &held) == 0 && ::stat(path.c_str(), &named) == 0 &&
                          held.st_dev == named.st_dev && held.st_ino == named.st_ino;
    if (is_there) return PrivateFolder(path, std::move(folder));
  }
  return std::unexpected(system_error("lock the folder", path, errno));
}

PrivateFolder::~PrivateFolder() {
  if (lock_.get() < 0) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace sightline::cli
