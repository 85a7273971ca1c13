#include "aws/sigv4/verify.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/sigv4/auth_error.h"
#include "aws/sigv4/canonical_request.h"
#include "aws/sigv4/sign.h"
#include "aws/sigv4/signature_v2.h"
#include "base/ascii.h"
#include "base/hex.h"
#include "base/sha256.h"

namespace sightline::aws::sigv4 {
namespace {

using wire::Answer;
using wire::HttpRequest;
using wire::Service;

constexpr std::string_view kEmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string basic(std::chrono::sys_seconds time) {
  Presented at;
  at.signed_at = time;
  return at.timestamp();
}

std::unexpected<wire::ServiceError> refuse(const Service& service, AuthFailure failure,
                                           std::string message = {}) {
  return std::unexpected(auth_error(service, failure, std::move(message)));
}

Answer<void> check_scope(const Service& service, const Presented& presented) {
  if (presented.service != service.signing_name) {
    return refuse(service, AuthFailure::mismatch,
                  fmt::format("Credential should be scoped to correct service: '{}'.", service.signing_name));
  }
  const std::string timestamp = presented.timestamp();
  if (presented.date == timestamp.substr(0, 8)) return {};
  return refuse(
      service, AuthFailure::mismatch,
      fmt::format("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                  "'{}' != '{}', from '{}'.",
                  presented.date, timestamp.substr(0, 8), timestamp));
}

/// Host, and all that AWS gives a meaning to, must be signed: an unsigned x-amz-copy-source would be another
/// request.
Answer<void> check_signed_headers(const HttpRequest& request, const Service& service,
                                  const Presented& presented) {
  const auto is_signed = [&](std::string_view name) {
    return std::ranges::any_of(presented.signed_headers,
                               [&](const std::string& own) { return equals_ignoring_case(own, name); });
  };
  if (!is_signed("host")) {
    return refuse(service, AuthFailure::unsigned_header,
                  "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  }
  const bool dated = request.headers.find("x-amz-date").has_value() || presented.form != Form::header;
  for (const wire::Header& line : request.headers) {
    const bool matters = equals_ignoring_case(line.name.substr(0, 6), "x-amz-") ||
                         (!dated && equals_ignoring_case(line.name, "date"));
    if (matters && !is_signed(line.name)) {
      wire::ServiceError error = auth_error(service, AuthFailure::unsigned_header);
      error.details = {{"HeadersNotSigned", line.name}};
      return std::unexpected(std::move(error));
    }
  }
  return {};
}

std::unexpected<wire::ServiceError> mismatch(const Service& service, const Presented& presented,
                                             std::string string_to_sign, std::string canonical) {
  wire::ServiceError error = auth_error(service, AuthFailure::mismatch);
  error.details = {{"AWSAccessKeyId", presented.access_key_id},
                   {"StringToSign", std::move(string_to_sign)},
                   {"SignatureProvided", presented.signature},
                   {"CanonicalRequest", std::move(canonical)}};
  return std::unexpected(std::move(error));
}

std::string streamed_signature(std::string_view algorithm, const Verified& head, std::string_view previous,
                               std::string_view rest) {
  return hex(hmac_sha256(head.signing_key, fmt::format("{}\n{}\n{}\n{}\n{}", algorithm, head.timestamp,
                                                       head.scope, previous, rest)));
}

}  // namespace

Answer<void> check_time(const Service& service, const Presented& presented, std::chrono::sys_seconds now) {
  const bool s3 = service.traits.s3_answers;
  if (presented.form != Form::query_v2 && presented.signed_at > now + kClockWindow) {
    return refuse(service, presented.form == Form::header ? AuthFailure::skewed : AuthFailure::expired,
                  s3 && presented.form == Form::header ? ""
                  : s3                                 ? "Request is not yet valid"
                       : fmt::format("Signature not yet current: {} is still later than {} ({} + 15 min.)",
                                     presented.timestamp(), basic(now + kClockWindow), basic(now)));
  }
  if (presented.expires_at) {
    if (now <= *presented.expires_at) return {};
    return refuse(service, AuthFailure::expired,
                  s3 ? ""
                     : fmt::format("Signature expired: {} is now earlier than {}",
                                   basic(*presented.expires_at), basic(now)));
  }
  if (presented.signed_at >= now - kClockWindow) return {};
  return refuse(service, AuthFailure::skewed,
                s3 ? ""
                   : fmt::format("Signature expired: {} is now earlier than {} ({} - 15 min.)",
                                 presented.timestamp(), basic(now - kClockWindow), basic(now)));
}

Answer<Verified> verify(const HttpRequest& request, const Service& service, const Presented& presented,
                        std::string_view secret, std::chrono::sys_seconds now,
                        const std::optional<std::string>& bucket) {
  TRY(check_time(service, presented, now));
  if (presented.form == Form::query_v2) {
    const std::string text = string_to_sign_v2(request, presented, bucket);
    if (!equal_in_constant_time(signature_v2(secret, text), presented.signature)) {
      return mismatch(service, presented, text, "");
    }
    return Verified{.payload = Payload::unsigned_body};
  }
  TRY(check_scope(service, presented));
  TRY(check_signed_headers(request, service, presented));
  const PathRule rule = service.traits.path_as_is ? PathRule::as_is : PathRule::normalized;
  const std::string hash = presented.payload_hash.empty() ? sha256_hex(request.body) : presented.payload_hash;
  const auto canonical = canonical_request(request, rule, presented.signed_headers, hash);
  if (!canonical) return refuse(service, AuthFailure::mismatch);
  Verified verified{.payload = presented.payload,
                    .payload_hash = hash,
                    .signing_key = signing_key(secret, presented.date, presented.region, presented.service),
                    .timestamp = presented.timestamp(),
                    .scope = presented.scope()};
  const std::string text = fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", verified.timestamp, verified.scope,
                                       sha256_hex(bytes_of(*canonical)));
  verified.seed_signature = hex(hmac_sha256(verified.signing_key, text));
  if (!equal_in_constant_time(verified.seed_signature, presented.signature)) {
    return mismatch(service, presented, text, *canonical);
  }
  return verified;
}

Verified unverified(const Presented& presented) {
  if (presented.form == Form::query_v2) return Verified{.payload = Payload::unsigned_body};
  return Verified{.payload = presented.payload, .payload_hash = presented.payload_hash};
}

std::string chunk_signature(const Verified& head, std::string_view previous, std::string_view chunk_hash) {
  return streamed_signature("AWS4-HMAC-SHA256-PAYLOAD", head, previous,
                            fmt::format("{}\n{}", kEmptyHash, chunk_hash));
}

std::string trailer_signature(const Verified& head, std::string_view previous,
                              std::string_view trailer_hash) {
  return streamed_signature("AWS4-HMAC-SHA256-TRAILER", head, previous, trailer_hash);
}

}  // namespace sightline::aws::sigv4
