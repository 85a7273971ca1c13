// Keys in the order of their bytes, by prefix and delimiter.

#include "cloud/buckets/buckets.h"
#include "cloud/buckets/common_prefix.h"
#include "cloud/buckets/lookup.h"
#include "cloud/buckets/transact.h"

namespace sightline::buckets {
namespace {

/// The first text after all that begin with `prefix`; nullopt where there is none.
std::optional<std::string> after_all(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xFF') prefix.pop_back();
  if (prefix.empty()) return std::nullopt;
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

class Lister {
 public:
  Lister(store::Transaction& transaction, const BucketRow& bucket, const ListQuery& query)
      : transaction_(transaction), bucket_(bucket), query_(query) {}

  Result<Listing> run() {
    if (query_.limit == 0) return std::move(listing_);
    std::optional<std::string> from = start();
    while (from) from = TRY(page(*from));
    return std::move(listing_);
  }

 private:
  std::optional<std::string> group_of(const std::string& key) const {
    return common_prefix(key, query_.prefix, query_.delimiter);
  }

  std::optional<std::string> start() const {
    if (query_.after < query_.prefix) return query_.prefix;
    if (query_.after.empty()) return "";
    const bool grouped = query_.after.starts_with(query_.prefix) && group_of(query_.after) == query_.after;
    return grouped ? after_all(query_.after) : query_.after + '\0';
  }

  /// One batch of rows. Returns where the next one starts; nullopt at the end.
  Result<std::optional<std::string>> page(const std::string& from) {
    // Of many keys under one prefix a few are read, and the rest passed over.
    const std::size_t batch = query_.delimiter.empty() ? query_.limit - count() + 1 : std::size_t{64};
    auto rows = TRY(tables::list_objects(transaction_, bucket_, from, batch));
    for (ObjectRow& row : rows) {
      const std::string key = row.info.key;
      if (!key.starts_with(query_.prefix)) return std::nullopt;
      auto common = group_of(key);
      if (common && !listing_.prefixes.empty() && listing_.prefixes.back() == *common) continue;
      if (count() == query_.limit) {
        listing_.next = last_;
        return std::nullopt;
      }
      last_ = common.value_or(key);
      if (common) {
        listing_.prefixes.push_back(*std::move(common));
      } else {
        listing_.objects.push_back(std::move(row.info));
      }
    }
    if (rows.size() < batch) return std::nullopt;
    const bool in_group = !listing_.prefixes.empty() && last_ == listing_.prefixes.back();
    return in_group ? after_all(last_) : last_ + '\0';
  }

  std::size_t count() const { return listing_.objects.size() + listing_.prefixes.size(); }

  store::Transaction& transaction_;
  const BucketRow& bucket_;
  const ListQuery& query_;
  Listing listing_;
  std::string last_;  ///< that was listed
};

}  // namespace

Answer<Listing> Buckets::list(std::string_view account, std::string_view bucket_name,
                              const ListQuery& query) {
  return read<Listing>(database_, [&](store::Transaction& transaction) -> Answer<Listing> {
    const BucketRow bucket = TRY(need_bucket(transaction, account, bucket_name));
    return TRY(Lister(transaction, bucket, query).run());
  });
}

}  // namespace sightline::buckets
