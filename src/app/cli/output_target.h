#pragma once
// Where an output goes: a file, or a stream (standard output, a pipe, a device), which cannot take back what
// was written to it.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "base/result.h"

namespace sightline::cli {

/// True for "-", the paths that mean standard output, and an existing pipe or character device.
[[nodiscard]] bool is_stream(const std::string& output);

/// An open stream. What is written to it goes on at once; a reader that goes away is an error (io), no
/// signal.
class OutputStream {
 public:
  /// Errors: invalid_argument where it is a terminal; those of opening.
  static Result<OutputStream> open(const std::string& output);
  /// All of them, in pieces that a stop request can come between: cancelled.
  [[nodiscard]] Result<void> write(std::span<const std::uint8_t> bytes, const std::stop_token& stop);
  [[nodiscard]] Result<void> write_file(const std::filesystem::path& file, const std::stop_token& stop);

 private:
  OutputStream(std::string name, Descriptor file) : name_(std::move(name)), file_(std::move(file)) {}
  std::string name_;  ///< for people
  Descriptor file_;
};

/// A private folder for what is made before it goes into a stream. Removed by the destructor; what a killed
/// process left behind, the next one removes that needs such a folder in the same place.
class PrivateFolder {
 public:
  static Result<PrivateFolder> create(const std::filesystem::path& parent);
  PrivateFolder(PrivateFolder&&) noexcept = default;
  PrivateFolder& operator=(PrivateFolder&&) = delete;
  ~PrivateFolder();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  PrivateFolder(std::filesystem::path path, Descriptor lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}
  std::filesystem::path path_;  ///< empty where it was moved from
  Descriptor lock_;             ///< the folder, locked as long as this process uses it
};

}  // namespace sightline::cli
