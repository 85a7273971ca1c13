#include "aws/s3/receiving.h"

#include <vector>

namespace sightline::aws::s3 {
namespace {

constexpr std::size_t kBlock = 256 * 1024;

}  // namespace

wire::Answer<void> receive(sigv4::PayloadReader& payload, buckets::ContentWriter& content,
                           const Subject& subject) {
  if (payload.length().value_or(0) > buckets::kMaxContent)
    return wire::refuse(kEntityTooLarge, "Your proposed upload exceeds the maximum allowed size");
  std::vector<char> block(kBlock);
  while (const std::size_t count = TRY(payload.read(block)))
    TRY(in_words(content.write(std::span(block).first(count)), subject));
  return {};
}

}  // namespace sightline::aws::s3
