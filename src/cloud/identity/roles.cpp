#include "cloud/identity/roles.h"

#include <fmt/format.h>

#include "base/ascii.h"
#include "cloud/identity/identity_tables.h"
#include "cloud/identity/key_material.h"
#include "cloud/identity/permission_tables.h"
#include "cloud/identity/tags.h"
#include "store/values.h"

namespace sightline::identity {
namespace {

using policy::DocumentKind;
using store::bytes;
using store::instant;
using store::number;
using store::Row;
using store::text;
using store::Transaction;

Role role_of(const Row& row, std::string_view account) {
  Role role;
  role.entity = {EntityKind::role,
                 std::string(row.text(0)),
                 std::string(row.text(1)),
                 std::string(row.text(2)),
                 role_arn(account, row.text(1), row.text(0)),
                 instant(row.integer(3))};
  role.trust = row.text(5);
  role.description = row.text(6);
  role.longest_session = std::chrono::seconds(row.integer(7));
  return role;
}

Answer<Role> read_role(Transaction& transaction, std::string_view account, std::string_view name) {
  const Entity entity = TRY(find_entity(transaction, account, {EntityKind::role, name}));
  Role role;
  TRY(transaction.query(sql::kRoleById, {account, entity.id},
                        [&](const Row& row) { role = role_of(row, account); }));
  role.tags = TRY(read_tags(transaction, account, entity.id));
  return role;
}

Answer<void> check_trust(std::string_view document, std::string_view role) {
  const auto parsed = policy::Document::parse(document, DocumentKind::trust, kMaxTrustSize);
  if (parsed) return {};
  if (parsed.error().problem == policy::Problem::too_large)
    return over_limit(Quota::trust_size, EntityKind::role, role, kMaxTrustSize);
  return refuse(Problem::malformed, parsed.error().error.message);
}

}  // namespace

Answer<Role> Roles::create(std::string_view account, const NewRole& wanted) {
  TRY(check_account(account));
  TRY(check_trust(wanted.trust, wanted.name));
  Role role;
  role.entity = {EntityKind::role,
                 std::string(wanted.name),
                 std::string(wanted.path),
                 make_entity_id("AROA", backing_.random),
                 role_arn(account, wanted.path, wanted.name),
                 backing_.clock.now()};
  role.trust = wanted.trust;
  role.description = wanted.description;
  role.longest_session = wanted.longest_session;
  const std::string key = to_lower(wanted.name);
  return write<Role>(backing_, [&](Transaction& transaction) -> Answer<Role> {
    if (TRY(count_rows(transaction, sql::kCountRoles, {account})) >= kMaxRoles)
      return over_limit(Quota::roles, EntityKind::role, account, kMaxRoles);
    const auto inserted =
        transaction.execute(sql::kInsertRole, {account, bytes(key), wanted.name, wanted.path, role.entity.id,
                                               number(role.entity.created), wanted.trust, wanted.description,
                                               static_cast<std::int64_t>(wanted.longest_session.count())});
    if (!inserted && inserted.error().kind == ErrorKind::already_exists)
      return refuse(Problem::already_exists, fmt::format("there is a role '{}' already", wanted.name),
                    {.name = role.entity.name, .thing = Thing::role});
    TRY(inserted);
    TRY(put_tags(transaction, account, role.entity.id, wanted.tags));
    role.tags = TRY(read_tags(transaction, account, role.entity.id));
    TRY(publish(transaction, backing_.book, account, role.entity));
    return role;
  });
}

Answer<Role> Roles::get(std::string_view account, std::string_view name) {
  return read<Role>(backing_,
                    [&](Transaction& transaction) { return read_role(transaction, account, name); });
}

Answer<Page<Role>> Roles::list(std::string_view account, const ListQuery& query) {
  return read<Page<Role>>(backing_, [&](Transaction& transaction) -> Answer<Page<Role>> {
    PageFiller<Role> filler(query.limit);
    TRY(transaction.query(sql::kRoles,
                          {account, bytes(query.after), static_cast<std::int64_t>(query.path_prefix.size()),
                           query.path_prefix, filler.rows()},
                          [&](const Row& row) { filler.add(role_of(row, account), text(row.bytes(4))); }));
    return filler.take();
  });
}

Answer<void> Roles::set_trust(std::string_view account, std::string_view name, std::string_view document) {
  TRY(check_trust(document, name));
  return write<void>(backing_, [&](Transaction& transaction) -> Answer<void> {
    const Entity role = TRY(find_entity(transaction, account, {EntityKind::role, name}));
    TRY(transaction.execute(sql::kSetTrust, {document, account, role.id}));
    TRY(publish(transaction, backing_.book, account, role));
    return {};
  });
}

Answer<Role> Roles::change(std::string_view account, std::string_view name,
                           std::optional<std::string_view> description,
                           std::optional<std::chrono::seconds> longest_session) {
  return write<Role>(backing_, [&](Transaction& transaction) -> Answer<Role> {
    Role role = TRY(read_role(transaction, account, name));
    if (description) role.description = *description;
    if (longest_session) role.longest_session = *longest_session;
    TRY(transaction.execute(
        sql::kChangeRole, {role.description, static_cast<std::int64_t>(role.longest_session.count()), account,
                           role.entity.id}));
    return role;
  });
}

Answer<void> Roles::remove(std::string_view account, std::string_view name) {
  TRY(write<void>(backing_, [&](Transaction& transaction) -> Answer<void> {
    const Entity role = TRY(find_entity(transaction, account, {EntityKind::role, name}));
    TRY(check_free(transaction, account, role));
    std::vector<std::string> ended;
    TRY(transaction.query(sql::kEndSessionsOfOwner, {account, role.id},
                          [&](const Row& row) { ended.emplace_back(row.text(0)); }));
    for (const std::string& id : ended) TRY(transaction.execute(sql::kDeleteRoleSession, {account, id}));
    TRY(transaction.execute(sql::kDeleteTags, {account, role.id}));
    TRY(transaction.execute(sql::kDeleteRole, {account, role.id}));
    TRY(replace_in_trusts(transaction, backing_.book, account, role, role.id));
    transaction.after_commit([&ring = backing_.ring, ended = std::move(ended)] { ring.deactivate(ended); });
    publish_removal(transaction, backing_.book, role.id);
    return {};
  }));
  // The tokens of its sessions are still in the journal. Where a reader holds that up, the next checkpoint
  // takes them.
  static_cast<void>(backing_.database.checkpoint());
  return {};
}

}  // namespace sightline::identity
