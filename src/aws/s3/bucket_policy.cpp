#include "aws/s3/bucket_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "aws/s3/copy_source.h"
#include "aws/s3/model.h"
#include "cloud/buckets/access.h"

namespace sightline::aws::s3 {
namespace {

constexpr std::string_view kVendor = "s3:";

/// What actions on objects are named after, in lower case. All others are on buckets; none of theirs has such
/// a name but for those that are listed.
constexpr std::array<std::string_view, 5> kOfObjects = {
    "object", "multipartupload", "bypassgovernanceretention", "initiatereplication", "replicate"};
constexpr std::array<std::string_view, 5> kOfBuckets = {
    "s3:listbucketmultipartuploads", "s3:getbucketobjectlockconfiguration",
    "s3:putbucketobjectlockconfiguration", "s3:createbucketmetadatatableconfiguration",
    "s3:putbucketownershipcontrols"};

wire::Answer<policy::Document> malformed(std::string message) {
  return wire::refuse(kMalformedPolicy, std::move(message));
}

bool is_of_objects(std::string_view action) {
  if (std::ranges::find(kOfBuckets, action) != kOfBuckets.end()) return false;
  return std::ranges::any_of(
      kOfObjects, [&](std::string_view part) { return action.find(part) != std::string_view::npos; });
}

/// Whether an action, in lower case, is one of S3.
bool is_action(std::string_view action) {
  return action == "*" || (action.starts_with(kVendor) && action.size() > kVendor.size());
}

bool applies(const policy::Pattern& action, bool bucket_named, bool object_named) {
  const bool pattern = action.text().find_first_of("*?") != std::string::npos;
  return pattern || (is_of_objects(action.text()) ? object_named : bucket_named);
}

/// What S3 has against a statement; empty where it has nothing.
std::string fault_of(const policy::Statement& statement, const std::string& bucket) {
  for (const policy::Pattern& action : statement.actions)
    if (!is_action(action.text())) return "Policy has invalid action";
  bool bucket_named = statement.not_resource;
  bool object_named = statement.not_resource;
  for (const policy::ArnPattern& resource : statement.resources) {
    const std::string& arn = resource.text();
    const bool object = arn.starts_with(bucket + "/");
    if (!object && arn != bucket) return "Policy has invalid resource";
    (object ? object_named : bucket_named) = true;
  }
  if (statement.not_action) return {};
  for (const policy::Pattern& action : statement.actions)
    if (!applies(action, bucket_named, object_named))
      return "Action does not apply to any resource(s) in statement";
  return {};
}

}  // namespace

wire::Answer<policy::Document> read_bucket_policy(std::string_view text, std::string_view bucket) {
  auto document = policy::Document::parse(text, policy::DocumentKind::resource, buckets::kMaxPolicy);
  if (!document) {
    const auto& failure = document.error();
    if (failure.problem == policy::Problem::too_large)
      return malformed(fmt::format("Normalized policy document exceeds the maximum allowed size of {} bytes",
                                   buckets::kMaxPolicy));
    return malformed(failure.error.message);
  }
  const std::string arn = bucket_arn(bucket);
  for (const policy::Statement& statement : document->statements())
    if (std::string fault = fault_of(statement, arn); !fault.empty()) return malformed(std::move(fault));
  return *std::move(document);
}

}  // namespace sightline::aws::s3
