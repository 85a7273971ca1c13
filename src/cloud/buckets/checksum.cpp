#include "cloud/buckets/checksum.h"

#include <fmt/format.h>

#include "base/base64.h"

namespace sightline::buckets {
namespace {

struct ChecksumRow {
  ChecksumAlgorithm algorithm;
  std::string_view name;
  std::size_t bytes;
};

constexpr ChecksumRow kChecksumRows[] = {{ChecksumAlgorithm::crc32, "CRC32", 4},
                                         {ChecksumAlgorithm::crc32c, "CRC32C", 4},
                                         {ChecksumAlgorithm::crc64nvme, "CRC64NVME", 8},
                                         {ChecksumAlgorithm::sha1, "SHA1", 20},
                                         {ChecksumAlgorithm::sha256, "SHA256", 32}};

const ChecksumRow& row_of(ChecksumAlgorithm algorithm) {
  return kChecksumRows[static_cast<std::size_t>(algorithm)];
}

CrcKind crc_kind(ChecksumAlgorithm algorithm) {
  if (algorithm == ChecksumAlgorithm::crc32) return CrcKind::crc32;
  return algorithm == ChecksumAlgorithm::crc32c ? CrcKind::crc32c : CrcKind::crc64nvme;
}

/// The bytes of a checksum; nullopt where it is none.
std::optional<Bytes> bytes_of(ChecksumAlgorithm algorithm, std::string_view text) {
  Bytes bytes;
  const bool right = base64_decode(text, bytes) && bytes.size() == row_of(algorithm).bytes;
  return right ? std::optional(std::move(bytes)) : std::nullopt;
}

/// Highest byte first.
std::string crc_text(ChecksumAlgorithm algorithm, std::uint64_t crc) {
  Bytes bytes(row_of(algorithm).bytes);
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte, crc >>= 8U)
    *byte = static_cast<std::uint8_t>(crc & 0xFFU);
  return base64_encode(bytes);
}

std::variant<Crc, Digest> begin(ChecksumAlgorithm algorithm) {
  if (is_crc(algorithm)) return Crc(crc_kind(algorithm));
  return Digest(algorithm == ChecksumAlgorithm::sha1 ? DigestKind::sha1 : DigestKind::sha256);
}

}  // namespace

std::string_view name_of(ChecksumAlgorithm algorithm) {
  return row_of(algorithm).name;
}

std::optional<ChecksumAlgorithm> checksum_algorithm(std::string_view name) {
  for (const ChecksumRow& row : kChecksumRows) {
    if (row.name == name) return row.algorithm;
  }
  return std::nullopt;
}

bool is_crc(ChecksumAlgorithm algorithm) {
  return algorithm != ChecksumAlgorithm::sha1 && algorithm != ChecksumAlgorithm::sha256;
}

bool is_checksum(ChecksumAlgorithm algorithm, std::string_view text) {
  return bytes_of(algorithm, text).has_value();
}

ChecksumHasher::ChecksumHasher(ChecksumAlgorithm algorithm)
    : hash_(begin(algorithm)), algorithm_(algorithm) {}

void ChecksumHasher::update(std::span<const char> bytes) {
  std::visit([&](auto& hash) { hash.update(bytes); }, hash_);
}

std::string ChecksumHasher::finish() {
  if (auto* const crc = std::get_if<Crc>(&hash_)) return crc_text(algorithm_, crc->value());
  return base64_encode(std::get<Digest>(hash_).finish());
}

std::optional<std::string> full_checksum(ChecksumAlgorithm algorithm, std::span<const PartChecksum> parts) {
  if (!is_crc(algorithm)) return std::nullopt;
  std::uint64_t whole = 0;
  for (const PartChecksum& part : parts) {
    const auto bytes = bytes_of(algorithm, part.value);
    if (!bytes) return std::nullopt;
    std::uint64_t crc = 0;
    for (const std::uint8_t byte : *bytes) crc = crc << 8U | byte;
    whole = combine_crc(crc_kind(algorithm), whole, crc, part.size);
  }
  return crc_text(algorithm, whole);
}

std::optional<std::string> composite_checksum(ChecksumAlgorithm algorithm,
                                              std::span<const PartChecksum> parts) {
  ChecksumHasher hasher(algorithm);
  for (const PartChecksum& part : parts) {
    const auto bytes = bytes_of(algorithm, part.value);
    if (!bytes) return std::nullopt;
    hasher.update({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  }
  return fmt::format("{}-{}", hasher.finish(), parts.size());
}

}  // namespace sightline::buckets
