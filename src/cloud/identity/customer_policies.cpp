#include "cloud/identity/customer_policies.h"

#include <fmt/format.h>

#include <charconv>

#include "base/ascii.h"
#include "cloud/identity/key_material.h"
#include "cloud/identity/permission_tables.h"
#include "cloud/identity/tags.h"
#include "cloud/policy/managed_policies.h"
#include "cloud/policy/pattern.h"
#include "cloud/policy/values.h"
#include "store/values.h"

namespace sightline::identity {
namespace {

using store::bytes;
using store::instant;
using store::number;
using store::Row;
using store::text;
using store::Transaction;

struct KeptPolicy {
  Policy policy;
  std::int64_t default_version = 0;
  std::int64_t last_version = 0;
};

std::string version_id(std::int64_t version) {
  return fmt::format("v{}", version);
}

std::optional<std::int64_t> version_of(std::string_view id) {
  std::int64_t version = 0;
  if (!id.starts_with('v')) return std::nullopt;
  id.remove_prefix(1);
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), version);
  if (error != std::errc() || end != id.data() + id.size()) return std::nullopt;
  return version;
}

Instant instant_of(std::string_view iso8601) {
  return Instant(std::chrono::seconds(static_cast<std::int64_t>(policy::parse_date(iso8601).value_or(0))));
}

/// Twenty-one characters as AWS's ids have them, the same for the same ARN. AWS's real one is not known.
std::string id_of(std::string_view arn) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::uint64_t hash = 14695981039346656037U;
  std::string id = "ANPA";
  while (id.size() < 21) {
    for (const char c : arn) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    id += kDigits[hash >> 59U];
  }
  return id;
}

Policy policy_of_aws(const policy::ManagedPolicy& managed) {
  Policy policy;
  policy.name = managed.name;
  policy.path = managed.path;
  policy.arn = managed.arn();
  policy.id = id_of(policy.arn);
  policy.default_version = managed.version;
  policy.created = instant_of(managed.created);
  policy.updated = instant_of(managed.updated);
  return policy;
}

PolicyVersion version_of_aws(const policy::ManagedPolicy& managed) {
  return {std::string(managed.version), std::string(managed.document), true, instant_of(managed.updated)};
}

KeptPolicy kept_of(const Row& row, std::string_view account) {
  KeptPolicy kept;
  kept.policy.name = row.text(0);
  kept.policy.path = row.text(1);
  kept.policy.id = row.text(2);
  kept.policy.arn = policy_arn(account, row.text(1), row.text(0));
  kept.policy.created = instant(row.integer(3));
  kept.policy.updated = instant(row.integer(5));
  kept.policy.description = row.text(6);
  kept.default_version = row.integer(7);
  kept.last_version = row.integer(8);
  kept.policy.default_version = version_id(kept.default_version);
  return kept;
}

std::unexpected<Failure> no_such_policy(std::string_view arn) {
  return refuse(Problem::no_such_policy, fmt::format("there is no policy '{}'", arn),
                {.name = std::string(arn), .thing = Thing::policy});
}

std::unexpected<Failure> no_such_version(std::string_view arn, std::string_view id) {
  return refuse(Problem::no_such_version, fmt::format("the policy '{}' has no version '{}'", arn, id),
                {.name = std::string(arn), .version = std::string(id), .thing = Thing::policy});
}

/// One of the account's own.
Answer<KeptPolicy> find_kept(Transaction& transaction, std::string_view account, std::string_view arn) {
  const auto parts = policy::split_arn(arn);
  if (!parts || (*parts)[4] != account) return no_such_policy(arn);
  const std::string key = to_lower(arn.substr(arn.rfind('/') + 1));
  std::optional<KeptPolicy> kept;
  TRY(transaction.query(sql::kPolicy, {account, bytes(key)},
                        [&](const Row& row) { kept = kept_of(row, account); }));
  if (!kept || kept->policy.arn != arn) return no_such_policy(arn);
  return *std::move(kept);
}

