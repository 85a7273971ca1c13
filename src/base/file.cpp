#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/descriptor.h"
#include "base/paths.h"
#include "base/words.h"

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE (1 << 0)
#endif

namespace sightline {

Error system_error(std::string_view action, const std::filesystem::path& path, int errno_value) {
  const auto text = [&](std::string_view remedy) {
    return fmt::format("cannot {} '{}': {}{}", action, path.string(), std::strerror(errno_value), remedy);
  };
  switch (errno_value) {
    case ENOENT:
      return {ErrorKind::not_found, text("; check the path")};
    case EEXIST:
      return {ErrorKind::already_exists, text("; use --force to replace it")};
    case EACCES:
    case EPERM:
    case EROFS:
      return {ErrorKind::permission_denied, text("; check the permissions or choose another folder")};
    case ENOSPC:
    case EDQUOT:
      return {ErrorKind::no_space, text("; free some space or choose another folder")};
    case EFBIG:
      return {ErrorKind::no_space,
              text("; raise the limit on the size of files (ulimit -f), or choose a file "
                   "system that takes larger ones")};
    case EISDIR:
      return {ErrorKind::invalid_argument, text("; name a file")};
    default:
      return {ErrorKind::io, text("")};
  }
}

Result<void> write_all(int fd, std::span<const std::uint8_t> bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      return std::unexpected(system_error("write", path, errno));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return std::unexpected(system_error("read", path, errno));
  Bytes bytes;
  struct stat info{};
  if (::fstat(fd.get(), &info) == 0 && S_ISREG(info.st_mode)) {
    if (static_cast<std::uint64_t>(info.st_size) > max_bytes) {
      return fail(ErrorKind::too_large, fmt::format("'{}' has {}; the limit is {}", path.string(),
                                                    counted(std::int64_t{info.st_size}, "byte"), max_bytes));
    }
    bytes.reserve(static_cast<std::size_t>(info.st_size) + 1);
  }
  constexpr std::size_t kStep = 1 << 16;
  while (true) {
    const std::size_t used = bytes.size();
    bytes.resize(used + kStep);
    const ssize_t n = ::read(fd.get(), bytes.data() + used, kStep);
    if (n < 0 && errno == EINTR) {
      bytes.resize(used);
      continue;
    }
    if (n < 0) return std::unexpected(system_error("read", path, errno));
    bytes.resize(used + static_cast<std::size_t>(n));
    if (n == 0) return bytes;
    if (bytes.size() > max_bytes) {
      return fail(ErrorKind::too_large,
                  fmt::format("'{}' is larger than the limit of {} bytes", path.string(), max_bytes));
    }
  }
}

Result<PendingFile> PendingFile::create(std::filesystem::path target, unsigned mode,
                                        const std::filesystem::path& folder) {
  const std::filesystem::path place = folder.empty() ? folder_of(target) : folder;
  std::string pattern = (place / fmt::format(".{}.XXXXXX", target.filename().string())).string();
  const int fd = ::mkostemp(pattern.data(), O_CLOEXEC);
  if (fd < 0) return std::unexpected(system_error("create a file beside", target, errno));
  const mode_t mask = ::umask(0);
  ::umask(mask);
  if (::fchmod(fd, static_cast<mode_t>(mode) & ~mask) != 0) {
    Error error = system_error("set the mode of", pattern, errno);
    ::close(fd);
    ::unlink(pattern.c_str());
    return std::unexpected(std::move(error));
  }
  return PendingFile(std::move(target), pattern, fd);
}

PendingFile::PendingFile(std::filesystem::path target, std::filesystem::path temporary, int fd)
    : target_(std::move(target)), temporary_(std::move(temporary)), fd_(fd) {}

PendingFile::PendingFile(PendingFile&& other) noexcept
    : target_(std::move(other.target_)),
      temporary_(std::move(other.temporary_)),
      fd_(std::exchange(other.fd_, -1)) {}

PendingFile::~PendingFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(temporary_.c_str());
}

Result<void> PendingFile::write(std::span<const std::uint8_t> bytes) {
  return write_all(fd_, bytes, target_);
}

Result<void> PendingFile::commit(bool replace) {
  if (::fsync(fd_) != 0) return std::unexpected(system_error("write", target_, errno));
  int failed =
      ::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, target_.c_str(), replace ? 0 : RENAME_NOREPLACE);
  if (failed != 0 && !replace && (errno == EINVAL || errno == ENOSYS)) {
    // A file system without RENAME_NOREPLACE: link() refuses an existing name just as atomically.
    failed = ::link(temporary_.c_str(), target_.c_str());
    if (failed == 0) ::unlink(temporary_.c_str());
  }
  if (failed != 0) return std::unexpected(system_error("write", target_, errno));
  ::close(std::exchange(fd_, -1));
  const Descriptor folder(::open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0) ::fsync(folder.get());
  return {};
}

Result<void> write_file_atomically(const std::filesystem::path& path, std::span<const std::uint8_t> bytes,
                                   bool replace, unsigned mode) {
  PendingFile file = TRY(PendingFile::create(path, mode));
  TRY(file.write(bytes));
  return file.commit(replace);
}

}  // namespace sightline
