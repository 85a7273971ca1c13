#pragma once
// Owner of a file descriptor.

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>

#include "base/result.h"

namespace sightline {

/// Closes what it owns; a negative number owns nothing. Not thread-safe.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  /// The caller owns it from now on.
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

/// Writes all of it, however many calls that takes; `path` is for the error (system_error).
[[nodiscard]] Result<void> write_all(int fd, std::span<const std::uint8_t> bytes,
                                     const std::filesystem::path& path);

}  // namespace sightline
