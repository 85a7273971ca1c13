#include "aws/sigv4/sign.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "aws/sigv4/canonical_request.h"
#include "base/ascii.h"
#include "base/hex.h"
#include "base/sha256.h"

namespace sightline::aws::sigv4 {
namespace {

std::span<const std::uint8_t> as_bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

Sha256Digest signing_key(std::string_view secret, std::string_view date, std::string_view region,
                         std::string_view service) {
  Sha256Digest key = hmac_sha256(as_bytes_of(fmt::format("AWS4{}", secret)), date);
  key = hmac_sha256(key, region);
  key = hmac_sha256(key, service);
  return hmac_sha256(key, "aws4_request");
}

bool sign(wire::HttpRequest& request, const SigningKeys& keys, std::string_view region,
          std::string_view service, std::chrono::sys_seconds now) {
  const std::string timestamp = fmt::format("{:%Y%m%dT%H%M%SZ}", now);
  const std::string date = timestamp.substr(0, 8);
  request.headers.set("X-Amz-Date", timestamp);
  if (!keys.session_token.empty()) request.headers.set("X-Amz-Security-Token", keys.session_token);
  std::vector<std::string> names;
  for (const wire::Header& line : request.headers) names.push_back(to_lower(line.name));
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  const auto canonical = canonical_request(request, PathRule::normalized, names, sha256_hex(request.body));
  if (!canonical) return false;
  const std::string scope = fmt::format("{}/{}/{}/aws4_request", date, region, service);
  const std::string text =
      fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", timestamp, scope, sha256_hex(as_bytes_of(*canonical)));
  const Sha256Digest key = signing_key(keys.secret, date, region, service);
  request.headers.set(
      "Authorization",
      fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}", keys.access_key_id,
                  scope, fmt::join(names, ";"), hex(hmac_sha256(key, text))));
  return true;
}

}  // namespace sightline::aws::sigv4
