#include "app/cli/commands.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/descriptor.h"
#include "base/utf8.h"
#include "sight/media/file_kind.h"

namespace sightline::cli {

void print_line(std::string_view line) {
  fmt::print(stderr, "{}\n", printable(line));
}

void print_error(const Error& error) {
  print_line("sightline: " + error.message);
}

Result<media::FileKind> kind_to_read(std::span<const std::uint8_t> head, const std::string& name) {
  const media::FileKind kind = media::file_kind(head);
  if (kind != media::FileKind::other ||
      media::file_kind(std::filesystem::path(name)) != media::FileKind::picture) {
    return kind == media::FileKind::picture ? kind : media::FileKind::clip;
  }
  return fail(
      ErrorKind::corrupt,
      fmt::format("'{}' cannot be read as a picture: its first bytes are those of no kind that is known; "
                  "is it whole, and a JPEG, PNG or WebP file?",
                  name));
}

Result<Bytes> read_head(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return std::unexpected(system_error("read", path, errno));
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return std::unexpected(system_error("read", path, errno));
  if (!S_ISREG(info.st_mode)) {
    return fail(
        ErrorKind::invalid_argument,
        fmt::format("'{}' is not a file; name a picture, a clip or a folder, or '-' for standard input",
                    path.string()));
  }
  Bytes head(media::kFileHead);
  const ssize_t n = ::read(file.get(), head.data(), head.size());
  if (n < 0) return std::unexpected(system_error("read", path, errno));
  if (n == 0) {
    return fail(ErrorKind::corrupt, fmt::format("'{}' is empty; check how it was copied", path.string()));
  }
  head.resize(static_cast<std::size_t>(n));
  return head;
}

}  // namespace sightline::cli
