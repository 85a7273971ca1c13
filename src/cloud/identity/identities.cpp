#include "cloud/identity/identities.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/ascii.h"
#include "cloud/identity/identity_rows.h"
#include "cloud/identity/identity_tables.h"
#include "cloud/identity/key_material.h"
#include "cloud/identity/permission_tables.h"
#include "cloud/identity/role_sessions.h"
#include "store/values.h"

namespace sightline::identity {
namespace {

using store::bytes;
using store::instant;
using store::number;
using store::Row;
using store::text;
using store::Transaction;

bool is_user_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z') ||
           std::string_view("_+=,.@-").contains(c);
  });
}

bool is_path(std::string_view path) {
  return !path.empty() && path.size() <= 512 && path.front() == '/' && path.back() == '/' &&
         std::ranges::all_of(path, [](char c) { return c > ' ' && c <= '~'; });
}

Result<Principal> read_owner(Transaction& transaction, std::string_view account, std::string_view user) {
  if (user.empty()) return root_of(account);
  const User found = TRY(read_user(transaction, account, user));
  return user_principal(account, found.id, found.path, found.name);
}

/// Columns: account, id, secret, owner, path and name of the user. nullopt when the owner is gone.
std::optional<Credential> credential_of(const Row& row) {
  Credential credential;
  credential.access_key_id = row.text(1);
  credential.secret = row.text(2);
  if (row.text(3) == row.text(0)) {
    credential.principal = root_of(row.text(0));
  } else if (!row.is_null(5)) {
    credential.principal = user_principal(row.text(0), row.text(3), row.text(4), row.text(5));
  } else {
    return std::nullopt;
  }
  return credential;
}

/// Sealed anew in the rows of a table, where that is due. True where one was.
Result<bool> seal_rows(Transaction& transaction, const SecretKeys& keys, Random& random,
                       std::string_view secrets, std::string_view set_secret) {
  struct Kept {
    std::string account;
    std::string id;
    std::string secret;
  };
  std::vector<Kept> due;
  TRY(transaction.query(secrets, {}, [&](const Row& row) {
    // The ended have none.
    if (!row.text(2).empty() && keys.needs_sealing(row.text(2)))
      due.push_back({std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2))});
  }));
  for (Kept& kept : due) {
    const std::string place = place_of(kept.account, kept.id);
    if (looks_sealed(kept.secret)) kept.secret = TRY(keys.open(kept.secret, place));
    TRY(transaction.execute(set_secret, {TRY(keys.seal(kept.secret, place, random)), kept.account, kept.id}));
  }
  return !due.empty();
}

/// Who has them, by the ids of the sessions. Of roles that are gone there are none.
Result<std::map<std::string, Principal, std::less<>>> read_role_sessions(Transaction& transaction) {
  std::map<std::string, Principal, std::less<>> principals;
  TRY(transaction.query(sql::kAllRoleSessions, {}, [&](const Row& row) {
    RoleSession session;
    session.role_id = row.text(4);
    session.role_arn = role_arn(row.text(0), row.text(3), row.text(2));
    session.name = row.text(5);
    session.source_identity = row.text(6);
    if (!row.text(7).empty()) session.policy = read_kept(row.text(7), policy::DocumentKind::session);
    session.policy_arns = split_arns(row.text(8));
    split_tags(row.text(9), session);
    principals.insert_or_assign(std::string(row.text(1)),
                                role_session_principal(row.text(0), row.text(2), std::move(session)));
  }));
  return principals;
}

Result<KeyRing::Keys> read_all(Transaction& transaction, const SecretKeys& secret_keys) {
  KeyRing::Keys keys;
  Result<void> opened;
  const auto keep = [&](Credential credential) {
    if (!credential.secret.empty()) {
      auto secret = secret_keys.open(credential.secret,
                                     place_of(credential.principal.account, credential.access_key_id));
      if (!secret)
        opened = std::unexpected(
            Error{secret.error().kind,
                  fmt::format("access key {}: {}", credential.access_key_id, secret.error().message)});
      credential.secret = std::move(secret).value_or("");
    }
    std::string id = credential.access_key_id;
    keys.insert_or_assign(std::move(id), std::move(credential));
  };
  TRY(transaction.query(sql::kAllKeys, {}, [&](const Row& row) {
    auto credential = credential_of(row);
    const bool owned = credential.has_value();
    if (!owned) credential.emplace().access_key_id = row.text(1);
    credential->active = owned && row.integer(6) != 0;
    keep(*std::move(credential));
  }));
  auto of_roles = TRY(read_role_sessions(transaction));
  TRY(transaction.query(sql::kAllSessions, {}, [&](const Row& row) {
    auto credential = credential_of(row);
    const auto of_role = of_roles.find(row.text(1));
    if (credential) {
      credential->principal.kind = PrincipalKind::session;
    } else {
      credential.emplace().access_key_id = row.text(1);
      credential->secret = row.text(2);
      if (of_role != of_roles.end()) credential->principal = std::move(of_role->second);
    }
    credential->active = row.integer(8) == 0 && credential->principal.kind != PrincipalKind::anonymous;
    credential->session_token = row.text(6);
    credential->expires = instant(row.integer(7));
    credential->principal.issued = instant(row.integer(9));
    keep(*std::move(credential));
  }));
  TRY(opened);
  return keys;
}

