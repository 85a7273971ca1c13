#pragma once
// What is decided: who wants to do what to which resource.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "cloud/policy/keys.h"

namespace sightline::policy {

enum class CallerKind {
  root,            ///< the account itself
  user,            ///< one of its users
  role,            ///< a role as such: nobody calls as one, but policies are tried out for it
  session,         ///< of an assumed role
  federated_user,  ///< of GetFederationToken
  service,         ///< "lambda.amazonaws.com", which acts for itself
  federated,       ///< someone whom an identity provider vouches for, before a role is assumed
  anonymous,       ///< nobody signed
};

/// Texts of others, which must outlive it.
struct Caller {
  CallerKind kind = CallerKind::anonymous;
  std::string_view account = {};  ///< 12 digits; empty for services, the federated and the anonymous
  std::string_view arn = {};      ///< of a session its own: arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION
  std::string_view name = {};     ///< of a user
  std::string_view id = {};       ///< AIDA..., AROA...:SESSION, of the root the account
  /// Of a session its role, of a federated user the user, with their paths.
  std::string_view source_arn = {};
  std::string_view source_id = {};       ///< the same one's id
  std::string_view canonical_user = {};  ///< of the account, as S3 knows it; empty where it is not known
  std::string_view service = {};         ///< of a service its name, of the federated their provider
};

/// Texts of others, which must outlive it.
struct Request {
  Caller caller;
  std::string_view action;            ///< "s3:GetObject"
  std::string_view resource;          ///< an ARN, or "*" where the action knows no resources
  std::string_view resource_account;  ///< whose it is, 12 digits; of "*" the caller's
  const Keys* keys = nullptr;         ///< never null in what is decided
};

/// What every request has besides its own keys.
struct RequestContext {
  Instant now;
  std::string_view source_ip;   ///< empty for a call from inside
  std::string_view user_agent;  ///< empty where the client says nothing
  std::string_view region;
  std::string_view resource_account;
  std::optional<bool> secure = false;        ///< it came over TLS; nothing where it is not known
  std::optional<Instant> token_issued = {};  ///< of temporary keys
  std::vector<std::pair<std::string, std::string>> principal_tags = {};  ///< of the user or the session
};

/// Adds the keys that AWS gives every request: aws:CurrentTime, aws:EpochTime, aws:SourceIp,
/// aws:PrincipalArn, aws:username and their like, as far as `caller` has them.
void add_global_keys(const Caller& caller, const RequestContext& around, Keys& keys);

}  // namespace sightline::policy
