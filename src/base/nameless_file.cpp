#include "base/nameless_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/file.h"

namespace sightline {

Result<Descriptor> nameless_file(const std::filesystem::path& folder) {
  Descriptor file(::open(folder.c_str(), O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600));
  if (file.get() >= 0) return file;
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) {
    return std::unexpected(system_error("create a temporary file in", folder, errno));
  }
  // A file system that has none: a name that is gone a moment later.
  std::string pattern = (folder / ".sightline-XXXXXX").string();
  Descriptor named(::mkostemp(pattern.data(), O_CLOEXEC));
  if (named.get() < 0) return std::unexpected(system_error("create a temporary file in", folder, errno));
  ::unlink(pattern.c_str());
  return named;
}

}  // namespace sightline
