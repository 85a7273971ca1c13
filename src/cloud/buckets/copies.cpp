// Objects made from objects.

#include <algorithm>
#include <vector>

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

Answer<void> pour(ObjectReader& from, const PartRange& range, ContentWriter& into) {
  std::vector<char> block(kBlock);
  for (std::uint64_t done = 0; done < range.size;) {
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), range.size - done));
    const std::size_t count = TRY(from.read_at(range.offset + done, std::span(block).first(most)));
    if (count == 0)
      return std::unexpected(Failure(Error{ErrorKind::corrupt, "an object ends before its size"}));
    TRY(into.write(std::span(block).first(count)));
    done += count;
  }
  return {};
}

}  // namespace

Answer<ObjectInfo> Buckets::copy(const ObjectName& from, const ObjectName& to, const CopyOptions& options) {
  if (options.attributes) TRY(check_new_object(to.key, *options.attributes));
  TRY(check_new_key(to.key));
  bool shared = true;
  ObjectRow object;
  auto garbage = TRY(write<Garbage>(database_, [&](store::Transaction& transaction) -> Answer<Garbage> {
    const BucketRow source = TRY(need_bucket(transaction, from.account, from.bucket));
    const BucketRow target = TRY(need_bucket(transaction, to.account, to.bucket));
    object = TRY(need_object(transaction, source, from.key));
    TRY(check_source(options.source, object.info));
    const bool same_checksum =
        !options.algorithm || (object.info.checksum && object.info.checksum->algorithm == *options.algorithm);
    shared = source.account == target.account && source.region == target.region && same_checksum;
    if (!shared) return Garbage{};
    object.info.key = to.key;
    object.info.modified = clock_.now();
    if (options.attributes) object.info.attributes = *options.attributes;
    return replace(transaction, target, object, options.conditions, Change::copied, options.origin);
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
  TRY(pour(*source, {0, source->info().size}, content));
  PutOptions put;
  put.attributes = options.attributes.value_or(source->info().attributes);
  put.conditions = options.conditions;
  put.origin = options.origin;
  return put_content(to, std::move(content), put, Change::copied);
}

Answer<PartInfo> Buckets::copy_part(const ObjectName& from, const Conditions& source,
                                    const std::optional<PartRange>& range, const UploadName& to, int part) {
  const UploadInfo upload = TRY(find_upload(to));
  const auto object = TRY(open(from));
  TRY(check_source(source, object->info()));
  const std::uint64_t size = object->info().size;
  const PartRange wanted = range.value_or(PartRange{0, size});
  if (range && wanted.offset >= size)
    return refuse(Problem::range_outside, "the range starts after the object", {.size = size});
  if (wanted.size > size - wanted.offset)
    return refuse(Problem::invalid_range, "the range ends after the object", {.size = size});
  ContentWriter content = TRY(new_content(upload.checksum().algorithm));
  TRY(pour(*object, wanted, content));
  return put_part(to, part, std::move(content), {});
}

}  // namespace sightline::buckets
