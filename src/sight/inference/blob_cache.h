#pragma once
// Compiled models kept between runs. A cache: whatever goes wrong with it costs a compilation, nothing else.
//
// One file a key, named by the key's SHA-256 and holding key, hash and blob; it is read back only when all
// three agree, since the runtime does not survive an arbitrary damaged blob.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/file.h"

namespace sightline::inference {

/// Stateless over the file system; several threads and processes may share one folder.
class BlobCache {
 public:
  /// An empty folder disables the cache.
  explicit BlobCache(std::filesystem::path folder) : folder_(std::move(folder)) {}
  [[nodiscard]] bool enabled() const { return !folder_.empty(); }
  /// nullopt when absent, damaged or of another key.
  [[nodiscard]] std::optional<Bytes> load(std::string_view key) const;
  /// Best effort. Entries beyond kMaxEntries go, the least recently used first.
  void store(std::string_view key, std::span<const std::uint8_t> blob) const;

  static constexpr std::size_t kMaxEntries = 32;
  static constexpr std::size_t kMaxBlob = std::size_t{512} << 20;

 private:
  [[nodiscard]] std::filesystem::path path_of(std::string_view key) const;
  void evict() const;
  std::filesystem::path folder_;
};

}  // namespace sightline::inference
