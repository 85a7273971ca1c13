#include "cloud/identity/entities.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "base/ascii.h"
#include "cloud/identity/identity_tables.h"
#include "cloud/identity/permission_tables.h"
#include "cloud/policy/principal_change.h"
#include "store/values.h"

namespace sightline::identity {
namespace {

using policy::DocumentKind;
using store::bytes;
using store::instant;
using store::Row;
using store::text;
using store::Transaction;

std::string arn_of(EntityKind kind, std::string_view account, std::string_view path, std::string_view name) {
  switch (kind) {
    case EntityKind::user:
      return user_arn(account, path, name);
    case EntityKind::group:
      return group_arn(account, path, name);
    case EntityKind::role:
      break;
  }
  return role_arn(account, path, name);
}

std::optional<EntityKind> kind_of_id(std::string_view id) {
  if (id.starts_with("AIDA")) return EntityKind::user;
  if (id.starts_with("AGPA")) return EntityKind::group;
  if (id.starts_with("AROA")) return EntityKind::role;
  return std::nullopt;
}

Result<std::optional<Entity>> read_entity(Transaction& transaction, std::string_view statement,
                                          EntityKind kind, std::string_view account, store::Value key) {
  std::optional<Entity> entity;
  TRY(transaction.query(statement, {account, key}, [&](const Row& row) {
    entity = Entity{kind,
                    std::string(row.text(0)),
                    std::string(row.text(1)),
                    std::string(row.text(2)),
                    arn_of(kind, account, row.text(1), row.text(0)),
                    instant(row.integer(3))};
  }));
  return entity;
}

}  // namespace

std::string_view name_of(EntityKind kind) {
  switch (kind) {
    case EntityKind::user:
      return "user";
    case EntityKind::group:
      return "group";
    case EntityKind::role:
      break;
  }
  return "role";
}

Answer<void> check_account(std::string_view account) {
  if (is_account(account)) return {};
  return refuse(Problem::invalid, fmt::format("'{}' is not an account: it has 12 digits", account));
}

Answer<Entity> find_entity(Transaction& transaction, std::string_view account, const EntityRef& ref) {
  const std::string_view statement = ref.kind == EntityKind::user    ? sql::kUser
                                     : ref.kind == EntityKind::group ? sql::kGroup
                                                                     : sql::kRole;
  const std::string key = to_lower(ref.name);
  auto entity = TRY(read_entity(transaction, statement, ref.kind, account, bytes(key)));
  if (entity) return *std::move(entity);
  return refuse(Problem::no_such_entity, fmt::format("there is no {} '{}'", name_of(ref.kind), ref.name),
                {.kind = ref.kind, .name = std::string(ref.name)});
}

Result<std::optional<Entity>> find_entity_by_id(Transaction& transaction, std::string_view account,
                                                std::string_view id) {
  const auto kind = kind_of_id(id);
  if (!kind) return std::optional<Entity>();
  const std::string_view statement = *kind == EntityKind::user    ? sql::kUserById
                                     : *kind == EntityKind::group ? sql::kGroupById
                                                                  : sql::kRoleById;
  return read_entity(transaction, statement, *kind, account, id);
}

Result<std::int64_t> count_rows(Transaction& transaction, std::string_view statement,
                                std::initializer_list<store::Value> values) {
  std::int64_t rows = 0;
  TRY(transaction.query(statement, values, [&](const Row& row) { rows = row.integer(0); }));
  return rows;
}

Result<std::vector<Tag>> read_tags(Transaction& transaction, std::string_view account, std::string_view id) {
  std::vector<Tag> tags;
  TRY(transaction.query(sql::kTags, {account, id}, [&](const Row& row) {
    tags.push_back({std::string(row.text(0)), std::string(row.text(1))});
  }));
  return tags;
}

Result<void> publish(Transaction& transaction, PolicyBook& book, std::string_view account,
                     const Entity& entity) {
  auto holder = std::make_shared<Holder>();
  holder->id = entity.id;
  holder->account = account;
  holder->arn = entity.arn;
  TRY(transaction.query(sql::kInlines, {account, entity.id}, [&](const Row& row) {
    holder->inline_policies.push_back({text(row.bytes(0)), read_kept(row.text(1), DocumentKind::identity)});
  }));
  TRY(transaction.query(sql::kAttached, {account, entity.id},
                        [&](const Row& row) { holder->attached.emplace_back(row.text(0)); }));
  holder->tags = TRY(read_tags(transaction, account, entity.id));
  if (entity.kind == EntityKind::user)
    TRY(transaction.query(sql::kMemberIds, {account, entity.id},
                          [&](const Row& row) { holder->groups.emplace_back(row.text(0)); }));
  if (entity.kind == EntityKind::role)
    TRY(transaction.query(sql::kRoleById, {account, entity.id}, [&](const Row& row) {
      holder->trust = read_kept(row.text(5), DocumentKind::trust);
    }));
  transaction.after_commit([&book, holder = std::move(holder)] {
    PolicyBook::Changes changes;
    changes.holders.emplace_back(holder->id, holder);
    book.apply(std::move(changes));
  });
  return {};
}

void publish_removal(Transaction& transaction, PolicyBook& book, std::string_view id) {
  transaction.after_commit([&book, id = std::string(id)] {
    PolicyBook::Changes changes;
    changes.holders.emplace_back(id, nullptr);
    book.apply(std::move(changes));
  });
}

Result<void> replace_in_trusts(Transaction& transaction, PolicyBook& book, std::string_view account,
                               const Entity& named, std::string_view by) {
  struct Trusting {
    std::string account;
    Entity role;
    std::string trust;
  };
  const std::string sessions = fmt::format("arn:aws:sts::{}:assumed-role/{}/", account, named.name);
  const auto is_meant = [&](std::string_view text) {
    return text == named.arn || (named.kind == EntityKind::role && text.starts_with(sessions));
  };
  std::vector<Trusting> all;
  TRY(transaction.query(sql::kAllTrusts, {}, [&](const Row& row) {
    // Most need not be parsed; what is escaped may say any name.
    if (!row.text(5).contains(named.name) && !row.text(5).contains('\\')) return;
    auto changed = policy::replace_principals(row.text(5), is_meant, by);
    if (!changed) return;
    all.push_back(
        {std::string(row.text(0)),
         {EntityKind::role, std::string(row.text(2)), std::string(row.text(3)), std::string(row.text(1)),
          role_arn(row.text(0), row.text(3), row.text(2)), instant(row.integer(4))},
         *std::move(changed)});
  }));
  for (const Trusting& one : all) {
    TRY(transaction.execute(sql::kSetTrust, {one.trust, one.account, one.role.id}));
    TRY(publish(transaction, book, one.account, one.role));
  }
  return {};
}

Answer<void> check_free(Transaction& transaction, std::string_view account, const Entity& entity) {
  const Facts facts{.kind = entity.kind, .name = entity.name};
  const std::string what = fmt::format("the {} '{}' still has", name_of(entity.kind), entity.name);
  if (TRY(count_rows(transaction, sql::kCountAttached, {account, entity.id})) > 0)
    return refuse(Problem::has_attachments, what + " policies attached: detach them first", facts);
  bool any = false;
  TRY(transaction.query(sql::kInlines, {account, entity.id}, [&](const Row&) { any = true; }));
  if (any)
    return refuse(Problem::has_inline_policies, what + " policies of its own: delete them first", facts);
  return {};
}

Result<PolicyBook::Changes> read_book(Transaction& transaction) {
  std::map<std::string, std::shared_ptr<Holder>, std::less<>> holders;
  const auto holder_of = [&](std::string_view id) {
    const auto found = holders.find(id);
    return found == holders.end() ? nullptr : found->second.get();
  };
  TRY(transaction.query(sql::kAllHolders, {}, [&](const Row& row) {
    const auto kind = static_cast<EntityKind>(row.integer(0));
    auto holder = std::make_shared<Holder>();
    holder->account = row.text(1);
    holder->id = row.text(2);
    holder->arn = arn_of(kind, row.text(1), row.text(3), row.text(4));
    if (kind == EntityKind::role) holder->trust = read_kept(row.text(5), DocumentKind::trust);
    std::string id = holder->id;
    holders.insert_or_assign(std::move(id), std::move(holder));
  }));
  TRY(transaction.query(sql::kAllInlines, {}, [&](const Row& row) {
    if (Holder* holder = holder_of(row.text(0)))
      holder->inline_policies.push_back({text(row.bytes(1)), read_kept(row.text(2), DocumentKind::identity)});
  }));
  TRY(transaction.query(sql::kAllAttached, {}, [&](const Row& row) {
    if (Holder* holder = holder_of(row.text(0))) holder->attached.emplace_back(row.text(1));
  }));
  TRY(transaction.query(sql::kAllMembers, {}, [&](const Row& row) {
    if (Holder* holder = holder_of(row.text(0))) holder->groups.emplace_back(row.text(1));
  }));
  TRY(transaction.query(sql::kAllTags, {}, [&](const Row& row) {
    if (Holder* holder = holder_of(row.text(0)))
      holder->tags.push_back({std::string(row.text(1)), std::string(row.text(2))});
  }));
  PolicyBook::Changes all;
  TRY(transaction.query(sql::kAllDefaults, {}, [&](const Row& row) {
    std::string arn = policy_arn(row.text(0), row.text(1), row.text(2));
    auto held =
        std::make_shared<const HeldPolicy>(HeldPolicy{arn, read_kept(row.text(3), DocumentKind::managed)});
    all.managed.emplace_back(std::move(arn), std::move(held));
  }));
  for (auto& [id, holder] : holders) all.holders.emplace_back(id, std::move(holder));
  return all;
}

std::unexpected<Failure> over_limit(Quota quota, EntityKind kind, std::string_view name, std::int64_t limit) {
  return refuse(Problem::over_limit, fmt::format("'{}' would have more than the limit of {}", name, limit),
                {.kind = kind, .name = std::string(name), .quota = quota, .limit = limit});
}

}  // namespace sightline::identity
