#include "cloud/buckets/access_tables.h"

#include "cloud/policy/public_access.h"

namespace sightline::buckets::tables {
namespace {

using store::Row;
using store::Transaction;

constexpr std::int64_t kBlockAcls = 1;
constexpr std::int64_t kIgnoreAcls = 2;
constexpr std::int64_t kBlockPolicy = 4;
constexpr std::int64_t kRestrictBuckets = 8;

std::optional<PublicAccessBlock> block_in(const Row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  const std::int64_t bits = row.integer(column);
  return PublicAccessBlock{(bits & kBlockAcls) != 0, (bits & kIgnoreAcls) != 0, (bits & kBlockPolicy) != 0,
                           (bits & kRestrictBuckets) != 0};
}

store::Value block_column(const std::optional<PublicAccessBlock>& block) {
  if (!block) return {};
  return (block->block_acls ? kBlockAcls : 0) | (block->ignore_acls ? kIgnoreAcls : 0) |
         (block->block_policy ? kBlockPolicy : 0) | (block->restrict_buckets ? kRestrictBuckets : 0);
}

policy::Document deny_everything() {
  return *policy::Document::parse(
      R"({"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}})",
      policy::DocumentKind::resource, kMaxPolicy);
}

}  // namespace

Result<std::optional<std::string>> bucket_owner(Transaction& transaction, std::string_view name) {
  std::optional<std::string> owner;
  TRY(transaction.query(kBucketOwner, {name}, [&](const Row& row) { owner = row.text(0); }));
  return owner;
}

Result<std::int64_t> count_buckets(Transaction& transaction, std::string_view account) {
  std::int64_t count = 0;
  TRY(transaction.query(kCountBuckets, {account}, [&](const Row& row) { count = row.integer(0); }));
  return count;
}

Result<std::vector<NamedAccess>> all_access(Transaction& transaction) {
  std::vector<NamedAccess> all;
  TRY(transaction.query(kAllAccess, {}, [&](const Row& row) {
    NamedAccess one{std::string(row.text(1)), {.account = std::string(row.text(0))}};
    one.access.block = block_in(row, 3);
    if (!row.is_null(2)) {
      auto kept = policy::Document::parse(row.text(2), policy::DocumentKind::resource, kMaxPolicy);
      one.unreadable = !kept;
      one.access.policy = kept ? *std::move(kept) : deny_everything();
      one.access.is_public = policy::is_public(*one.access.policy);
    }
    all.push_back(std::move(one));
  }));
  return all;
}

Result<std::optional<PublicAccessBlock>> find_block(Transaction& transaction, const BucketRow& bucket) {
  std::optional<PublicAccessBlock> block;
  TRY(transaction.query(kFindBlock, {bucket.account, bucket.region, bucket.name},
                        [&](const Row& row) { block = block_in(row, 0); }));
  return block;
}

Result<void> set_policy(Transaction& transaction, const BucketRow& bucket,
                        const std::optional<policy::Document>& policy) {
  const store::Value text = policy ? store::Value(std::string_view(policy->text())) : store::Value();
  TRY(transaction.execute(kSetPolicy, {text, bucket.account, bucket.region, bucket.name}));
  return {};
}

Result<void> set_block(Transaction& transaction, const BucketRow& bucket,
                       const std::optional<PublicAccessBlock>& block) {
  TRY(transaction.execute(kSetBlock, {block_column(block), bucket.account, bucket.region, bucket.name}));
  return {};
}

}  // namespace sightline::buckets::tables
