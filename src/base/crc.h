#pragma once
// Cyclic redundancy checks: CRC-32 (ISO-HDLC, as in zip), CRC-32C (Castagnoli) and CRC-64/NVME.
// Source of parameters and check values: the catalogue of parametrised CRC algorithms (reveng).

#include <cstdint>
#include <span>

namespace sightline {

enum class CrcKind { crc32, crc32c, crc64nvme };

/// One check under way. Not thread-safe.
class Crc {
 public:
  explicit Crc(CrcKind kind) : kind_(kind) {}
  void update(std::span<const char> bytes);
  /// Of what has come so far; in the low 32 bits but for crc64nvme.
  [[nodiscard]] std::uint64_t value() const;

 private:
  CrcKind kind_;
  std::uint64_t state_ = ~std::uint64_t{0};
};

/// The check of two contents one after the other, from the check of each and the length of the second.
[[nodiscard]] std::uint64_t combine_crc(CrcKind kind, std::uint64_t first, std::uint64_t second,
                                        std::uint64_t second_length);

}  // namespace sightline
