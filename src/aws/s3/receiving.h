#pragma once
// A request's body on its way into a content.

#include "aws/dispatch/upload.h"
#include "aws/s3/checksums.h"
#include "aws/s3/s3_error.h"
#include "aws/sigv4/payload.h"
#include "cloud/buckets/content_writer.h"

namespace sightline::aws::s3 {

/// Room for the framing of the largest upload in small chunks.
inline constexpr std::uint64_t kMaxUploadBody = buckets::kMaxContent + (std::uint64_t{1} << 30U);

/// Refuses a body that says it is larger than an object may be.
[[nodiscard]] wire::Answer<void> check_length(const sigv4::PayloadDecoder& payload);

/// What uploads into one content share: its bytes, and what they must come to. As dispatch::Upload.
template <typename Op>
class ContentUpload : public dispatch::Upload<Op> {
 public:
  using Request = typename Op::Request;

  /// `payload` outlives it.
  ContentUpload(Request request, DeclaredChecksum declared, const sigv4::PayloadDecoder& payload,
                buckets::ContentWriter content)
      : request_(std::move(request)),
        subject_(subject_of(request_)),
        told_(std::move(declared)),
        payload_(payload),
        content_(std::move(content)) {}

  wire::Answer<void> take(std::span<const char> bytes) final {
    return to_service_error(content_.write(bytes), subject_);
  }

 protected:
  [[nodiscard]] wire::Answer<buckets::Expected> expected() const {
    return expected_of(told_, payload_, request_.content_md5);
  }

  const Request request_;
  const Subject subject_;
  const DeclaredChecksum told_;
  const sigv4::PayloadDecoder& payload_;
  buckets::ContentWriter content_;
};

}  // namespace sightline::aws::s3
