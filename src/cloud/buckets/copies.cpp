// Objects made from objects.

#include <array>

#include "cloud/buckets/buckets.h"
#include "cloud/buckets/lookup.h"
#include "cloud/buckets/transact.h"

namespace sightline::buckets {
namespace {

constexpr std::size_t kBlock = 256 * 1024;

Answer<void> check_source(const Conditions& conditions, const ObjectInfo& source) {
  if (judge(conditions, source) == Verdict::go_on) return {};
  return refuse(Problem::precondition_failed, "the object that is to be copied does not meet the condition");
}

Answer<void> pour(ObjectReader& from, ContentWriter& into) {
  std::vector<char> block(kBlock);
  std::uint64_t offset = 0;
  while (const std::size_t count = TRY(from.read_at(offset, block))) {
    TRY(into.write(std::span(block).first(count)));
    offset += count;
  }
  return {};
}

}  // namespace

Answer<ObjectInfo> Buckets::copy(const ObjectName& from, const ObjectName& to, const CopyOptions& options) {
  if (options.attributes) TRY(check_sizes(to.key, *options.attributes));
  TRY(check_sizes(to.key, {}));
  bool shared = true;
  ObjectRow object;
  auto garbage = TRY(write<Garbage>(database_, [&](store::Transaction& transaction) -> Answer<Garbage> {
    const BucketRow source = TRY(need_bucket(transaction, from.account, from.bucket));
    const BucketRow target = TRY(need_bucket(transaction, from.account, to.bucket));
    object = TRY(need_object(transaction, source, from.key));
    TRY(check_source(options.source, object.info));
    const bool same_checksum =
        !options.algorithm || (object.info.checksum && object.info.checksum->algorithm == *options.algorithm);
    shared = source.region == target.region && same_checksum;
    if (!shared) return Garbage{};
    object.info.key = to.key;
    object.info.modified = clock_.now();
    if (options.attributes) object.info.attributes = *options.attributes;
    return replace(transaction, target, object, options.conditions, Change::copied);
  }));
  if (!shared) return copy_bytes(from, to, options);
  discard(std::move(garbage));
  return std::move(object.info);
}

Answer<ObjectInfo> Buckets::copy_bytes(const ObjectName& from, const ObjectName& to,
                                       const CopyOptions& options) {
  const auto source = TRY(open(from));
  TRY(check_source(options.source, source->info()));
  const auto& checksum = source->info().checksum;
  const auto algorithm =
      options.algorithm.value_or(checksum ? checksum->algorithm : ChecksumAlgorithm::crc64nvme);
  ContentWriter content = TRY(new_content(algorithm));
  TRY(pour(*source, content));
  PutOptions put;
  put.attributes = options.attributes.value_or(source->info().attributes);
  put.conditions = options.conditions;
  return put_content(to, std::move(content), put, Change::copied);
}

}  // namespace sightline::buckets
