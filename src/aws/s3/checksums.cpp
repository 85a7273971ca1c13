#include "aws/s3/checksums.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/s3/s3_error.h"
#include "base/ascii.h"
#include "base/base64.h"

namespace sightline::aws::s3 {
namespace {

std::string header_of(buckets::ChecksumAlgorithm algorithm) {
  return "x-amz-checksum-" + to_lower(buckets::name_of(algorithm));
}

wire::Answer<void> check_value(buckets::ChecksumAlgorithm algorithm, const std::string& value) {
  if (buckets::is_checksum(algorithm, value)) return {};
  return wire::refuse(kInvalidRequest, fmt::format("Value for {} header is invalid.", header_of(algorithm)));
}

std::unexpected<wire::ServiceError> mismatch(buckets::Problem problem, buckets::Facts facts = {}) {
  const auto failure = buckets::refuse(problem, "the body is not the one that was told", std::move(facts));
  return std::unexpected(error_of(failure.error(), {}));
}

}  // namespace

wire::Answer<void> add_declared(DeclaredChecksum& declared, buckets::ChecksumAlgorithm algorithm,
                                const std::optional<std::string>& value) {
  if (!value) return {};
  if (declared.value) {
    return wire::refuse(
        kInvalidRequest,
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
  }
  TRY(check_value(algorithm, *value));
  declared.algorithm = algorithm;
  declared.value = *value;
  return {};
}

void add_announced(DeclaredChecksum& declared, const sigv4::PayloadDecoder& payload) {
  if (declared.value) return;
  for (const auto algorithm : buckets::kChecksumAlgorithms) {
    std::string name = header_of(algorithm);
    if (std::ranges::find(payload.announced_trailers(), name) == payload.announced_trailers().end()) continue;
    declared.algorithm = algorithm;
    declared.trailer = std::move(name);
  }
}

wire::Answer<buckets::Expected> expected_of(const DeclaredChecksum& declared,
                                            const sigv4::PayloadDecoder& payload,
                                            const std::optional<std::string>& md5) {
  buckets::Expected expected{.md5 = md5, .checksum = declared.value};
  Bytes digest;
  if (md5 && (!base64_decode(*md5, digest) || digest.size() != 16))
    return wire::refuse(kInvalidDigest, "The Content-MD5 you specified was invalid.");
  if (!declared.trailer.empty()) {
    if (const auto value = payload.trailers().find(declared.trailer)) expected.checksum = *value;
    if (expected.checksum) TRY(check_value(*declared.algorithm, *expected.checksum));
  }
  return expected;
}

wire::Answer<bool> check_declared(const wire::HttpRequest& request) {
  const std::string_view body = request.body_text();
  if (const auto md5 = request.headers.find("content-md5")) {
    Bytes declared;
    if (!base64_decode(*md5, declared) || declared.size() != 16)
      return wire::refuse(kInvalidDigest, "The Content-MD5 you specified was invalid.");
    Digest digest(DigestKind::md5);
    digest.update(body);
    if (digest.finish() != declared) return mismatch(buckets::Problem::bad_digest);
  }
  DeclaredChecksum declared;
  for (const auto algorithm : buckets::kChecksumAlgorithms) {
    if (const auto value = request.headers.find(header_of(algorithm)))
      TRY(add_declared(declared, algorithm, std::string(*value)));
  }
  if (!declared.value)
    return request.headers.find("content-md5").has_value() ||
           request.headers.find("x-amz-trailer").has_value();
  buckets::ChecksumHasher hasher(*declared.algorithm);
  hasher.update(body);
  if (hasher.finish() != *declared.value)
    return mismatch(buckets::Problem::bad_checksum, {.algorithm = declared.algorithm});
  return true;
}

wire::Answer<void> check_body(const wire::HttpRequest& request) {
  if (TRY(check_declared(request))) return {};
  return wire::refuse(kInvalidRequest,
                      "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
}

}  // namespace sightline::aws::s3
