#pragma once
// Hashes of bytes that come in pieces: MD5 and SHA-1 where a protocol asks for them, SHA-256.

#include <cstdint>
#include <memory>
#include <span>

#include "base/file.h"

namespace sightline {

enum class DigestKind { md5, sha1, sha256 };

/// One hash under way, in constant memory. Not thread-safe.
class Digest {
 public:
  explicit Digest(DigestKind kind);
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;
  ~Digest();

  void update(std::span<const char> bytes);
  /// 16, 20 or 32 bytes. At most once; nothing may be added after it.
  [[nodiscard]] Bytes finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sightline
