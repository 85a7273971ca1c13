#include "cloud/buckets/content_writer.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "base/hex.h"

namespace sightline::buckets {

ContentWriter::ContentWriter(std::unique_ptr<store::BlobWriter> blob, ChecksumAlgorithm kept,
                             std::optional<ChecksumAlgorithm> checked)
    : blob_(std::move(blob)), algorithm_(kept), kept_(kept), checked_algorithm_(checked.value_or(kept)) {
  if (checked && *checked != kept) checked_.emplace(*checked);
}

Answer<void> ContentWriter::write(std::span<const char> bytes) {
  if (bytes.size() > kMaxContent - size_)
    return refuse(Problem::too_large, fmt::format("one upload has {} bytes at most", kMaxContent));
  TRY(blob_->write(bytes));
  md5_.update(bytes);
  kept_.update(bytes);
  if (checked_) checked_->update(bytes);
  size_ += bytes.size();
  return {};
}

Answer<SealedContent> ContentWriter::seal(const Expected& expected) {
  const Bytes md5 = md5_.finish();
  std::string checksum = kept_.finish();
  if (expected.md5 && *expected.md5 != base64_encode(md5))
    return refuse(Problem::bad_digest, "the MD5 is not that of the bytes that came");
  if (expected.checksum && *expected.checksum != (checked_ ? checked_->finish() : checksum))
    return refuse(Problem::bad_checksum, "the checksum is not that of the bytes that came",
                  {.algorithm = checked_algorithm_});
  return SealedContent{TRY(blob_->commit()), size_, hex(md5), algorithm_, std::move(checksum)};
}

}  // namespace sightline::buckets
