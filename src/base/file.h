#pragma once
// Files read whole under a bound, and files that appear under their final name only when whole.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sightline {

using Bytes = std::vector<std::uint8_t>;

/// The error for an errno value after `action` on `path`, with a remedy where one is known.
[[nodiscard]] Error system_error(std::string_view action, const std::filesystem::path& path, int errno_value);

/// Reads a regular file or pipe whole. ErrorKind::too_large beyond `max_bytes`.
[[nodiscard]] Result<Bytes> read_file(const std::filesystem::path& path, std::size_t max_bytes);

/// A file under construction: a hidden temporary name in the target's folder, removed by the destructor
/// unless commit() put it in place (fsync of file, rename, fsync of folder). Not thread-safe.
class PendingFile {
 public:
  /// Creates the temporary file at once, so that an unwritable folder is found before the work is done. It
  /// lies in `folder`, which must be on the target's file system; empty: the target's own folder.
  static Result<PendingFile> create(std::filesystem::path target, unsigned mode = 0644,
                                    const std::filesystem::path& folder = {});
  PendingFile(PendingFile&& other) noexcept;
  PendingFile& operator=(PendingFile&&) = delete;
  ~PendingFile();

  /// Where to write until commit().
  [[nodiscard]] const std::filesystem::path& temporary_path() const { return temporary_; }
  [[nodiscard]] Result<void> write(std::span<const std::uint8_t> bytes);
  /// Makes the file durable and renames it to its target. With `replace` false an existing target stays
  /// as it is and ErrorKind::already_exists is returned (no race: the kernel decides).
  [[nodiscard]] Result<void> commit(bool replace);

 private:
  PendingFile(std::filesystem::path target, std::filesystem::path temporary, int fd);
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  int fd_;
};

/// PendingFile in one call, for content that is in memory.
[[nodiscard]] Result<void> write_file_atomically(const std::filesystem::path& path,
                                                 std::span<const std::uint8_t> bytes, bool replace,
                                                 unsigned mode = 0644);

}  // namespace sightline
