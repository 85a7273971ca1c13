#pragma once
// An input of a command as a file that can be read by its path, as often as need be.

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "base/result.h"

namespace sightline::cli {

/// True for "-" and the paths that mean standard input (/dev/stdin, /dev/fd/0, /proc/self/fd/0).
[[nodiscard]] bool is_standard_input(std::string_view name);

/// True for standard input and for a path of a pipe, a socket or a character device: what InputFile copies.
[[nodiscard]] bool is_pipe(std::string_view name);

/// A regular file is used where it lies. Standard input and other pipes are copied first ("spooled"): up to
/// 64 MiB in memory, beyond that into a file without a name, which is gone when this process is, however it
/// ends.
class InputFile {
 public:
  static constexpr std::uint64_t kMostSpooled = std::uint64_t{256} << 30;  ///< bytes

  /// `name` is a path or "-". `spool_folder` takes the nameless file. Waits for a pipe's writer to finish.
  /// Errors: those of reading; invalid_argument for a folder or a disk; too_large beyond `most` bytes;
  /// no_space; cancelled.
  static Result<InputFile> open(const std::string& name, const std::filesystem::path& spool_folder,
                                const std::stop_token& stop, std::uint64_t most = kMostSpooled);

  /// Readable while this object lives, by this process only where it was spooled.
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// For people: the path as typed, or "standard input".
  [[nodiscard]] const std::string& name() const { return name_; }
  /// `text`, a message about path(), with name() in its place.
  [[nodiscard]] std::string relabelled(std::string text) const;

 private:
  InputFile(std::filesystem::path path, std::string name, Descriptor spool)
      : path_(std::move(path)), name_(std::move(name)), spool_(std::move(spool)) {}

  std::filesystem::path path_;
  std::string name_;
  Descriptor spool_;  ///< keeps the nameless file
};

/// Every occurrence of `from` in `text` becomes `to`.
[[nodiscard]] std::string replaced(std::string text, std::string_view from, std::string_view to);

}  // namespace sightline::cli
