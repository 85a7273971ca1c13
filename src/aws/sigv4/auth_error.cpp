#include "aws/sigv4/auth_error.h"

#include <array>

namespace sightline::aws::sigv4 {
namespace {

struct FailureAnswer {
  std::string_view code;
  int status;
  std::string_view message;
};

/// One row a failure: json services, query services, S3.
struct Row {
  FailureAnswer json;
  FailureAnswer query;
  FailureAnswer s3;
};

constexpr std::string_view kMismatch =
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details.";
constexpr std::string_view kS3Mismatch =
    "The request signature we calculated does not match the signature you provided. Check your key and "
    "signing "
    "method.";
constexpr std::string_view kInvalidToken = "The security token included in the request is invalid.";
constexpr std::string_view kExpiredToken = "The security token included in the request is expired";

constexpr std::array<Row, 10> kRows = {{
    {{"MissingAuthenticationTokenException", 400, "Missing Authentication Token"},
     {"MissingAuthenticationToken", 403, "Request is missing Authentication Token"},
     {"AccessDenied", 403, "Access Denied"}},
    {{"IncompleteSignatureException", 400, "The signature is incomplete."},
     {"IncompleteSignature", 400, "The signature is incomplete."},
     {"AuthorizationHeaderMalformed", 400, "The authorization header that you provided is not valid."}},
    {{"InvalidSignatureException", 400, kMismatch},
     {"SignatureDoesNotMatch", 403, kMismatch},
     {"SignatureDoesNotMatch", 403, kS3Mismatch}},
    {{"InvalidSignatureException", 400, "Signature expired"},
     {"SignatureDoesNotMatch", 403, "Signature expired"},
     {"RequestTimeTooSkewed", 403,
      "The difference between the request time and the current time is too large."}},
    {{"InvalidSignatureException", 400, "Signature expired"},
     {"SignatureDoesNotMatch", 403, "Signature expired"},
     {"AccessDenied", 403, "Request has expired"}},
    {{"UnrecognizedClientException", 400, kInvalidToken},
     {"InvalidClientTokenId", 403, kInvalidToken},
     {"InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."}},
    {{"UnrecognizedClientException", 400, kInvalidToken},
     {"InvalidClientTokenId", 403, kInvalidToken},
     {"InvalidToken", 400, "The provided token is malformed or otherwise invalid."}},
    {{"ExpiredTokenException", 400, kExpiredToken},
     {"ExpiredToken", 403, kExpiredToken},
     {"ExpiredToken", 400, "The provided token has expired."}},
    {{"InvalidSignatureException", 400, "A header that must be signed is not."},
     {"SignatureDoesNotMatch", 403, "A header that must be signed is not."},
     {"AccessDenied", 403, "There were headers present in the request which were not signed"}},
    {{"InvalidSignatureException", 400, kMismatch},
     {"SignatureDoesNotMatch", 403, kMismatch},
     {"XAmzContentSHA256Mismatch", 400,
      "The provided 'x-amz-content-sha256' header does not match what was computed."}},
}};

/// REST services in JSON have the names of json ones, and say 403.
FailureAnswer answer_of(const Row& row, wire::ErrorFamily family) {
  switch (family) {
    case wire::ErrorFamily::json:
      return row.json;
    case wire::ErrorFamily::rest_json:
      return {row.json.code, 403, row.json.message};
    case wire::ErrorFamily::query:
    case wire::ErrorFamily::rest_xml:
      return row.query;
    case wire::ErrorFamily::s3:
      break;
  }
  return row.s3;
}

}  // namespace

wire::ServiceError auth_error(const wire::Service& service, AuthFailure failure, std::string message) {
  const FailureAnswer answer =
      answer_of(kRows.at(static_cast<std::size_t>(failure)), wire::error_family(service));
  if (message.empty()) message = answer.message;
  return {std::string(answer.code), std::string(answer.code), std::move(message), answer.status,
          wire::Fault::sender};
}

}  // namespace sightline::aws::sigv4
