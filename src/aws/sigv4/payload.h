#pragma once
// The body as the client meant it: framing taken off, every hash and signature compared.
//
// S3 lets a request say how its body is framed (x-amz-content-sha256): as it is, with or without a SHA-256
// of the whole, or "aws-chunked" within whatever HTTP does to it: chunks with or without a signature each,
// and trailing headers. The body is given in pieces as they come, and its bytes are handed on before all of
// them are verified: nothing may be kept until finish() has succeeded.
// Source: "Signature calculations for the Authorization header: transferring payload in multiple chunks" and
// "... with trailing headers" in Amazon S3's API reference.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "aws/sigv4/verify.h"

namespace sightline::aws::sigv4 {

/// Takes bytes within the framing, at least one. Its error ends the decoding.
using PayloadSink = std::function<wire::Answer<void>(std::span<const char>)>;

/// Not thread-safe. An error stays: after it each call returns it again.
class PayloadDecoder {
 public:
  virtual ~PayloadDecoder() = default;
  /// The next piece of the body, of any size; what is in it goes to `sink`.
  [[nodiscard]] virtual wire::Answer<void> take(std::span<const char> piece, const PayloadSink& sink) = 0;
  /// The body has ended: succeeds where all of it has come and is verified.
  [[nodiscard]] virtual wire::Answer<void> finish() = 0;
  /// How many bytes there will be, where the request says so.
  [[nodiscard]] virtual std::optional<std::uint64_t> length() const = 0;
  /// What came after the body; whole once finish() has succeeded.
  [[nodiscard]] virtual const wire::Headers& trailers() const = 0;
  /// The names of what will come after the body, in small letters: known before it.
  [[nodiscard]] virtual std::span<const std::string> announced_trailers() const { return {}; }
};

/// Whether the signatures of chunks can be made again.
enum class ChunkSignatures {
  verified,
  unverifiable,  ///< of a key whose secret is not known, where that is allowed (local mode)
};

/// `head` and `verified` are of the request whose body this is. Needs `service` (for its errors) for as long
/// as it lives; not `head`. Refuses heads that say too little or contradict themselves.
[[nodiscard]] wire::Answer<std::unique_ptr<PayloadDecoder>> make_payload_decoder(
    const wire::Headers& head, const Verified& verified, const wire::Service& service,
    ChunkSignatures signatures = ChunkSignatures::verified);

/// In S3's words why a body does not come whole: the client is too slow (io), broken chunks of HTTP
/// (corrupt), over the limit (too_large).
[[nodiscard]] wire::ServiceError broken_body(const Error& error);

}  // namespace sightline::aws::sigv4
