#include "app/server/data_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <string>
#include <system_error>

#include "base/file.h"

namespace sightline::server {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLockName = "server.lock";

/// "pid:[4026531836]": processes of one have numbers that all of them understand. Empty where /proc tells
/// nothing.
std::string pid_namespace() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/ns/pid", ignored).string();
}

/// "22 pid:[4026531836]\n"
ServerProcess read_process(int fd) {
  char text[96] = {};
  const ssize_t n = ::pread(fd, text, sizeof(text) - 1, 0);
  ServerProcess process;
  const char* const end = text + std::max<ssize_t>(n, 0);
  const auto [rest, error] = std::from_chars(text, end, process.pid);
  if (error != std::errc{} || process.pid <= 0) return {};
  process.reachable = std::string_view(rest, end) == " " + pid_namespace() + "\n";
  return process;
}

Result<Descriptor> lock(const fs::path& folder) {
  const fs::path path = folder / kLockName;
  Descriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (fd.get() < 0) return std::unexpected(system_error("create", path, errno));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    const pid_t pid = read_process(fd.get()).pid;
    return fail(ErrorKind::unavailable,
                fmt::format("'{}' is in use by another server{}: stop that one, or choose another --data",
                            folder.string(), pid > 0 ? fmt::format(" (process {})", pid) : ""));
  }
  const std::string pid = fmt::format("{} {}\n", ::getpid(), pid_namespace());
  if (::ftruncate(fd.get(), 0) != 0 ||
      ::pwrite(fd.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return std::unexpected(system_error("write", path, errno));
  }
  return fd;
}

}  // namespace

Result<DataFolder> DataFolder::open(const fs::path& folder) {
  std::error_code error;
  const bool fresh = fs::create_directories(folder, error);
  if (error) return std::unexpected(system_error("create", folder, error.value()));
  if (fresh && ::chmod(folder.c_str(), 0700) != 0) {
    return std::unexpected(system_error("protect", folder, errno));
  }
  Descriptor locked = TRY(lock(folder));
  return DataFolder(folder, std::move(locked), false);
}

Result<DataFolder> DataFolder::make_temporary() {
  std::error_code error;
  const fs::path parent = fs::temp_directory_path(error);
  std::string name = (parent / "sightline-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return std::unexpected(system_error("create", name, errno));
  Descriptor locked = TRY(lock(name));
  return DataFolder(name, std::move(locked), true);
}

DataFolder::DataFolder(DataFolder&& other) noexcept
    : path_(std::move(other.path_)),
      lock_(std::move(other.lock_)),
      temporary_(std::exchange(other.temporary_, false)) {}

DataFolder::~DataFolder() {
  std::error_code ignored;
  if (temporary_) fs::remove_all(path_, ignored);
}

std::optional<ServerProcess> find_server(const fs::path& folder) {
  const Descriptor fd(::open((folder / kLockName).c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return std::nullopt;
  // A shared lock is refused while a server holds its own.
  if (::flock(fd.get(), LOCK_SH | LOCK_NB) == 0) return std::nullopt;
  return read_process(fd.get());
}

Result<void> check_owner(const fs::path& folder) {
  struct stat info{};
  if (::stat(folder.c_str(), &info) != 0) return std::unexpected(system_error("read", folder, errno));
  if (info.st_uid == ::geteuid()) return {};
  return fail(ErrorKind::permission_denied,
              fmt::format("'{}' belongs to another user (id {}): run this as that user", folder.string(),
                          info.st_uid));
}

}  // namespace sightline::server
