#include "aws/s3/policy_operations.h"

#include <fmt/format.h>

#include "aws/s3/bucket_policy.h"
#include "aws/s3/checksums.h"
#include "aws/s3/copy_source.h"
#include "aws/s3/request_checks.h"
#include "aws/s3/s3_error.h"

namespace sightline::aws::s3 {
namespace {

using buckets::Buckets;
using dispatch::Context;
using wire::Answer;

/// A policy is refused for its size by its own check: this leaves room for one that is too large.
constexpr std::uint64_t kMaxPolicyBody = 128 * 1024;
constexpr std::uint64_t kMaxBlockBody = 64 * 1024;

/// The account of a bucket whose policy is meant: other accounts cannot be let to it by any policy.
template <typename Request>
Answer<std::string> owner_of_policy(const Request& request, const Context& context, const Buckets& buckets) {
  std::string account = TRY(check_and_find_owner(request, context, buckets));
  if (account != context.caller.account)
    return wire::refuse(kMethodNotAllowed, "The specified method is not allowed against this resource.");
  return account;
}

/// What is known of the bucket, which was there a moment ago.
template <typename Request>
Answer<buckets::BucketAccess> access_of(const Request& request, const std::string& account,
                                        const Buckets& buckets) {
  auto access = buckets.access(account, *request.bucket);
  if (access && access->account == account) return *std::move(access);
  return std::unexpected(
      error_of(buckets::Failure(buckets::Problem::no_such_bucket, "it is gone"), subject_of(request)));
}

template <typename Request>
std::unexpected<wire::ServiceError> no_policy(const Request& request) {
  auto error = wire::service_error(kNoSuchBucketPolicy, "The bucket policy does not exist");
  error.details = {{"BucketName", *request.bucket}};
  return std::unexpected(std::move(error));
}

Answer<wire::Empty> put_policy(const PutBucketPolicyRequest& request, const Context& context,
                               Buckets& buckets) {
  const std::string account = TRY(owner_of_policy(request, context, buckets));
  const policy::Document document = TRY(read_bucket_policy(request.policy.value_or(""), *request.bucket));
  const auto set = buckets.set_policy(account, *request.bucket, document);
  if (set) return wire::Empty{};
  if (set.error().problem != buckets::Problem::public_policy_blocked)
    return std::unexpected(error_of(set.error(), subject_of(request)));
  return wire::refuse(
      kAccessDenied,
      fmt::format("User: {} is not authorized to perform: s3:PutBucketPolicy on resource: \"{}\" because "
                  "public policies are blocked by the BlockPublicPolicy block public access setting.",
                  context.caller.arn, bucket_arn(*request.bucket)));
}

Answer<GetBucketPolicyOutput> get_policy(const GetBucketPolicyRequest& request, const Context& context,
                                         Buckets& buckets) {
  const std::string account = TRY(owner_of_policy(request, context, buckets));
  const auto access = TRY(access_of(request, account, buckets));
  if (!access.policy) return no_policy(request);
  GetBucketPolicyOutput output;
  output.policy = access.policy->text();
  return output;
}

Answer<wire::Empty> delete_policy(const DeleteBucketPolicyRequest& request, const Context& context,
                                  Buckets& buckets) {
  const std::string account = TRY(owner_of_policy(request, context, buckets));
  TRY(to_service_error(buckets.set_policy(account, *request.bucket, std::nullopt), subject_of(request)));
  return wire::Empty{};
}

Answer<GetBucketPolicyStatusOutput> get_policy_status(const GetBucketPolicyStatusRequest& request,
                                                      const Context& context, Buckets& buckets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  const auto access = TRY(access_of(request, account, buckets));
  if (!access.policy) return no_policy(request);
  GetBucketPolicyStatusOutput output;
  output.policy_status.emplace().is_public = access.is_public;
  return output;
}

Answer<wire::Empty> put_block(const PutPublicAccessBlockRequest& request, const Context& context,
                              Buckets& buckets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  const PublicAccessBlockConfiguration& wanted = *request.public_access_block_configuration;
  const buckets::PublicAccessBlock block{
      wanted.block_public_acls.value_or(false), wanted.ignore_public_acls.value_or(false),
      wanted.block_public_policy.value_or(false), wanted.restrict_public_buckets.value_or(false)};
  TRY(to_service_error(buckets.set_public_access_block(account, *request.bucket, block),
                       subject_of(request)));
  return wire::Empty{};
}

Answer<GetPublicAccessBlockOutput> get_block(const GetPublicAccessBlockRequest& request,
                                             const Context& context, Buckets& buckets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  const auto access = TRY(access_of(request, account, buckets));
  if (!access.block) {
    auto error = wire::service_error(kNoSuchPublicAccessBlockConfiguration,
                                     "The public access block configuration was not found");
    error.details = {{"BucketName", *request.bucket}};
    return std::unexpected(std::move(error));
  }
  GetPublicAccessBlockOutput output;
  auto& block = output.public_access_block_configuration.emplace();
  block.block_public_acls = access.block->block_acls;
  block.ignore_public_acls = access.block->ignore_acls;
  block.block_public_policy = access.block->block_policy;
  block.restrict_public_buckets = access.block->restrict_buckets;
  return output;
}

Answer<wire::Empty> delete_block(const DeletePublicAccessBlockRequest& request, const Context& context,
                                 Buckets& buckets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  TRY(to_service_error(buckets.set_public_access_block(account, *request.bucket, std::nullopt),
                       subject_of(request)));
  return wire::Empty{};
}

/// A declared checksum is compared; none is asked for.
Answer<void> check_sum(const wire::HttpRequest& request) {
  TRY(check_declared(request));
  return {};
}

}  // namespace

void add_policy_operations(dispatch::Operations& operations, const Dependencies& dependencies) {
  WorkerPool& quick = dependencies.quick;
  Buckets& buckets = dependencies.buckets;
  add_unary<PutBucketPolicy>(operations, quick, kMaxPolicyBody, buckets, &put_policy, &check_sum);
  add_unary<GetBucketPolicy>(operations, quick, 0, buckets, &get_policy);
  add_unary<DeleteBucketPolicy>(operations, quick, 0, buckets, &delete_policy);
  add_unary<GetBucketPolicyStatus>(operations, quick, 0, buckets, &get_policy_status);
  add_unary<PutPublicAccessBlock>(operations, quick, kMaxBlockBody, buckets, &put_block, &check_sum);
  add_unary<GetPublicAccessBlock>(operations, quick, 0, buckets, &get_block);
  add_unary<DeletePublicAccessBlock>(operations, quick, 0, buckets, &delete_block);
}

}  // namespace sightline::aws::s3
