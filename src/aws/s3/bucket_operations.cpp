#include "aws/s3/bucket_operations.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/s3/request_checks.h"
#include "aws/s3/s3_error.h"
#include "aws/wire/xml_writer.h"

namespace sightline::aws::s3 {
namespace {

using dispatch::Context;
using wire::Answer;

/// Of requests that have a body of a few elements.
constexpr std::uint64_t kMaxSmallBody = 64 * 1024;
constexpr std::string_view kDefaultRegion = "us-east-1";

/// What the model lists as a LocationConstraint: AWS's regions but us-east-1, and "EU". It is not checked
/// with the model, for its words differ by the region that is asked.
constexpr std::string_view kConstraints[] = {
    "af-south-1",     "ap-east-1",      "ap-east-2",      "ap-northeast-1", "ap-northeast-2",
    "ap-northeast-3", "ap-south-1",     "ap-south-2",     "ap-southeast-1", "ap-southeast-2",
    "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
    "ca-central-1",   "ca-west-1",      "cn-north-1",     "cn-northwest-1", "EU",
    "eu-central-1",   "eu-central-2",   "eu-north-1",     "eu-south-1",     "eu-south-2",
    "eu-west-1",      "eu-west-2",      "eu-west-3",      "il-central-1",   "me-central-1",
    "me-south-1",     "mx-central-1",   "sa-east-1",      "us-east-2",      "us-gov-east-1",
    "us-gov-west-1",  "us-west-1",      "us-west-2"};

/// The region that a bucket is to be in. us-east-1 makes buckets in any that S3 has, and where nothing is
/// said in itself; the others their own alone.
Answer<std::string> region_of(const CreateBucketRequest& request, const Context& context) {
  const auto& configuration = request.create_bucket_configuration;
  std::string constraint;
  if (configuration && configuration->location_constraint) constraint = *configuration->location_constraint;
  const std::string region = constraint == "EU" ? "eu-west-1" : constraint;
  if (context.region == kDefaultRegion) {
    if (constraint.empty()) return std::string(kDefaultRegion);
    if (std::ranges::find(kConstraints, constraint) != std::end(kConstraints)) return region;
    auto error =
        wire::service_error(kInvalidLocationConstraint, "The specified location-constraint is not valid");
    error.details = {{"LocationConstraint", constraint}};
    return std::unexpected(std::move(error));
  }
  if (region == context.region) return region;
  return wire::refuse(
      kIllegalLocationConstraintException,
      fmt::format("The {} location constraint is incompatible for the region specific endpoint this request "
                  "was sent to.",
                  constraint.empty() ? "unspecified" : constraint));
}

Answer<CreateBucketOutput> create_bucket(const CreateBucketRequest& request, const Context& context,
                                         buckets::Buckets& buckets) {
  TRY(check_request(request));
  if (request.object_lock_enabled_for_bucket.value_or(false))
    return not_implemented("x-amz-bucket-object-lock-enabled");
  if (request.create_bucket_configuration &&
      (request.create_bucket_configuration->location || request.create_bucket_configuration->bucket))
    return wire::refuse(kNotImplemented, "Directory buckets are not implemented.");
  const std::string region = TRY(region_of(request, context));
  const auto made = buckets.create_bucket(context.caller.account, region, *request.bucket);
  if (!made) {
    // Making it again where it is counts as done in us-east-1, and there alone.
    const auto there = made.error().problem == buckets::Problem::bucket_exists && region == kDefaultRegion
                           ? buckets.find_bucket(context.caller.account, *request.bucket)
                           : std::unexpected(made.error());
    if (!there || there->region != region)
      return std::unexpected(error_of(made.error(), subject_of(request)));
  }
  CreateBucketOutput output;
  output.location = "/" + *request.bucket;
  return output;
}

Answer<HeadBucketOutput> head_bucket(const HeadBucketRequest& request, const Context& context,
                                     buckets::Buckets& buckets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  const auto bucket =
      TRY(to_service_error(buckets.find_bucket(account, *request.bucket), subject_of(request)));
  HeadBucketOutput output;
  output.bucket_region = bucket.region;
  return output;
}

Answer<GetBucketLocationOutput> get_bucket_location(const GetBucketLocationRequest& request,
                                                    const Context& context, buckets::Buckets& buckets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  const auto bucket =
      TRY(to_service_error(buckets.find_bucket(account, *request.bucket), subject_of(request)));
  // The root element is the answer, which no model can say; us-east-1 is empty.
  wire::XmlWriter xml;
  xml.element("LocationConstraint", bucket.region == kDefaultRegion ? "" : bucket.region);
  GetBucketLocationOutput output;
  output.location_constraint = xml.take();
  return output;
}

/// Empty, as of a bucket that never had versions: clients ask before they delete one.
Answer<GetBucketVersioningOutput> get_bucket_versioning(const GetBucketVersioningRequest& request,
                                                        const Context& context, buckets::Buckets& buckets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  TRY(to_service_error(buckets.find_bucket(account, *request.bucket), subject_of(request)));
  return GetBucketVersioningOutput{};
}

Answer<ListBucketsOutput> list_buckets(const ListBucketsRequest& request, const Context& context,
                                       buckets::Buckets& buckets) {
  constexpr std::int32_t kMost = 10'000;
  const std::int32_t most = request.max_buckets.value_or(kMost);
  if (most < 1 || most > kMost)
    return wire::refuse(kInvalidArgument, "max-buckets must be between 1 and 10000");
  ListBucketsOutput output;
  output.owner = Owner{.display_name = std::nullopt, .id = context.caller.account};
  output.prefix = request.prefix;
  auto& listed = output.buckets.emplace();
  for (const auto& bucket : TRY(to_service_error(buckets.list_buckets(context.caller.account), {}))) {
    // A token is the name of the last one before the page.
    if (request.continuation_token && bucket.name <= *request.continuation_token) continue;
    if (request.prefix && !bucket.name.starts_with(*request.prefix)) continue;
    if (request.bucket_region && bucket.region != *request.bucket_region) continue;
    if (listed.size() == static_cast<std::size_t>(most)) {
      output.continuation_token = *listed.back().name;
      break;
    }
    Bucket& entry = listed.emplace_back();
    entry.name = bucket.name;
    entry.creation_date = bucket.created;
    entry.bucket_region = bucket.region;
  }
  return output;
}

Answer<wire::Empty> delete_bucket(const DeleteBucketRequest& request, const Context& context,
                                  buckets::Buckets& buckets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  TRY(to_service_error(buckets.delete_bucket(account, *request.bucket), subject_of(request)));
  return wire::Empty{};
}

}  // namespace

void add_bucket_operations(dispatch::Operations& operations, const Dependencies& dependencies) {
  add_unary<CreateBucket>(operations, dependencies.quick, kMaxSmallBody, dependencies.buckets,
                          &create_bucket);
  add_unary<HeadBucket>(operations, dependencies.quick, 0, dependencies.buckets, &head_bucket);
  add_unary<GetBucketLocation>(operations, dependencies.quick, 0, dependencies.buckets, &get_bucket_location);
  add_unary<GetBucketVersioning>(operations, dependencies.quick, 0, dependencies.buckets,
                                 &get_bucket_versioning);
  add_unary<ListBuckets>(operations, dependencies.quick, 0, dependencies.buckets, &list_buckets);
  add_unary<DeleteBucket>(operations, dependencies.quick, 0, dependencies.buckets, &delete_bucket);
}

}  // namespace sightline::aws::s3
