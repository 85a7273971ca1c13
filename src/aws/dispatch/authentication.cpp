#include "aws/dispatch/authentication.h"

#include "aws/sigv4/auth_error.h"

namespace sightline::aws::dispatch {
namespace {

using sigv4::AuthFailure;

std::unexpected<wire::ServiceError> refuse(const wire::Service& service, AuthFailure failure) {
  return std::unexpected(sigv4::auth_error(service, failure));
}

/// Whether the request may name this credential at all, whatever its signature.
std::optional<AuthFailure> check_usable(const identity::Credential& credential,
                                        const sigv4::Presented& presented, Instant now) {
  if (!credential.active) return AuthFailure::unknown_key;
  if (credential.session_token.has_value() != presented.session_token.has_value()) {
    return AuthFailure::bad_token;
  }
  if (credential.session_token &&
      !equal_in_constant_time(*credential.session_token, *presented.session_token)) {
    return AuthFailure::bad_token;
  }
  if (credential.expires && *credential.expires <= now) return AuthFailure::expired_token;
  return std::nullopt;
}

}  // namespace

Authenticator::Authenticator(Mode mode, std::string account, FindCredential find, const Clock& clock)
    : mode_(mode), account_(std::move(account)), find_(std::move(find)), clock_(clock) {}

wire::Answer<Claim> Authenticator::claim(sigv4::Signature signature, const wire::Service& service,
                                         bool from_this_machine) const {
  auto presented = sigv4::accept_form(std::move(signature), service);
  if (!presented) return std::unexpected(std::move(presented).error());
  auto credential = find_(presented->access_key_id);
  if (!credential && (mode_ != Mode::local || !from_this_machine)) {
    return refuse(service, AuthFailure::unknown_key);
  }
  if (credential) {
    if (const auto failure = check_usable(*credential, *presented, clock_.now())) {
      return refuse(service, *failure);
    }
  }
  return Claim{std::move(*presented), std::move(credential)};
}

Claim anonymous_claim() {
  Claim claim;
  claim.anonymous = true;
  return claim;
}

wire::Answer<Claim> anonymous_claim(const wire::HttpRequest& request) {
  Claim claim = anonymous_claim();
  claim.presented = TRY(sigv4::unsigned_form(request));
  return claim;
}

wire::Answer<Caller> Authenticator::verify(const Claim& claim, const wire::HttpRequest& request,
                                           const wire::Service& service,
                                           const std::optional<std::string>& bucket) const {
  if (claim.anonymous) return Caller{{}, {}, sigv4::unverified(claim.presented), false};
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now());
  if (!claim.credential) {
    // A presigned request is meant for others, until a certain time, whoever signed it.
    if (claim.presented.form != sigv4::Form::header) TRY(sigv4::check_time(service, claim.presented, now));
    return Caller{identity::root_of(account_), claim.presented.region, sigv4::unverified(claim.presented),
                  false};
  }
  auto verified = sigv4::verify(request, service, claim.presented, claim.credential->secret, now, bucket);
  if (!verified) return std::unexpected(std::move(verified).error());
  return Caller{claim.credential->principal, claim.presented.region, std::move(*verified), true};
}

}  // namespace sightline::aws::dispatch
