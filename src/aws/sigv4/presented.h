#pragma once
// The signature that a request presents, taken apart but not yet believed.
//
// Signatures have a module of their own: they are read from the head alone, before anything of a model is,
// and the codecs in aws/wire know nothing of keys.

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "aws/wire/http.h"
#include "aws/wire/service_error.h"

namespace sightline::aws::sigv4 {

enum class Form {
  header,    ///< Signature Version 4 in Authorization
  query,     ///< Signature Version 4 in the query: a presigned request
  query_v2,  ///< Signature Version 2 in the query, for S3 alone
};

/// What the signature says about the body.
enum class Payload {
  hashed,                      ///< its SHA-256 is part of what was signed
  unsigned_body,               ///< nothing
  streaming_signed,            ///< chunks with a signature each
  streaming_signed_trailer,    ///< such chunks, then signed trailing headers
  streaming_unsigned_trailer,  ///< plain chunks, then trailing headers
};

struct Presented {
  Form form = Form::header;
  std::string access_key_id;
  std::string date;  ///< of the scope: YYYYMMDD
  std::string region;
  std::string service;
  std::vector<std::string> signed_headers;
  std::string signature;  ///< hexadecimal; of version 2 Base64
  std::optional<std::string> session_token;
  std::chrono::sys_seconds signed_at;
  std::optional<std::chrono::sys_seconds> expires_at;  ///< of a presigned request
  Payload payload = Payload::hashed;
  std::string payload_hash;  ///< as it stands in what was signed; empty: the body's own hash belongs there
  /// What x-amz-content-sha256 says, in the head or the query: services with the trait payload_in_head look
  /// at it.
  std::optional<std::string> declared_payload;

  [[nodiscard]] std::string timestamp() const;  ///< YYYYMMDDTHHMMSSZ
  [[nodiscard]] std::string scope() const { return date + "/" + region + "/" + service + "/aws4_request"; }
};

/// Why a signature cannot be read, before it is known in whose words to say so.
struct SignatureProblem {
  Form form = Form::header;
  std::string message = {};  ///< empty: there is no signature
};

/// The signature of a request, read once.
struct Signature {
  /// The service that it is for, as it says: also where the rest cannot be read. Empty without one.
  std::string service;
  std::expected<Presented, SignatureProblem> presented = std::unexpected(SignatureProblem{});

  /// Whether the request presents any signature, a readable one or not: if none, it is anonymous.
  [[nodiscard]] bool present() const { return presented || !presented.error().message.empty(); }
};
[[nodiscard]] Signature read_signature(const wire::HttpRequest& request);

/// Everything in its form and place for `service`, or its own error that says what is not. Nothing is
/// verified yet.
[[nodiscard]] wire::Answer<Presented> accept_form(Signature signature, const wire::Service& service);

/// What a request that nobody signed says of its body. Errors: a framing that there is not.
[[nodiscard]] wire::Answer<Presented> unsigned_form(const wire::HttpRequest& request);

/// 20150830T123600Z.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_basic_time(std::string_view text);

}  // namespace sightline::aws::sigv4
