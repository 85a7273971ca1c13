#include "base/process/record_stream.h"

#include <bit>
#include <cstring>

namespace sightline::process {
namespace {

constexpr std::size_t kHead = 5;  // length (32 bit) and type
static_assert(std::endian::native == std::endian::little);

}  // namespace

Bytes frame_record(std::uint8_t type, std::span<const std::uint8_t> payload) {
  const auto size = static_cast<std::uint32_t>(payload.size());
  Bytes bytes(kHead);
  std::memcpy(bytes.data(), &size, sizeof(size));
  bytes[sizeof(size)] = type;
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

std::size_t framed_size(const RawRecord& record) {
  return kHead + record.payload.size();
}

void RecordStream::feed(std::span<const std::uint8_t> bytes) {
  if (broken_) return;
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(start_));
  start_ = 0;
  held_.insert(held_.end(), bytes.begin(), bytes.end());
}

Result<std::optional<RawRecord>> RecordStream::next() {
  const std::span<const std::uint8_t> left = std::span(held_).subspan(start_);
  if (!broken_ && left.size() < kHead) return std::optional<RawRecord>();
  std::uint32_t size = 0;
  if (!broken_) std::memcpy(&size, left.data(), sizeof(size));
  if (broken_ || size > max_payload_) {
    broken_ = true;
    held_.clear();
    start_ = 0;
    return fail(ErrorKind::corrupt, "a record is too long");
  }
  if (left.size() < kHead + size) return std::optional<RawRecord>();
  start_ += kHead + size;
  return RawRecord{left[sizeof(size)], left.subspan(kHead, size)};
}

}  // namespace sightline::process
