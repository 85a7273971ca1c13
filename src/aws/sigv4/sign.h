#pragma once
// Signs requests of our own with Signature Version 4, in headers.

#include <chrono>
#include <string>
#include <string_view>

#include "aws/wire/http.h"
#include "base/hmac.h"

namespace sightline::aws::sigv4 {

/// The key that signs for a day ("20260102"), a region and a service.
[[nodiscard]] Sha256Digest signing_key(std::string_view secret, std::string_view date,
                                       std::string_view region, std::string_view service);

struct SigningKeys {
  std::string access_key_id;
  std::string secret;
  std::string session_token;  ///< may be empty
};

/// Adds X-Amz-Date, X-Amz-Security-Token and Authorization, over all headers that the request has (Host is
/// one) and its body. For services that normalise the path, as all but S3 do. False where the query cannot be
/// read: then nothing is added that would be accepted.
[[nodiscard]] bool sign(wire::HttpRequest& request, const SigningKeys& keys, std::string_view region,
                        std::string_view service, std::chrono::sys_seconds now);

}  // namespace sightline::aws::sigv4
