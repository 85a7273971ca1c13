// Bodies of every framing, read in pieces of arbitrary sizes: what is read is never more than came, signed
// chunks are never accepted, and an error stays.

#include <algorithm>

#include "aws/sigv4/payload_test_body.h"

namespace {

namespace sigv4 = sightline::aws::sigv4;
namespace wire = sightline::aws::wire;

constexpr wire::Service kS3{.name = "s3", .protocol = wire::Protocol::rest_xml, .signing_name = "s3"};

}  // namespace

/// The first byte chooses the framing, the second the pieces; then the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  sigv4::Verified head{.payload = static_cast<sigv4::Payload>(data[0] % 5),
                       .payload_hash = std::string(64, '0'),
                       .seed_signature = std::string(64, 'a')};
  const bool believed = (data[0] & 0x80U) != 0;
  std::vector<std::size_t> cuts;
  for (std::size_t at = 1 + data[1] % 16; at < bytes.size(); at += 1 + data[1] % 16) cuts.push_back(at);
  sigv4::test::SplitBody body(bytes, std::move(cuts));
  const auto reader = sigv4::make_payload_reader(
      body, {{"x-amz-trailer", "x-amz-checksum-crc32"}}, head, kS3,
      believed ? sigv4::ChunkSignatures::unverifiable : sigv4::ChunkSignatures::verified);
  if (!reader) return 0;
  std::string buffer(1 + data[1] / 16, '\0');
  std::size_t total = 0;
  while (true) {
    const auto count = (*reader)->read(buffer);
    if (!count) {
      if ((*reader)->read(buffer)) __builtin_trap();
      return 0;
    }
    if (*count == 0) break;
    total += *count;
    if (total > bytes.size()) __builtin_trap();
  }
  const bool is_signed = head.payload == sigv4::Payload::streaming_signed ||
                         head.payload == sigv4::Payload::streaming_signed_trailer;
  if ((is_signed && !believed) || head.payload == sigv4::Payload::hashed) __builtin_trap();
  return 0;
}