Result<KeyRing::Ids> read_gone(Transaction& transaction) {
  KeyRing::Ids gone;
  TRY(transaction.query(sql::kAllGone, {}, [&](const Row& row) { gone.emplace(row.text(0)); }));
  return gone;
}

/// The sessions that `statement` ends, by an account and one more value.
Result<std::vector<std::string>> end_sessions(Transaction& transaction, std::string_view statement,
                                              std::string_view account, std::string_view of) {
  std::vector<std::string> ended;
  TRY(transaction.query(statement, {account, of}, [&](const Row& row) { ended.emplace_back(row.text(0)); }));
  return ended;
}

}  // namespace

Result<std::unique_ptr<Identities>> Identities::open(store::Stores& stores, SecretKeys keys,
                                                     const Clock& clock, Random& random) {
  std::unique_ptr<Identities> identities(new Identities(std::move(keys), clock, random));
  identities->database_ =
      TRY(stores.open({kDatabase, {kIdentitySchema, kPermissionSchema}, store::Erasure::secure}));
  const Backing backing{*identities->database_, identities->book_, identities->ring_, clock, random};
  identities->roles_.emplace(backing);
  identities->groups_.emplace(backing);
  identities->entity_policies_.emplace(backing);
  identities->customer_policies_.emplace(backing);
  identities->tags_.emplace(backing);
  bool sealed = false;
  TRY(identities->database_->write([&](Transaction& transaction) -> Result<void> {
    sealed = false;
    for (const auto& [secrets, set_secret] : {std::pair(sql::kKeySecrets, sql::kSetKeySecret),
                                              std::pair(sql::kSessionSecrets, sql::kSetSessionSecret)})
      sealed |= TRY(seal_rows(transaction, identities->keys_, random, secrets, set_secret));
    return {};
  }));
  // What they were before is still in the journal. Where a reader holds that up, the next checkpoint takes
  // it.
  if (sealed) static_cast<void>(identities->database_->checkpoint());
  TRY(identities->reload());
  return identities;
}

std::optional<Credential> Identities::find_credential(std::string_view access_key_id) const {
  return ring_.find(access_key_id);
}

Result<void> Identities::reload() {
  // A write, so that it stands in line with those that change the ring.
  return database_->write([&](Transaction& transaction) -> Result<void> {
    transaction.after_commit([this, keys = TRY(read_all(transaction, keys_)),
                              gone = TRY(read_gone(transaction)),
                              book = TRY(read_book(transaction))]() mutable {
      // Whoever is in the ring is in the book by then.
      book_.replace(std::move(book));
      ring_.replace(std::move(keys), std::move(gone));
    });
    return {};
  });
}

