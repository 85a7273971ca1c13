#include "store/disk_use.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <system_error>

namespace sightline::store {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kBlock = 512;  // that st_blocks counts, whatever the file system's own

std::uint64_t bytes_of_file(const fs::path& path) {
  struct stat info{};
  return ::lstat(path.c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_blocks) * kBlock : 0;
}

}  // namespace

std::uint64_t bytes_on_disk(const fs::path& path, const std::stop_token& stop) {
  std::uint64_t bytes = bytes_of_file(path);
  std::error_code error;
  if (!fs::is_directory(fs::symlink_status(path, error))) return bytes;
  fs::recursive_directory_iterator at(path, fs::directory_options::skip_permission_denied, error);
  while (!error && at != fs::recursive_directory_iterator() && !stop.stop_requested()) {
    bytes += bytes_of_file(at->path());
    at.increment(error);
  }
  return bytes;
}

std::uint64_t free_bytes(const fs::path& folder) {
  struct statvfs info{};
  if (::statvfs(folder.c_str(), &info) != 0) return 0;
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

}  // namespace sightline::store
