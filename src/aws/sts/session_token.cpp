#include "aws/sts/session_token.h"

#include "aws/sts/sts_error.h"

namespace sightline::aws::sts {
wire::Answer<GetSessionTokenResponse> get_session_token(const GetSessionTokenRequest& request,
                                                        const dispatch::Context& context,
                                                        identity::Identities& identities) {
  if (request.serial_number || request.token_code)
    return wire::refuse(kAccessDenied, "MultiFactorAuthentication failed: there are no MFA devices here.");
  if (request.minimum_session_token_size.value_or(0) > identity::kSessionTokenSize)
    return std::unexpected(wire::validation_error(
        kService, "MinimumSessionTokenSize is larger than the tokens that are made here."));
  std::optional<std::chrono::seconds> length;
  if (request.duration_seconds) length = std::chrono::seconds(*request.duration_seconds);
  const auto session = identities.create_session(context.caller, length, context.issued_key);
  if (!session) {
    switch (session.error().kind) {
      case ErrorKind::not_found:  // deleted while this request was under way
      case ErrorKind::permission_denied:
        return wire::refuse(kAccessDenied, "Cannot call GetSessionToken with session credentials");
      case ErrorKind::too_large:
        return wire::refuse(kThrottling, "Rate exceeded");
      case ErrorKind::invalid_argument:
        return std::unexpected(wire::validation_error(kService, session.error().message));
      default:
        return std::unexpected(wire::internal_error(kService, session.error().message));
    }
  }
  Credentials credentials;
  credentials.access_key_id = session->access_key_id;
  credentials.secret_access_key = session->secret;
  credentials.session_token = session->session_token;
  credentials.expiration = session->expires;
  GetSessionTokenResponse response;
  response.credentials = credentials;
  response.session_token_size = identity::kSessionTokenSize;
  return response;
}

}  // namespace sightline::aws::sts