Result<User> Identities::create_user(std::string_view account, std::string_view name, std::string_view path,
                                     std::span<const Tag> tags) {
  if (!is_account(account))
    return fail(ErrorKind::invalid_argument,
                fmt::format("'{}' is not an account: it has 12 digits", account));
  if (!is_user_name(name))
    return fail(ErrorKind::invalid_argument,
                fmt::format("'{}' is not a user's name: 1 to 64 letters, digits and _+=,.@-", name));
  if (!is_path(path))
    return fail(ErrorKind::invalid_argument,
                fmt::format("'{}' is not a path: it begins and ends with '/'", path));
  const std::string key = to_lower(name);
  User user{std::string(name), std::string(path), make_entity_id("AIDA", random_),
            user_arn(account, path, name), clock_.now()};
  TRY(database_->write([&](Transaction& transaction) -> Result<void> {
    if (TRY(count_rows(transaction, sql::kCountUsers, {account})) >= kMaxUsers)
      return fail(ErrorKind::too_large, fmt::format("an account has {} users at most", kMaxUsers));
    const auto inserted = transaction.execute(
        sql::kInsertUser, {account, bytes(key), user.name, user.path, user.id, number(user.created)});
    if (!inserted && inserted.error().kind == ErrorKind::already_exists)
      return fail(ErrorKind::already_exists, fmt::format("there is a user '{}' already", name));
    TRY(inserted);
    if (auto put = put_tags(transaction, account, user.id, tags); !put)
      return fail(put.error().problem == Problem::over_limit ? ErrorKind::too_large : put.error().error.kind,
                  put.error().error.message);
    return publish(transaction, book_, account,
                   {EntityKind::user, user.name, user.path, user.id, user.arn, user.created});
  }));
  return user;
}

Result<User> Identities::get_user(std::string_view account, std::string_view name) {
  std::optional<User> user;
  TRY(database_->read([&](Transaction& transaction) -> Result<void> {
    user = TRY(read_user(transaction, account, name));
    return {};
  }));
  return *std::move(user);
}

Result<UserPage> Identities::list_users(std::string_view account, const UserQuery& query) {
  UserPage page;
  std::string last;
  const auto length = static_cast<std::int64_t>(query.path_prefix.size());
  // One row more says whether there is a next page.
  const auto limit = static_cast<std::int64_t>(query.limit) + 1;
  TRY(database_->read([&](Transaction& transaction) {
    return transaction.query(sql::kUsers, {account, bytes(query.after), length, query.path_prefix, limit},
                             [&](const Row& row) {
                               if (page.users.size() == query.limit) {
                                 page.next = last;
                                 return;
                               }
                               page.users.push_back(user_of(row, account));
                               last = text(row.bytes(4));
                             });
  }));
  return page;
}

Answer<Entity> Identities::find_entity(std::string_view account, const EntityRef& ref) {
  return store::read_answer<Entity, Failure>(
      *database_, [&](Transaction& transaction) { return identity::find_entity(transaction, account, ref); });
}

Answer<void> Identities::change_user(std::string_view account, std::string_view name,
                                     std::optional<std::string_view> new_name,
                                     std::optional<std::string_view> new_path) {
  return store::write_answer<void, Failure>(*database_, [&](Transaction& transaction) -> Answer<void> {
    Entity user = TRY(identity::find_entity(transaction, account, {EntityKind::user, name}));
    const Entity before = user;
    if (new_name) user.name = *new_name;
    if (new_path) user.path = *new_path;
    user.arn = user_arn(account, user.path, user.name);
    const std::string key = to_lower(user.name);
    const auto changed =
        transaction.execute(sql::kChangeUser, {bytes(key), user.name, user.path, account, user.id});
    if (!changed && changed.error().kind == ErrorKind::already_exists)
      return refuse(Problem::already_exists, fmt::format("there is a user '{}' already", user.name),
                    {.name = user.name, .thing = Thing::user});
    TRY(changed);
    if (before.arn != user.arn) TRY(replace_in_trusts(transaction, book_, account, before, user.arn));
    transaction.after_commit([this, principal = user_principal(account, user.id, user.path, user.name)] {
      ring_.rename(principal);
    });
    TRY(publish(transaction, book_, account, user));
    return {};
  });
}

Answer<void> Identities::delete_user(std::string_view account, std::string_view name) {
  return store::write_answer<void, Failure>(*database_, [&](Transaction& transaction) -> Answer<void> {
    const Entity user = TRY(identity::find_entity(transaction, account, {EntityKind::user, name}));
    const Facts facts{.kind = EntityKind::user, .name = user.name};
    if (TRY(count_rows(transaction, sql::kCountKeys, {account, user.id})) > 0)
      return refuse(Problem::has_keys, fmt::format("the user '{}' has keys: delete them first", name), facts);
    if (TRY(count_rows(transaction, sql::kCountGroupsOf, {account, user.id})) > 0)
      return refuse(Problem::has_members, fmt::format("the user '{}' is in a group: take it out first", name),
                    facts);
    TRY(check_free(transaction, account, user));
    auto ended = TRY(end_sessions(transaction, sql::kEndSessionsOfOwner, account, user.id));
    const std::string key = to_lower(name);
    TRY(transaction.execute(sql::kDeleteTags, {account, user.id}));
    TRY(transaction.execute(sql::kDeleteUser, {account, bytes(key)}));
    TRY(replace_in_trusts(transaction, book_, account, user, user.id));
    transaction.after_commit([this, ended = std::move(ended)] { ring_.deactivate(ended); });
    publish_removal(transaction, book_, user.id);
    return {};
  });
}

