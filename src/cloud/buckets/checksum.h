#pragma once
// The checksums that a client may ask for, in the form in which it tells and gets them: Base64.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/crc.h"
#include "base/digest.h"

namespace sightline::buckets {

enum class ChecksumAlgorithm { crc32, crc32c, crc64nvme, sha1, sha256 };

inline constexpr ChecksumAlgorithm kChecksumAlgorithms[] = {
    ChecksumAlgorithm::crc32, ChecksumAlgorithm::crc32c, ChecksumAlgorithm::crc64nvme,
    ChecksumAlgorithm::sha1, ChecksumAlgorithm::sha256};

/// "CRC64NVME"; how it is stored.
[[nodiscard]] std::string_view name_of(ChecksumAlgorithm algorithm);
[[nodiscard]] std::optional<ChecksumAlgorithm> checksum_algorithm(std::string_view name);
/// Whether the checksum of a whole follows from those of its parts.
[[nodiscard]] bool is_crc(ChecksumAlgorithm algorithm);
/// Whether `text` is Base64 of as many bytes as the algorithm gives.
[[nodiscard]] bool is_checksum(ChecksumAlgorithm algorithm, std::string_view text);

/// One checksum under way, in constant memory. Not thread-safe.
class ChecksumHasher {
 public:
  explicit ChecksumHasher(ChecksumAlgorithm algorithm);
  void update(std::span<const char> bytes);
  /// At most once.
  [[nodiscard]] std::string finish();

 private:
  std::variant<Crc, Digest> hash_;
  ChecksumAlgorithm algorithm_;
};

/// A part of a whole: its checksum in Base64, and its length.
struct PartChecksum {
  std::string value;
  std::uint64_t size = 0;
};

/// That of the whole, of a CRC; nullopt where a value is none.
[[nodiscard]] std::optional<std::string> full_checksum(ChecksumAlgorithm algorithm,
                                                       std::span<const PartChecksum> parts);
/// The checksum of the parts' checksums, with "-" and their number.
[[nodiscard]] std::optional<std::string> composite_checksum(ChecksumAlgorithm algorithm,
                                                            std::span<const PartChecksum> parts);

}  // namespace sightline::buckets
