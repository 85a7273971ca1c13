#pragma once
// A request's body on its way into a content.

#include "aws/s3/s3_error.h"
#include "aws/sigv4/payload.h"
#include "cloud/buckets/content_writer.h"

namespace sightline::aws::s3 {

/// Room for the framing of the largest upload in small chunks.
inline constexpr std::uint64_t kMaxUploadBody = buckets::kMaxContent + (std::uint64_t{1} << 30U);

/// All of it, verified.
[[nodiscard]] wire::Answer<void> receive(sigv4::PayloadReader& payload, buckets::ContentWriter& content,
                                         const Subject& subject);

}  // namespace sightline::aws::s3