Result<Credential> Identities::create_access_key(std::string_view account, std::string_view user) {
  if (!is_account(account))
    return fail(ErrorKind::invalid_argument,
                fmt::format("'{}' is not an account: it has 12 digits", account));
  Credential credential;
  credential.access_key_id = make_access_key_id("AKIA", random_);
  credential.secret = make_secret(random_);
  const std::string sealed =
      TRY(keys_.seal(credential.secret, place_of(account, credential.access_key_id), random_));
  const Instant now = clock_.now();
  TRY(database_->write([&](Transaction& transaction) -> Result<void> {
    credential.principal = TRY(read_owner(transaction, account, user));
    const std::string& owner = credential.principal.id;
    if (TRY(count_rows(transaction, sql::kCountKeys, {account, owner})) >= kMaxKeys)
      return fail(ErrorKind::too_large,
                  fmt::format("a user has {} access keys at most: delete one first", kMaxKeys));
    TRY(transaction.execute(sql::kInsertKey,
                            {account, credential.access_key_id, owner, sealed, number(now)}));
    transaction.after_commit([this, credential] { ring_.put(credential); });
    return {};
  }));
  return credential;
}

Result<std::vector<AccessKey>> Identities::list_access_keys(std::string_view account, std::string_view user) {
  std::vector<AccessKey> keys;
  TRY(database_->read([&](Transaction& transaction) -> Result<void> {
    const Principal owner = TRY(read_owner(transaction, account, user));
    return transaction.query(sql::kKeysOfOwner, {account, owner.id}, [&](const Row& row) {
      keys.push_back({std::string(row.text(0)), owner.name, row.integer(1) != 0, instant(row.integer(2))});
    });
  }));
  return keys;
}

Result<std::vector<AccessKey>> Identities::list_access_keys(std::string_view account) {
  std::vector<AccessKey> keys;
  TRY(database_->read([&](Transaction& transaction) {
    return transaction.query(sql::kKeysOfAccount, {account}, [&](const Row& row) {
      keys.push_back(
          {std::string(row.text(0)), std::string(row.text(3)), row.integer(1) != 0, instant(row.integer(2))});
    });
  }));
  return keys;
}

Result<void> Identities::update_access_key(std::string_view account, std::string_view user,
                                           std::string_view id, KeyState state) {
  const bool active = state == KeyState::active;
  return database_->write([&](Transaction& transaction) -> Result<void> {
    const Principal owner = TRY(read_owner(transaction, account, user));
    if (TRY(transaction.execute(sql::kSetActive, {std::int64_t{active}, account, id, owner.id})) == 0)
      return fail(ErrorKind::not_found, fmt::format("there is no access key '{}'", id));
    std::vector<std::string> ended;
    if (!active) ended = TRY(end_sessions(transaction, sql::kEndSessionsOfKey, account, id));
    transaction.after_commit([this, id = std::string(id), active, ended = std::move(ended)] {
      ring_.deactivate(ended);
      ring_.set_active(id, active);
    });
    return {};
  });
}

Result<void> Identities::delete_access_key(std::string_view account, std::string_view user,
                                           std::string_view id) {
  TRY(database_->write([&](Transaction& transaction) -> Result<void> {
    const Principal owner = TRY(read_owner(transaction, account, user));
    if (TRY(transaction.execute(sql::kDeleteKey, {account, id, owner.id})) == 0)
      return fail(ErrorKind::not_found, fmt::format("there is no access key '{}'", id));
    auto ended = TRY(end_sessions(transaction, sql::kEndSessionsOfKey, account, id));
    std::vector<std::string> gone = {std::string(id)};
    auto forgotten = TRY(keep_gone(transaction, gone));
    transaction.after_commit(
        [this, gone = std::move(gone), ended = std::move(ended), forgotten = std::move(forgotten)] {
          ring_.deactivate(ended);
          ring_.remove(gone);
          ring_.forget(forgotten);
        });
    return {};
  }));
  // The secret is still in the journal. Where a reader holds that up, the next checkpoint takes it.
  static_cast<void>(database_->checkpoint());
  return {};
}

}  // namespace sightline::identity
