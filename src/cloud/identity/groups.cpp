#include "cloud/identity/groups.h"

#include <fmt/format.h>

#include "base/ascii.h"
#include "cloud/identity/key_material.h"
#include "cloud/identity/permission_tables.h"
#include "store/values.h"

namespace sightline::identity {
namespace {

using store::bytes;
using store::instant;
using store::number;
using store::Row;
using store::text;
using store::Transaction;

Entity entity_of(const Row& row, EntityKind kind, std::string_view account) {
  return {kind,
          std::string(row.text(0)),
          std::string(row.text(1)),
          std::string(row.text(2)),
          kind == EntityKind::group ? group_arn(account, row.text(1), row.text(0))
                                    : user_arn(account, row.text(1), row.text(0)),
          instant(row.integer(3))};
}

std::unexpected<Failure> exists_already(std::string_view name) {
  return refuse(Problem::already_exists, fmt::format("there is a group '{}' already", name),
                {.name = std::string(name), .thing = Thing::group});
}

}  // namespace

Answer<Entity> Groups::create(std::string_view account, std::string_view name, std::string_view path) {
  TRY(check_account(account));
  Entity group{EntityKind::group,
               std::string(name),
               std::string(path),
               make_entity_id("AGPA", backing_.random),
               group_arn(account, path, name),
               backing_.clock.now()};
  const std::string key = to_lower(name);
  return write<Entity>(backing_, [&](Transaction& transaction) -> Answer<Entity> {
    if (TRY(count_rows(transaction, sql::kCountGroups, {account})) >= kMaxGroups)
      return over_limit(Quota::groups, EntityKind::group, account, kMaxGroups);
    const auto inserted = transaction.execute(
        sql::kInsertGroup, {account, bytes(key), name, path, group.id, number(group.created)});
    if (!inserted && inserted.error().kind == ErrorKind::already_exists) return exists_already(name);
    TRY(inserted);
    TRY(publish(transaction, backing_.book, account, group));
    return group;
  });
}

Answer<Entity> Groups::get(std::string_view account, std::string_view name) {
  return read<Entity>(backing_, [&](Transaction& transaction) {
    return find_entity(transaction, account, {EntityKind::group, name});
  });
}

Answer<Page<Entity>> Groups::list(std::string_view account, const ListQuery& query) {
  return read<Page<Entity>>(backing_, [&](Transaction& transaction) -> Answer<Page<Entity>> {
    PageFiller<Entity> filler(query.limit);
    TRY(transaction.query(
        sql::kGroups,
        {account, bytes(query.after), static_cast<std::int64_t>(query.path_prefix.size()), query.path_prefix,
         filler.rows()},
        [&](const Row& row) { filler.add(entity_of(row, EntityKind::group, account), text(row.bytes(4))); }));
    return filler.take();
  });
}

Answer<void> Groups::change(std::string_view account, std::string_view name,
                            std::optional<std::string_view> new_name,
                            std::optional<std::string_view> new_path) {
  return write<void>(backing_, [&](Transaction& transaction) -> Answer<void> {
    Entity group = TRY(find_entity(transaction, account, {EntityKind::group, name}));
    if (new_name) group.name = *new_name;
    if (new_path) group.path = *new_path;
    group.arn = group_arn(account, group.path, group.name);
    const std::string key = to_lower(group.name);
    const auto changed =
        transaction.execute(sql::kChangeGroup, {bytes(key), group.name, group.path, account, group.id});
    if (!changed && changed.error().kind == ErrorKind::already_exists) return exists_already(group.name);
    TRY(changed);
    TRY(publish(transaction, backing_.book, account, group));
    return {};
  });
}

Answer<void> Groups::remove(std::string_view account, std::string_view name) {
  return write<void>(backing_, [&](Transaction& transaction) -> Answer<void> {
    const Entity group = TRY(find_entity(transaction, account, {EntityKind::group, name}));
    if (TRY(count_rows(transaction, sql::kCountMembers, {account, group.id})) > 0)
      return refuse(Problem::has_members,
                    fmt::format("there are users in the group '{}': remove them first", name),
                    {.kind = EntityKind::group, .name = group.name});
    TRY(check_free(transaction, account, group));
    TRY(transaction.execute(sql::kDeleteGroup, {account, group.id}));
    publish_removal(transaction, backing_.book, group.id);
    return {};
  });
}

Answer<void> Groups::add_user(std::string_view account, std::string_view group, std::string_view user) {
  return write<void>(backing_, [&](Transaction& transaction) -> Answer<void> {
    const Entity to = TRY(find_entity(transaction, account, {EntityKind::group, group}));
    const Entity member = TRY(find_entity(transaction, account, {EntityKind::user, user}));
    TRY(transaction.execute(sql::kInsertMember, {account, to.id, member.id}));
    if (TRY(count_rows(transaction, sql::kCountGroupsOf, {account, member.id})) > kMaxGroupsOfUser)
      return over_limit(Quota::groups_of_a_user, EntityKind::user, member.name, kMaxGroupsOfUser);
    TRY(publish(transaction, backing_.book, account, member));
    return {};
  });
}

Answer<void> Groups::remove_user(std::string_view account, std::string_view group, std::string_view user) {
  return write<void>(backing_, [&](Transaction& transaction) -> Answer<void> {
    const Entity member = TRY(find_entity(transaction, account, {EntityKind::user, user}));
    const Entity from = TRY(find_entity(transaction, account, {EntityKind::group, group}));
    if (TRY(transaction.execute(sql::kDeleteMember, {account, from.id, member.id})) == 0)
      return refuse(Problem::not_a_member, fmt::format("the user '{}' is not in the group '{}'", user, group),
                    {.kind = EntityKind::user, .name = member.name});
    TRY(publish(transaction, backing_.book, account, member));
    return {};
  });
}

Answer<Page<Entity>> Groups::members(std::string_view account, std::string_view group,
                                     const ListQuery& query) {
  return read<Page<Entity>>(backing_, [&](Transaction& transaction) -> Answer<Page<Entity>> {
    const Entity of = TRY(find_entity(transaction, account, {EntityKind::group, group}));
    PageFiller<Entity> filler(query.limit);
    TRY(transaction.query(
        sql::kMembers, {account, of.id, bytes(query.after), filler.rows()},
        [&](const Row& row) { filler.add(entity_of(row, EntityKind::user, account), text(row.bytes(4))); }));
    return filler.take();
  });
}

Answer<std::vector<Entity>> Groups::groups_of(std::string_view account, std::string_view user) {
  return read<std::vector<Entity>>(backing_, [&](Transaction& transaction) -> Answer<std::vector<Entity>> {
    const Entity member = TRY(find_entity(transaction, account, {EntityKind::user, user}));
    std::vector<Entity> groups;
    TRY(transaction.query(sql::kGroupsOf, {account, member.id}, [&](const Row& row) {
      groups.push_back(entity_of(row, EntityKind::group, account));
    }));
    return groups;
  });
}

}  // namespace sightline::identity