/// The same, to be changed.
Answer<KeptPolicy> find_own(Transaction& transaction, std::string_view account, std::string_view arn) {
  if (policy::find_managed_policy(arn) != nullptr)
    return refuse(Problem::belongs_to_aws, fmt::format("'{}' is AWS's own", arn),
                  {.name = std::string(arn), .thing = Thing::policy});
  return find_kept(transaction, account, arn);
}

Answer<std::shared_ptr<const HeldPolicy>> parse(std::string_view arn, std::string_view document) {
  auto parsed = policy::Document::parse(document, policy::DocumentKind::managed,
                                        static_cast<std::size_t>(kMaxPolicySize));
  if (parsed) return std::make_shared<const HeldPolicy>(HeldPolicy{std::string(arn), *std::move(parsed)});
  if (parsed.error().problem == policy::Problem::too_large)
    return over_limit(Quota::policy_size, EntityKind::user, arn, kMaxPolicySize);
  return refuse(Problem::malformed, parsed.error().error.message);
}

/// Null: there is none any more.
void publish_policy(Transaction& transaction, PolicyBook& book, std::string_view arn,
                    std::shared_ptr<const HeldPolicy> held) {
  transaction.after_commit([&book, arn = std::string(arn), held = std::move(held)] {
    PolicyBook::Changes changes;
    changes.managed.emplace_back(arn, held);
    book.apply(std::move(changes));
  });
}

Answer<PolicyVersion> read_version(Transaction& transaction, std::string_view account, const KeptPolicy& kept,
                                   std::string_view id) {
  const auto wanted = version_of(id);
  std::optional<PolicyVersion> version;
  if (wanted)
    TRY(transaction.query(sql::kVersion, {account, kept.policy.id, *wanted}, [&](const Row& row) {
      version = PolicyVersion{version_id(row.integer(0)), std::string(row.text(1)),
                              row.integer(0) == kept.default_version, instant(row.integer(2))};
    }));
  if (!version) return no_such_version(kept.policy.arn, id);
  return *std::move(version);
}

}  // namespace

Answer<void> check_managed(Transaction& transaction, std::string_view account, std::string_view arn) {
  if (policy::find_managed_policy(arn) != nullptr) return {};
  TRY(find_kept(transaction, account, arn));
  return {};
}

Answer<Policy> CustomerPolicies::create(std::string_view account, const NewPolicy& wanted) {
  TRY(check_account(account));
  Policy policy;
  policy.name = wanted.name;
  policy.path = wanted.path;
  policy.id = make_entity_id("ANPA", backing_.random);
  policy.arn = policy_arn(account, wanted.path, wanted.name);
  policy.description = wanted.description;
  policy.default_version = version_id(1);
  policy.created = policy.updated = backing_.clock.now();
  const auto held = TRY(parse(policy.arn, wanted.document));
  const std::string key = to_lower(wanted.name);
  return write<Policy>(backing_, [&](Transaction& transaction) -> Answer<Policy> {
    if (TRY(count_rows(transaction, sql::kCountPolicies, {account})) >= kMaxPolicies)
      return over_limit(Quota::policies, EntityKind::user, account, kMaxPolicies);
    const auto inserted = transaction.execute(
        sql::kInsertPolicy, {account, bytes(key), wanted.name, wanted.path, policy.id, number(policy.created),
                             number(policy.updated), wanted.description});
    if (!inserted && inserted.error().kind == ErrorKind::already_exists)
      return refuse(Problem::already_exists, fmt::format("there is a policy '{}' already", wanted.name),
                    {.name = policy.name, .thing = Thing::policy});
    TRY(inserted);
    TRY(transaction.execute(sql::kInsertVersion,
                            {account, policy.id, std::int64_t{1}, wanted.document, number(policy.created)}));
    TRY(identity::put_tags(transaction, account, policy.id, wanted.tags));
    policy.tags = TRY(read_tags(transaction, account, policy.id));
    publish_policy(transaction, backing_.book, policy.arn, held);
    return policy;
  });
}

