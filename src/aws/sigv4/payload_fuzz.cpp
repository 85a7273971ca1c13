// Bodies of every framing, taken in pieces of arbitrary sizes: what is in them is never more than came,
// signed chunks are never accepted, and an error stays.

#include "aws/sigv4/payload_test_body.h"

namespace {

namespace sigv4 = sightline::aws::sigv4;
namespace wire = sightline::aws::wire;

constexpr wire::Service kS3{
    .name = "s3", .protocol = wire::Protocol::rest_xml, .signing_name = "s3", .traits = wire::kS3Traits};

}  // namespace

/// The first byte chooses the framing, the second the pieces; then the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  sigv4::Verified head{.payload = static_cast<sigv4::Payload>(data[0] % 5),
                       .payload_hash = std::string(64, '0'),
                       .seed_signature = std::string(64, 'a')};
  const bool believed = (data[0] & 0x80U) != 0;
  const auto decoder = sigv4::make_payload_decoder(
      {{"x-amz-trailer", "x-amz-checksum-crc32"}}, head, kS3,
      believed ? sigv4::ChunkSignatures::unverifiable : sigv4::ChunkSignatures::verified);
  if (!decoder) return 0;
  std::size_t total = 0;
  const sigv4::PayloadSink count = [&](std::span<const char> piece) -> wire::Answer<void> {
    if (piece.empty()) __builtin_trap();
    total += piece.size();
    return {};
  };
  const std::size_t step = std::size_t{1} + data[1] % 16;
  bool good = true;
  for (std::size_t at = 0; good && at < bytes.size(); at += step)
    good = (*decoder)->take(bytes.substr(at, step), count).has_value();
  if (total > bytes.size()) __builtin_trap();
  if (!(*decoder)->finish()) {
    if ((*decoder)->finish()) __builtin_trap();
    return 0;
  }
  if (!good) __builtin_trap();
  const bool is_signed = head.payload == sigv4::Payload::streaming_signed ||
                         head.payload == sigv4::Payload::streaming_signed_trailer;
  if ((is_signed && !believed) || head.payload == sigv4::Payload::hashed) __builtin_trap();
  return 0;
}
