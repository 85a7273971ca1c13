#include "app/cli/commands.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "base/file.h"
#include "sight/media/picture.h"

namespace sightline::cli {

void print_error(const Error& error) {
  fmt::print(stderr, "sightline: {}\n", error.message);
}

Result<bool> is_picture_file(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return std::unexpected(system_error("read", path, errno));
  std::array<std::uint8_t, 64> head{};
  const ssize_t n = ::read(fd, head.data(), head.size());
  const int failure = errno;
  struct stat info{};
  const bool regular = ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
  ::close(fd);
  if (n < 0) return std::unexpected(system_error("read", path, failure));
  if (!regular) {
    return fail(
        ErrorKind::invalid_argument,
        fmt::format("'{}' is not a file; name a picture, a clip or a folder, or '-' for standard input",
                    path.string()));
  }
  if (n == 0) {
    return fail(ErrorKind::corrupt, fmt::format("'{}' is empty; check how it was copied", path.string()));
  }
  return media::looks_like_picture({head.data(), static_cast<std::size_t>(n)});
}

}  // namespace sightline::cli
