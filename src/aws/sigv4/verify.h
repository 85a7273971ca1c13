#pragma once
// Whether a request was made by who knows the secret of the key that it names.
//
// All functions are pure: the caller looks up the key, and says what time it is. There is no memory of
// signatures that were seen: as with AWS, the same request may come twice within its time.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "aws/sigv4/presented.h"
#include "base/hmac.h"

namespace sightline::aws::sigv4 {

/// How far a clock may be off, either way.
inline constexpr std::chrono::minutes kClockWindow{15};

/// What is left to verify once the head is believed: the chunks of a streamed body.
struct Verified {
  Payload payload = Payload::hashed;
  std::string payload_hash = {};  ///< of S3: what the body's SHA-256 must be where `payload` is hashed
  Sha256Digest signing_key{};
  std::string timestamp = {};
  std::string scope = {};
  std::string seed_signature = {};  ///< that the first chunk's signature follows on
};

/// Whether the request comes within its time: 15 minutes of its date, or until a presigned one expires.
/// verify() looks at this too.
[[nodiscard]] wire::Answer<void> check_time(const wire::Service& service, const Presented& presented,
                                            std::chrono::sys_seconds now);

/// Verifies `presented`, which was read from `request`, with the secret of its key. Services whose heads do
/// not say what the body is have all of it in the request, and it is verified too. `bucket` is the one that
/// the Host header names.
[[nodiscard]] wire::Answer<Verified> verify(const wire::HttpRequest& request, const wire::Service& service,
                                            const Presented& presented, std::string_view secret,
                                            std::chrono::sys_seconds now,
                                            const std::optional<std::string>& bucket = std::nullopt);

/// What a request says of its body, where its signature cannot be verified and the caller is let in all the
/// same.
[[nodiscard]] Verified unverified(const Presented& presented);

/// The signature of a chunk whose bytes have this SHA-256 (hexadecimal), following on `previous`.
[[nodiscard]] std::string chunk_signature(const Verified& head, std::string_view previous,
                                          std::string_view chunk_hash);
/// The signature of the trailing headers, whose text (`name:value\n`, in their order) has this SHA-256.
[[nodiscard]] std::string trailer_signature(const Verified& head, std::string_view previous,
                                            std::string_view trailer_hash);

}  // namespace sightline::aws::sigv4
