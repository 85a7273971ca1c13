#pragma once
// A content on its way in: into a blob, hashed as it passes, in constant memory.

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "cloud/buckets/failure.h"
#include "cloud/buckets/types.h"
#include "store/blobs.h"

namespace sightline::buckets {

/// What a client says its bytes must come to.
struct Expected {
  std::optional<std::string> md5 = {};       ///< Base64
  std::optional<std::string> checksum = {};  ///< Base64, by the algorithm that the writer checks
};

/// A content that is durable, and that no table knows yet.
struct SealedContent {
  store::BlobId blob;
  std::uint64_t size = 0;
  std::string md5;  ///< hexadecimal
  ChecksumAlgorithm algorithm = ChecksumAlgorithm::crc64nvme;
  std::string checksum;  ///< Base64
};

/// Of one thread. Destroyed before it was put somewhere (Buckets::put, put_part) it leaves nothing.
class ContentWriter {
 public:
  /// `checked` is the algorithm of what will be expected, where it is not the one that is kept.
  ContentWriter(std::unique_ptr<store::BlobWriter> blob, ChecksumAlgorithm kept,
                std::optional<ChecksumAlgorithm> checked = std::nullopt);
  /// Problems: storage (no_space among them), too_large.
  [[nodiscard]] Answer<void> write(std::span<const char> bytes);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Problems: bad_digest, bad_checksum; storage.
  [[nodiscard]] Answer<SealedContent> seal(const Expected& expected);

 private:
  std::unique_ptr<store::BlobWriter> blob_;
  ChecksumAlgorithm algorithm_;
  ChecksumHasher kept_;
  std::optional<ChecksumHasher> checked_;
  ChecksumAlgorithm checked_algorithm_;
  Digest md5_{DigestKind::md5};
  std::uint64_t size_ = 0;
};

}  // namespace sightline::buckets
