// Uploads that are under way: by key, those of one key in the order in which they were begun.

#include <algorithm>

#include "cloud/buckets/buckets.h"
#include "cloud/buckets/common_prefix.h"
#include "cloud/buckets/lookup.h"
#include "cloud/buckets/transact.h"
#include "cloud/buckets/upload_tables.h"

namespace sightline::buckets {
namespace {

class UploadLister {
 public:
  UploadLister(const UploadQuery& query, const std::vector<UploadRow>& rows) : query_(query), rows_(rows) {
    // Where the upload at which a page ended is over, those of its key are listed again: none is missed.
    passed_ =
        std::ranges::none_of(rows_, [&](const UploadRow& row) { return row.content == query_.after_id; });
  }

  UploadListing run() {
    for (const UploadRow& row : rows_) {
      if (!row.key.starts_with(query_.prefix) || !is_after(row)) continue;
      auto common = common_prefix(row.key, query_.prefix, query_.delimiter);
      if (common && (*common == query_.after_key ||
                     (!listing_.prefixes.empty() && listing_.prefixes.back() == *common)))
        continue;
      if (listing_.uploads.size() + listing_.prefixes.size() == query_.limit) {
        if (query_.limit > 0) listing_.next = last_;
        break;
      }
      last_ = common ? UploadListing::Place{*common, ""} : UploadListing::Place{row.key, row.content};
      if (common) {
        listing_.prefixes.push_back(*std::move(common));
      } else {
        listing_.uploads.push_back({row.key, row.content, row.info});
      }
    }
    return std::move(listing_);
  }

 private:
  bool is_after(const UploadRow& row) {
    if (row.key != query_.after_key) return row.key > query_.after_key;
    if (query_.after_id.empty()) return false;
    const bool was_passed = passed_;
    passed_ = passed_ || row.content == query_.after_id;
    return was_passed;
  }

  const UploadQuery& query_;
  const std::vector<UploadRow>& rows_;
  bool passed_ = false;  ///< the upload at which the page before ended
  UploadListing listing_;
  UploadListing::Place last_;
};

}  // namespace

Answer<UploadListing> Buckets::list_uploads(std::string_view account, std::string_view bucket_name,
                                            const UploadQuery& query) {
  return read<UploadListing>(database_, [&](store::Transaction& transaction) -> Answer<UploadListing> {
    const BucketRow bucket = TRY(need_bucket(transaction, account, bucket_name));
    return UploadLister(query, TRY(tables::bucket_uploads(transaction, bucket))).run();
  });
}

}  // namespace sightline::buckets
