#include "cloud/identity/entity_policies.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "cloud/identity/customer_policies.h"
#include "cloud/identity/permission_tables.h"
#include "store/values.h"

namespace sightline::identity {
namespace {

using store::bytes;
using store::Row;
using store::text;
using store::Transaction;

std::int64_t inline_limit(EntityKind kind) {
  switch (kind) {
    case EntityKind::user:
      return kMaxInlineOfUser;
    case EntityKind::group:
      return kMaxInlineOfGroup;
    case EntityKind::role:
      break;
  }
  return kMaxInlineOfRole;
}

Answer<std::vector<InlinePolicy>> read_inline_policies(Transaction& transaction, std::string_view account,
                                                       const Entity& entity) {
  std::vector<InlinePolicy> policies;
  TRY(transaction.query(sql::kInlines, {account, entity.id}, [&](const Row& row) {
    policies.push_back({entity.name, text(row.bytes(0)), std::string(row.text(1))});
  }));
  return policies;
}

std::unexpected<Failure> no_such_policy_of(const Entity& entity, std::string_view name) {
  return refuse(Problem::no_such_inline_policy,
                fmt::format("the {} '{}' has no policy '{}'", name_of(entity.kind), entity.name, name),
                {.kind = entity.kind, .name = std::string(name)});
}

}  // namespace

Answer<void> EntityPolicies::put(std::string_view account, const EntityRef& ref, std::string_view name,
                                 std::string_view document) {
  const std::int64_t limit = inline_limit(ref.kind);
  const auto parsed =
      policy::Document::parse(document, policy::DocumentKind::identity, static_cast<std::size_t>(limit));
  if (!parsed && parsed.error().problem == policy::Problem::too_large)
    return over_limit(Quota::inline_size, ref.kind, ref.name, limit);
  if (!parsed) return refuse(Problem::malformed, parsed.error().error.message);
  return write<void>(backing_, [&](Transaction& transaction) -> Answer<void> {
    const Entity entity = TRY(find_entity(transaction, account, ref));
    TRY(transaction.execute(sql::kPutInline, {account, entity.id, bytes(name), document}));
    policy::PolicySize size;
    for (const InlinePolicy& policy : TRY(read_inline_policies(transaction, account, entity)))
      size += policy::size_of(policy.document);
    if (policy::is_too_large(size, static_cast<std::size_t>(limit)))
      return over_limit(Quota::inline_size, ref.kind, entity.name, limit);
    TRY(publish(transaction, backing_.book, account, entity));
    return {};
  });
}

Answer<InlinePolicy> EntityPolicies::get(std::string_view account, const EntityRef& ref,
                                         std::string_view name) {
  return read<InlinePolicy>(backing_, [&](Transaction& transaction) -> Answer<InlinePolicy> {
    const Entity entity = TRY(find_entity(transaction, account, ref));
    std::optional<InlinePolicy> found;
    TRY(transaction.query(sql::kInline, {account, entity.id, bytes(name)}, [&](const Row& row) {
      found = InlinePolicy{entity.name, std::string(name), std::string(row.text(0))};
    }));
    if (!found) return no_such_policy_of(entity, name);
    return *std::move(found);
  });
}

Answer<std::vector<InlinePolicy>> EntityPolicies::list(std::string_view account, const EntityRef& ref) {
  return read<std::vector<InlinePolicy>>(backing_, [&](Transaction& transaction) {
    const auto entity = find_entity(transaction, account, ref);
    if (!entity) return Answer<std::vector<InlinePolicy>>(std::unexpected(entity.error()));
    return read_inline_policies(transaction, account, *entity);
  });
}

Answer<void> EntityPolicies::remove(std::string_view account, const EntityRef& ref, std::string_view name) {
  return write<void>(backing_, [&](Transaction& transaction) -> Answer<void> {
    const Entity entity = TRY(find_entity(transaction, account, ref));
    if (TRY(transaction.execute(sql::kDeleteInline, {account, entity.id, bytes(name)})) == 0)
      return no_such_policy_of(entity, name);
    TRY(publish(transaction, backing_.book, account, entity));
    return {};
  });
}

Answer<void> EntityPolicies::attach(std::string_view account, const EntityRef& ref, std::string_view arn) {
  return write<void>(backing_, [&](Transaction& transaction) -> Answer<void> {
    const Entity entity = TRY(find_entity(transaction, account, ref));
    TRY(check_managed(transaction, account, arn));
    TRY(transaction.execute(sql::kAttach, {account, entity.id, arn}));
    if (TRY(count_rows(transaction, sql::kCountAttached, {account, entity.id})) > kMaxAttachments)
      return over_limit(Quota::attachments, ref.kind, entity.name, kMaxAttachments);
    TRY(publish(transaction, backing_.book, account, entity));
    return {};
  });
}

Answer<void> EntityPolicies::detach(std::string_view account, const EntityRef& ref, std::string_view arn) {
  return write<void>(backing_, [&](Transaction& transaction) -> Answer<void> {
    const Entity entity = TRY(find_entity(transaction, account, ref));
    if (TRY(transaction.execute(sql::kDetach, {account, entity.id, arn})) == 0)
      return refuse(Problem::not_attached,
                    fmt::format("'{}' is not attached to the {} '{}'", arn, name_of(ref.kind), entity.name),
                    {.kind = ref.kind, .name = std::string(arn)});
    TRY(publish(transaction, backing_.book, account, entity));
    return {};
  });
}

Answer<std::vector<std::string>> EntityPolicies::attached(std::string_view account, const EntityRef& ref) {
  return read<std::vector<std::string>>(
      backing_, [&](Transaction& transaction) -> Answer<std::vector<std::string>> {
        const Entity entity = TRY(find_entity(transaction, account, ref));
        std::vector<std::string> arns;
        TRY(transaction.query(sql::kAttached, {account, entity.id},
                              [&](const Row& row) { arns.emplace_back(row.text(0)); }));
        std::ranges::sort(arns);
        return arns;
      });
}

Answer<AttachedTo> EntityPolicies::attached_to(std::string_view account, std::string_view arn) {
  return read<AttachedTo>(backing_, [&](Transaction& transaction) -> Answer<AttachedTo> {
    TRY(check_managed(transaction, account, arn));
    std::vector<std::string> ids;
    TRY(transaction.query(sql::kAttachedTo, {account, arn},
                          [&](const Row& row) { ids.emplace_back(row.text(0)); }));
    AttachedTo all;
    for (const std::string& id : ids) {
      auto entity = TRY(find_entity_by_id(transaction, account, id));
      if (!entity) continue;
      auto& list = entity->kind == EntityKind::user    ? all.users
                   : entity->kind == EntityKind::group ? all.groups
                                                       : all.roles;
      list.push_back(*std::move(entity));
    }
    for (auto* list : {&all.users, &all.groups, &all.roles}) std::ranges::sort(*list, {}, &Entity::name);
    return all;
  });
}

}  // namespace sightline::identity