Answer<Policy> CustomerPolicies::get(std::string_view account, std::string_view arn) {
  return read<Policy>(backing_, [&](Transaction& transaction) -> Answer<Policy> {
    const policy::ManagedPolicy* of_aws = policy::find_managed_policy(arn);
    Policy policy =
        of_aws != nullptr ? policy_of_aws(*of_aws) : TRY(find_kept(transaction, account, arn)).policy;
    policy.attachments = TRY(count_rows(transaction, sql::kCountAttachedTo, {account, arn}));
    policy.tags = TRY(read_tags(transaction, account, policy.id));
    return policy;
  });
}

Answer<Page<Policy>> CustomerPolicies::list(std::string_view account, const ListQuery& query) {
  return read<Page<Policy>>(backing_, [&](Transaction& transaction) -> Answer<Page<Policy>> {
    PageFiller<Policy> filler(query.limit);
    TRY(transaction.query(
        sql::kPolicies,
        {account, bytes(query.after), static_cast<std::int64_t>(query.path_prefix.size()), query.path_prefix,
         filler.rows()},
        [&](const Row& row) { filler.add(kept_of(row, account).policy, text(row.bytes(4))); }));
    Page<Policy> page = filler.take();
    for (Policy& policy : page.items)
      policy.attachments = TRY(count_rows(transaction, sql::kCountAttachedTo, {account, policy.arn}));
    return page;
  });
}

Answer<std::vector<Policy>> CustomerPolicies::list_of_aws(std::string_view account) {
  return read<std::vector<Policy>>(backing_, [&](Transaction& transaction) -> Answer<std::vector<Policy>> {
    std::vector<Policy> policies;
    for (const policy::ManagedPolicy& managed : policy::managed_policies()) {
      policies.push_back(policy_of_aws(managed));
      policies.back().attachments =
          TRY(count_rows(transaction, sql::kCountAttachedTo, {account, policies.back().arn}));
    }
    return policies;
  });
}

Answer<void> CustomerPolicies::remove(std::string_view account, std::string_view arn) {
  return write<void>(backing_, [&](Transaction& transaction) -> Answer<void> {
    const KeptPolicy kept = TRY(find_own(transaction, account, arn));
    const Facts facts{.name = std::string(arn), .thing = Thing::policy};
    if (TRY(count_rows(transaction, sql::kCountAttachedTo, {account, arn})) > 0)
      return refuse(Problem::is_attached, fmt::format("'{}' is attached: detach it first", arn), facts);
    if (TRY(count_rows(transaction, sql::kCountVersions, {account, kept.policy.id})) > 1)
      return refuse(Problem::has_versions,
                    fmt::format("'{}' has other versions than its default: delete them first", arn), facts);
    TRY(transaction.execute(sql::kDeleteVersions, {account, kept.policy.id}));
    TRY(transaction.execute(sql::kDeleteTags, {account, kept.policy.id}));
    TRY(transaction.execute(sql::kDeletePolicy, {account, kept.policy.id}));
    publish_policy(transaction, backing_.book, arn, nullptr);
    return {};
  });
}

Answer<PolicyVersion> CustomerPolicies::add_version(std::string_view account, std::string_view arn,
                                                    std::string_view document, bool as_default) {
  const auto held = parse(arn, document);
  const Instant now = backing_.clock.now();
  return write<PolicyVersion>(backing_, [&](Transaction& transaction) -> Answer<PolicyVersion> {
    const KeptPolicy kept = TRY(find_own(transaction, account, arn));
    if (!held) return std::unexpected(held.error());
    if (TRY(count_rows(transaction, sql::kCountVersions, {account, kept.policy.id})) >= kMaxVersions)
      return over_limit(Quota::versions, EntityKind::user, arn, kMaxVersions);
    const std::int64_t version = kept.last_version + 1;
    TRY(transaction.execute(sql::kInsertVersion, {account, kept.policy.id, version, document, number(now)}));
    TRY(transaction.execute(sql::kSetLastVersion, {version, number(now), account, kept.policy.id}));
    if (as_default) {
      TRY(transaction.execute(sql::kSetDefaultVersion, {version, number(now), account, kept.policy.id}));
      publish_policy(transaction, backing_.book, arn, *held);
    }
    return PolicyVersion{version_id(version), std::string(document), as_default, now};
  });
}

