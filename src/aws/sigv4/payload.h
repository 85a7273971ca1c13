#pragma once
// The body as the client meant it: framing taken off, every hash and signature compared.
//
// S3 lets a request say how its body is framed (x-amz-content-sha256): as it is, with or without a SHA-256
// of the whole, or "aws-chunked" within whatever HTTP does to it: chunks with or without a signature each,
// and trailing headers. Bytes are handed on as they come, before all of them are verified: nothing may be
// kept until read() has returned 0.
// Source: "Signature calculations for the Authorization header: transferring payload in multiple chunks" and
// "... with trailing headers" in Amazon S3's API reference.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "aws/sigv4/verify.h"
#include "net/handler.h"

namespace sightline::aws::sigv4 {

/// Of one thread.
class PayloadReader {
 public:
  virtual ~PayloadReader() = default;
  /// Waits until there is something to read; 0 at the end, once all of the body is verified. After an error
  /// there is nothing more to read.
  [[nodiscard]] virtual wire::Answer<std::size_t> read(std::span<char> into) = 0;
  /// How many bytes there will be, where the request tells.
  [[nodiscard]] virtual std::optional<std::uint64_t> length() const = 0;
  /// What came after the body; whole once read() has returned 0.
  [[nodiscard]] virtual const wire::Headers& trailers() const = 0;
  /// The names of what will come after the body, in small letters: known before it.
  [[nodiscard]] virtual std::span<const std::string> announced_trailers() const { return {}; }
};

/// Whether the signatures of chunks can be made again.
enum class ChunkSignatures {
  verified,
  unverifiable,  ///< of a key whose secret is not known, where that is allowed (local mode)
};

/// `head` and `verified` are of the request whose body this is. Needs `body` for as long as it lives, and
/// `service` (for its errors); not `head`. Refuses heads that say too little or contradict themselves.
[[nodiscard]] wire::Answer<std::unique_ptr<PayloadReader>> make_payload_reader(
    net::BodyReader& body, const wire::Headers& head, const Verified& verified, const wire::Service& service,
    ChunkSignatures signatures = ChunkSignatures::verified);

}  // namespace sightline::aws::sigv4
