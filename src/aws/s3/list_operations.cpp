#include "aws/s3/list_operations.h"

#include <algorithm>

#include "aws/s3/key_spelling.h"
#include "aws/s3/object_attributes.h"
#include "aws/s3/request_checks.h"
#include "aws/s3/s3_error.h"
#include "base/base64.h"

namespace sightline::aws::s3 {
namespace {

using buckets::Buckets;
using dispatch::Context;
using wire::Answer;

constexpr std::int32_t kMostKeys = 1000;

template <typename Request>
Answer<buckets::ListQuery> query_of(const Request& request) {
  if (request.max_keys && *request.max_keys < 0)
    return wire::refuse(kInvalidArgument, "Argument maxKeys must be an integer between 0 and 2147483647");
  buckets::ListQuery query;
  query.prefix = request.prefix.value_or("");
  query.delimiter = request.delimiter.value_or("");
  query.limit = static_cast<std::size_t>(std::min(request.max_keys.value_or(kMostKeys), kMostKeys));
  return query;
}

Object entry_of(const buckets::ObjectInfo& info) {
  Object object;
  object.key = info.key;
  object.last_modified = info.modified;
  object.etag = in_quotes(info.etag);
  object.size = static_cast<std::int64_t>(info.size);
  object.storage_class = "STANDARD";
  if (info.checksum) {
    object.checksum_algorithm.emplace().emplace_back(buckets::name_of(info.checksum->algorithm));
    object.checksum_type = std::string(buckets::name_of(info.checksum->type));
  }
  return object;
}

/// What both versions of the operation answer.
template <typename Request, typename Response>
void tell_listing(const Request& request, const buckets::Listing& listing, const buckets::ListQuery& query,
                  Response& response) {
  response.name = *request.bucket;
  response.prefix = query.prefix;
  response.delimiter = request.delimiter;
  response.max_keys = static_cast<std::int32_t>(query.limit);
  response.is_truncated = listing.next.has_value();
  auto& contents = response.contents.emplace();
  for (const auto& info : listing.objects) contents.push_back(entry_of(info));
  auto& prefixes = response.common_prefixes.emplace();
  for (const std::string& prefix : listing.prefixes) prefixes.push_back({prefix});
}

Answer<ListObjectsV2Output> list_objects_v2(const ListObjectsV2Request& request, const Context& context,
                                            Buckets& buckets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  buckets::ListQuery query = TRY(query_of(request));
  query.after = request.start_after.value_or("");
  if (request.continuation_token) {
    // A token is where the page before ended.
    Bytes after;
    if (!base64_decode(*request.continuation_token, after) || after.empty())
      return wire::refuse(kInvalidArgument, "The continuation token provided is incorrect");
    query.after.assign(after.begin(), after.end());
  }
  const auto listing =
      TRY(to_service_error(buckets.list(account, *request.bucket, query), subject_of(request)));
  ListObjectsV2Output output;
  tell_listing(request, listing, query, output);
  output.key_count = static_cast<std::int32_t>(listing.objects.size() + listing.prefixes.size());
  output.continuation_token = request.continuation_token;
  output.start_after = request.start_after;
  if (listing.next) {
    output.next_continuation_token =
        base64_encode({reinterpret_cast<const std::uint8_t*>(listing.next->data()), listing.next->size()});
  }
  if (request.fetch_owner.value_or(false)) {
    for (Object& object : *output.contents) object.owner = Owner{.display_name = std::nullopt, .id = account};
  }
  TRY(spell_keys(request.encoding_type, output));
  return output;
}

Answer<ListObjectsOutput> list_objects(const ListObjectsRequest& request, const Context& context,
                                       Buckets& buckets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  buckets::ListQuery query = TRY(query_of(request));
  query.after = request.marker.value_or("");
  const auto listing =
      TRY(to_service_error(buckets.list(account, *request.bucket, query), subject_of(request)));
  ListObjectsOutput output;
  tell_listing(request, listing, query, output);
  output.marker = query.after;
  // Without a delimiter the last key says where the next page starts.
  if (listing.next && request.delimiter) output.next_marker = *listing.next;
  for (Object& object : *output.contents) object.owner = Owner{.display_name = std::nullopt, .id = account};
  TRY(spell_keys(request.encoding_type, output));
  return output;
}

Answer<ListMultipartUploadsOutput> list_uploads(const ListMultipartUploadsRequest& request,
                                                const Context& context, Buckets& buckets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  if (request.max_uploads && *request.max_uploads < 0)
    return wire::refuse(kInvalidArgument, "Argument max-uploads must be an integer between 0 and 2147483647");
  buckets::UploadQuery query;
  query.prefix = request.prefix.value_or("");
  query.delimiter = request.delimiter.value_or("");
  query.after_key = request.key_marker.value_or("");
  // An upload alone says no place.
  if (!query.after_key.empty()) query.after_id = request.upload_id_marker.value_or("");
  query.limit = static_cast<std::size_t>(std::min(request.max_uploads.value_or(kMostKeys), kMostKeys));
  const auto listing =
      TRY(to_service_error(buckets.list_uploads(account, *request.bucket, query), subject_of(request)));
  ListMultipartUploadsOutput output;
  output.bucket = request.bucket;
  output.key_marker = query.after_key;
  output.upload_id_marker = query.after_id;
  output.prefix = query.prefix;
  output.delimiter = request.delimiter;
  output.max_uploads = static_cast<std::int32_t>(query.limit);
  output.is_truncated = listing.next.has_value();
  // The last one stands there of the last page, too.
  auto last = listing.next.value_or(buckets::UploadListing::Place{});
  if (!listing.next && !listing.uploads.empty())
    last = {listing.uploads.back().key, listing.uploads.back().id};
  output.next_key_marker = last.key;
  output.next_upload_id_marker = last.id;
  auto& uploads = output.uploads.emplace();
  for (const auto& [key, id, info] : listing.uploads) {
    MultipartUpload& upload = uploads.emplace_back();
    upload.key = key;
    upload.upload_id = id;
    upload.initiated = info.started;
    upload.storage_class = "STANDARD";
    upload.owner = Owner{.display_name = std::nullopt, .id = account};
    upload.initiator = Initiator{.id = account, .display_name = std::nullopt};
    set_chosen(info.chosen, upload);
  }
  auto& prefixes = output.common_prefixes.emplace();
  for (const std::string& prefix : listing.prefixes) prefixes.push_back({prefix});
  TRY(spell_keys(request.encoding_type, output));
  return output;
}

}  // namespace

void add_list_operations(dispatch::Operations& operations, const Dependencies& dependencies) {
  add_unary<ListObjectsV2>(operations, dependencies.quick, 0, dependencies.buckets, &list_objects_v2);
  add_unary<ListObjects>(operations, dependencies.quick, 0, dependencies.buckets, &list_objects);
  add_unary<ListMultipartUploads>(operations, dependencies.quick, 0, dependencies.buckets, &list_uploads);
}

}  // namespace sightline::aws::s3