Answer<PolicyVersion> CustomerPolicies::version(std::string_view account, std::string_view arn,
                                                std::string_view id) {
  if (const policy::ManagedPolicy* of_aws = policy::find_managed_policy(arn)) {
    PolicyVersion version = version_of_aws(*of_aws);
    if (version.id != id) return no_such_version(arn, id);
    return version;
  }
  return read<PolicyVersion>(backing_, [&](Transaction& transaction) -> Answer<PolicyVersion> {
    const KeptPolicy kept = TRY(find_kept(transaction, account, arn));
    return read_version(transaction, account, kept, id);
  });
}

Answer<std::vector<PolicyVersion>> CustomerPolicies::versions(std::string_view account,
                                                              std::string_view arn) {
  if (const policy::ManagedPolicy* of_aws = policy::find_managed_policy(arn))
    return std::vector{version_of_aws(*of_aws)};
  using Versions = std::vector<PolicyVersion>;
  return read<Versions>(backing_, [&](Transaction& transaction) -> Answer<Versions> {
    const KeptPolicy kept = TRY(find_kept(transaction, account, arn));
    Versions versions;
    TRY(transaction.query(sql::kVersions, {account, kept.policy.id}, [&](const Row& row) {
      versions.push_back({version_id(row.integer(0)), std::string(row.text(1)),
                          row.integer(0) == kept.default_version, instant(row.integer(2))});
    }));
    return versions;
  });
}

Answer<void> CustomerPolicies::set_default(std::string_view account, std::string_view arn,
                                           std::string_view id) {
  return write<void>(backing_, [&](Transaction& transaction) -> Answer<void> {
    const KeptPolicy kept = TRY(find_own(transaction, account, arn));
    const PolicyVersion version = TRY(read_version(transaction, account, kept, id));
    TRY(transaction.execute(sql::kSetDefaultVersion, {*version_of(version.id), number(backing_.clock.now()),
                                                      account, kept.policy.id}));
    publish_policy(transaction, backing_.book, arn,
                   std::make_shared<const HeldPolicy>(HeldPolicy{
                       std::string(arn), read_kept(version.document, policy::DocumentKind::managed)}));
    return {};
  });
}

Answer<void> CustomerPolicies::remove_version(std::string_view account, std::string_view arn,
                                              std::string_view id) {
  return write<void>(backing_, [&](Transaction& transaction) -> Answer<void> {
    const KeptPolicy kept = TRY(find_own(transaction, account, arn));
    const PolicyVersion version = TRY(read_version(transaction, account, kept, id));
    if (version.is_default)
      return refuse(Problem::default_version, fmt::format("{} is the default version of '{}'", id, arn),
                    {.name = std::string(arn), .thing = Thing::policy});
    TRY(transaction.execute(sql::kDeleteVersion, {account, kept.policy.id, *version_of(version.id)}));
    return {};
  });
}

Answer<void> CustomerPolicies::put_tags(std::string_view account, std::string_view arn,
                                        std::span<const Tag> tags) {
  return write<void>(backing_, [&](Transaction& transaction) -> Answer<void> {
    const KeptPolicy kept = TRY(find_own(transaction, account, arn));
    return identity::put_tags(transaction, account, kept.policy.id, tags);
  });
}

Answer<void> CustomerPolicies::remove_tags(std::string_view account, std::string_view arn,
                                           std::span<const std::string> keys) {
  return write<void>(backing_, [&](Transaction& transaction) -> Answer<void> {
    const KeptPolicy kept = TRY(find_own(transaction, account, arn));
    TRY(delete_tags(transaction, account, kept.policy.id, keys));
    return {};
  });
}

}  // namespace sightline::identity
