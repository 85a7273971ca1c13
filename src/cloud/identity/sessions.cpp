#include "cloud/identity/identities.h"

#include <fmt/format.h>

#include <algorithm>

#include "cloud/identity/identity_rows.h"
#include "cloud/identity/identity_tables.h"
#include "cloud/identity/key_material.h"
#include "cloud/identity/permission_tables.h"
#include "cloud/identity/tags.h"
#include "store/values.h"

namespace sightline::identity {
namespace {

using store::number;
using store::Row;
using store::Transaction;

/// For so long a request with an expired session hears that it has expired, not that the key is no good.
constexpr std::chrono::milliseconds kExpiredKept = std::chrono::hours(24);

Result<std::chrono::seconds> session_length(const Principal& principal,
                                            std::optional<std::chrono::seconds> asked) {
  if (principal.kind != PrincipalKind::user && principal.kind != PrincipalKind::root)
    return fail(ErrorKind::permission_denied, "a session is made with the keys of a user or of the root");
  if (asked && (*asked < kShortestSession || *asked > kLongestSession))
    return fail(ErrorKind::invalid_argument,
                fmt::format("a session lasts {} to {} seconds, not {}", kShortestSession.count(),
                            kLongestSession.count(), asked->count()));
  if (principal.kind == PrincipalKind::root) return std::min(asked.value_or(kRootSession), kRootSession);
  return asked.value_or(kUserSession);
}

/// Whether one more session of `owner` would be too many. Nobody but the root can take the root's part.
Result<bool> is_full(Transaction& transaction, std::string_view account, std::string_view owner) {
  const auto all = TRY(count_rows(transaction, sql::kCountSessions, {account}));
  if (owner == account) return all >= kMaxSessions;
  if (all >= kMaxSessions - kSessionsForRoot) return true;
  return TRY(count_rows(transaction, sql::kCountSessionsOf, {account, owner})) >= kMaxSessionsOfOwner;
}

/// Makes room for one more session of `owner`. The ids of those that went. Errors: too_large.
Result<std::vector<std::string>> make_room(Transaction& transaction, std::string_view account,
                                           std::string_view owner, Instant now) {
  std::vector<std::string> gone;
  const auto forget = [&](std::string_view statement, Instant until) {
    return transaction.query(statement, {account, number(until)},
                             [&](const Row& row) { gone.emplace_back(row.text(0)); });
  };
  TRY(forget(sql::kDeleteExpired, now - kExpiredKept));
  if (TRY(is_full(transaction, account, owner))) {
    TRY(forget(sql::kDeleteOver, now));
    if (TRY(is_full(transaction, account, owner)))
      return fail(
          ErrorKind::too_large,
          fmt::format("an account has {} sessions at most, {} of a user or role: wait for some to expire",
                      kMaxSessions, kMaxSessionsOfOwner));
  }
  for (const std::string& id : gone) TRY(transaction.execute(sql::kDeleteRoleSession, {account, id}));
  return gone;
}

}  // namespace

Result<Credential> Identities::create_session(const Principal& principal,
                                              std::optional<std::chrono::seconds> length,
                                              std::string_view made_with) {
  SessionRow row;
  row.principal = principal;
  row.principal.kind = PrincipalKind::session;
  row.owner = principal.id;
  row.length = TRY(session_length(principal, length));
  row.made_with = made_with;
  return keep_session(row, [&](Transaction& transaction, std::string_view) -> Result<void> {
    const std::string& account = principal.account;
    if (principal.kind == PrincipalKind::user &&
        TRY(read_user(transaction, account, principal.name)).id != principal.id)
      return fail(ErrorKind::not_found, fmt::format("there is no user '{}' any more", principal.name));
    if (!made_with.empty() &&
        TRY(count_rows(transaction, sql::kKeyIsActive, {account, made_with, principal.id})) == 0)
      return fail(ErrorKind::not_found,
                  fmt::format("there is no active access key '{}' any more", made_with));
    return {};
  });
}

Answer<Credential> Identities::create_role_session(std::string_view account, NewRoleSession wanted) {
  TRY(check_tags(wanted.session.tags));
  SessionRow row;
  row.owner = wanted.role_id;
  row.length = wanted.length;
  const RoleSession& session = wanted.session;
  const std::string policy = session.policy ? session.policy->text() : "";
  const std::string arns = join_arns(session.policy_arns);
  const std::string tags = join_tags(session);
  row.principal = role_session_principal(account, wanted.role_name, session);
  bool ended = false;
  auto made = keep_session(row, [&](Transaction& transaction, std::string_view id) -> Result<void> {
    ended = !TRY(find_entity_by_id(transaction, account, wanted.role_id));
    if (ended) return fail(ErrorKind::not_found, "the role is no more");
    TRY(transaction.execute(sql::kInsertRoleSession,
                            {account, id, session.name, session.source_identity, policy, arns, tags}));
    return {};
  });
  if (made) return *std::move(made);
  if (ended) return refuse(Problem::role_ended, made.error().message);
  if (made.error().kind == ErrorKind::too_large)
    return over_limit(Quota::sessions, EntityKind::role, account, kMaxSessions);
  return std::unexpected(Failure(std::move(made).error()));
}

Result<Credential> Identities::keep_session(
    const SessionRow& row, const std::function<Result<void>(Transaction&, std::string_view id)>& check) {
  const Instant now = clock_.now();
  Credential credential;
  credential.access_key_id = make_access_key_id("ASIA", random_);
  credential.secret = make_secret(random_);
  credential.session_token = make_session_token(random_);
  credential.expires = now + row.length;
  credential.principal = row.principal;
  credential.principal.issued = now;
  const std::string& account = row.principal.account;
  const std::string sealed =
      TRY(keys_.seal(credential.secret, place_of(account, credential.access_key_id), random_));
  TRY(database_->write([&](Transaction& transaction) -> Result<void> {
    TRY(check(transaction, credential.access_key_id));
    auto gone = TRY(make_room(transaction, account, row.owner, now));
    TRY(transaction.execute(sql::kInsertSession,
                            {account, credential.access_key_id, row.owner, sealed, *credential.session_token,
                             number(*credential.expires), row.made_with, number(now)}));
    auto forgotten = TRY(keep_gone(transaction, gone));
    transaction.after_commit([this, credential, gone = std::move(gone), forgotten = std::move(forgotten)] {
      ring_.remove(gone);
      ring_.forget(forgotten);
      ring_.put(credential);
    });
    return {};
  }));
  return credential;
}

}  // namespace sightline::identity
