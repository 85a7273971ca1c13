#pragma once
// A signer of the tests' own, so that requests can be made and then changed.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "aws/sigv4/canonical_request.h"
#include "aws/sigv4/verify.h"
#include "base/ascii.h"
#include "base/hex.h"
#include "base/sha256.h"

namespace sightline::aws::sigv4 {

inline constexpr std::string_view kKeyId = "AKIDEXAMPLE";
inline constexpr std::string_view kOtherKeyId = "AKIAIOSFODNN7EXAMPLE";
inline constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

inline constexpr wire::Service kPlain{
    .name = "service", .protocol = wire::Protocol::json, .signing_name = "service"};
inline constexpr wire::Service kForms{
    .name = "forms", .protocol = wire::Protocol::query, .signing_name = "forms"};
inline constexpr wire::Service kS3{
    .name = "s3", .protocol = wire::Protocol::rest_xml, .signing_name = "s3", .traits = wire::kS3Traits};

inline std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// 2015-08-30T12:36:00Z, the time of AWS's own examples.
inline constexpr std::chrono::sys_seconds kNow{std::chrono::seconds(1440938160)};

/// Looks up the key, reads and verifies in one: "" or "code: message".
inline std::string outcome(const wire::HttpRequest& request, const wire::Service& service,
                           std::chrono::sys_seconds now = kNow, std::string_view secret = kSecret,
                           const std::optional<std::string>& bucket = std::nullopt) {
  const auto presented = accept_form(read_signature(request), service);
  if (!presented) return presented.error().code + ": " + presented.error().message;
  if (presented->access_key_id != kKeyId && presented->access_key_id != kOtherKeyId) return "no such key";
  const auto verified = verify(request, service, *presented, secret, now, bucket);
  return verified ? "" : verified.error().code + ": " + verified.error().message;
}

/// The signature over `headers` of a request that has all of them.
inline std::string sign(const wire::HttpRequest& request, const wire::Service& service,
                        const std::vector<std::string>& headers, std::string_view payload_hash,
                        std::string_view timestamp, std::string_view secret = kSecret) {
  const PathRule rule = service.traits.path_as_is ? PathRule::as_is : PathRule::normalized;
  const std::string canonical = canonical_request(request, rule, headers, payload_hash).value_or("");
  const std::string date(timestamp.substr(0, 8));
  const std::string text = fmt::format("AWS4-HMAC-SHA256\n{}\n{}/us-east-1/{}/aws4_request\n{}", timestamp,
                                       date, service.signing_name, sha256_hex(bytes_of(canonical)));
  Sha256Digest key = hmac_sha256(bytes_of(fmt::format("AWS4{}", secret)), date);
  key = hmac_sha256(key, "us-east-1");
  key = hmac_sha256(key, service.signing_name);
  key = hmac_sha256(key, "aws4_request");
  return hex(hmac_sha256(key, text));
}

inline std::string authorization(const wire::Service& service, const std::vector<std::string>& headers,
                                 std::string_view signature, std::string_view date = "20150830") {
  return fmt::format(
      "AWS4-HMAC-SHA256 Credential={}/{}/us-east-1/{}/aws4_request, SignedHeaders={}, Signature={}", kKeyId,
      date, service.signing_name, fmt::join(headers, ";"), signature);
}

/// Adds Authorization over every header that the request has.
inline void sign_all(wire::HttpRequest& request, const wire::Service& service,
                     std::string_view timestamp = "20150830T123600Z") {
  std::vector<std::string> names;
  for (const wire::Header& line : request.headers) {
    names.push_back(to_lower(line.name));
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  const auto said = request.headers.find("x-amz-content-sha256");
  const std::string hash =
      said && service.traits.payload_in_head ? std::string(*said) : sha256_hex(request.body);
  const std::string signature = sign(request, service, names, hash, timestamp);
  request.headers.add("Authorization", authorization(service, names, signature, timestamp.substr(0, 8)));
}

}  // namespace sightline::aws::sigv4
