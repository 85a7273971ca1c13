#include "aws/s3/object_operations.h"

#include <fmt/format.h>

#include "aws/s3/copy_source.h"
#include "aws/s3/get_object.h"
#include "aws/s3/object_attributes.h"
#include "aws/s3/origin.h"
#include "aws/s3/receiving.h"
#include "aws/s3/request_checks.h"
#include "aws/s3/s3_error.h"
#include "aws/wire/xml_reader.h"

namespace sightline::aws::s3 {
namespace {

using buckets::Buckets;
using dispatch::Context;
using wire::Answer;

constexpr std::uint64_t kMaxDeleteBody = std::uint64_t{4} << 20U;
constexpr std::size_t kMaxDeletedAtOnce = 1000;

class PutUpload final : public ContentUpload<PutObject> {
 public:
  PutUpload(PutObjectRequest request, DeclaredChecksum declared, const sigv4::PayloadDecoder& payload,
            buckets::ContentWriter content, Buckets& buckets, buckets::ObjectName name,
            buckets::PutOptions options)
      : ContentUpload(std::move(request), std::move(declared), payload, std::move(content)),
        buckets_(buckets),
        name_(std::move(name)),
        options_(std::move(options)) {}

  Answer<PutObjectOutput> finish() override {
    options_.expected = TRY(expected());
    const auto object = TRY(to_service_error(buckets_.put(name_, std::move(content_), options_), subject_));
    PutObjectOutput output;
    output.etag = in_quotes(object.etag);
    set_checksum(object.checksum, output);
    return output;
  }

 private:
  Buckets& buckets_;
  const buckets::ObjectName name_;
  buckets::PutOptions options_;
};

Answer<std::unique_ptr<dispatch::Upload<PutObject>>> put_object(PutObjectRequest request,
                                                                const Context& context, Buckets& buckets,
                                                                const sigv4::PayloadDecoder& payload) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  const Subject subject = subject_of(request);
  buckets::ObjectName name = object_name(request, account);
  DeclaredChecksum declared = TRY(declared_checksum(request));
  add_announced(declared, payload);
  buckets::PutOptions options;
  options.attributes = attributes_of(request);
  options.conditions = {request.if_match, request.if_none_match, {}, {}};
  options.origin = origin_of(context);
  TRY(to_service_error(buckets.may_put(name, options), subject));
  TRY(check_length(payload));
  auto content = TRY(to_service_error(
      buckets.new_content(declared.algorithm.value_or(buckets::ChecksumAlgorithm::crc64nvme)), subject));
  return std::make_unique<PutUpload>(std::move(request), std::move(declared), payload, std::move(content),
                                     buckets, std::move(name), std::move(options));
}

Answer<DeleteObjectOutput> delete_object(const DeleteObjectRequest& request, const Context& context,
                                         Buckets& buckets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  if (request.if_match || request.if_match_size || request.if_match_last_modified_time)
    return not_implemented("If-Match");
  TRY(to_service_error(buckets.remove(object_name(request, account), origin_of(context)),
                       subject_of(request)));
  return DeleteObjectOutput{};
}

Answer<DeleteObjectsOutput> delete_objects(const DeleteObjectsRequest& request, const Context& context,
                                           Buckets& buckets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  const auto& wanted = request.delete_;
  if (!wanted || !wanted->objects || wanted->objects->empty() ||
      wanted->objects->size() > kMaxDeletedAtOnce) {
    return wire::refuse_xml(kService);
  }
  DeleteObjectsOutput output;
  std::vector<std::string> keys;
  for (const ObjectIdentifier& object : *wanted->objects) {
    const bool other_version = object.version_id && *object.version_id != "null";
    if (!other_version && !object.etag && !object.size && !object.last_modified_time) {
      keys.push_back(*object.key);
      continue;
    }
    if (!output.errors) output.errors.emplace();
    Error& error = output.errors->emplace_back();
    error.key = object.key;
    error.version_id = object.version_id;
    error.code = other_version ? "NoSuchVersion" : "NotImplemented";
    error.message = other_version ? "The specified version does not exist."
                                  : "Deleting on conditions is not implemented.";
  }
  std::erase_if(keys, [&](const std::string& key) {
    const auto allowed =
        dispatch::check_access({"s3:DeleteObject", object_arn(*request.bucket, key)}, context, kService);
    if (allowed) return false;
    if (!output.errors) output.errors.emplace();
    Error& error = output.errors->emplace_back();
    error.key = key;
    error.code = allowed.error().code;
    error.message = allowed.error().message;
    return true;
  });
  TRY(to_service_error(buckets.remove_all(account, *request.bucket, keys, origin_of(context)),
                       subject_of(request)));
  if (wanted->quiet.value_or(false)) return output;
  auto& deleted = output.deleted.emplace();
  for (std::string& key : keys) deleted.emplace_back().key = std::move(key);
  return output;
}

Answer<buckets::CopyOptions> copy_options(const CopyObjectRequest& request, const buckets::ObjectName& from,
                                          const buckets::ObjectName& to) {
  buckets::CopyOptions options;
  options.source = source_conditions(request);
  options.conditions = {request.if_match, request.if_none_match, {}, {}};
  const bool replaces = request.metadata_directive && *request.metadata_directive == "REPLACE";
  if (replaces) options.attributes = attributes_of(request);
  if (request.checksum_algorithm) {
    options.algorithm = buckets::checksum_algorithm(*request.checksum_algorithm);
    if (!options.algorithm) return not_implemented("x-amz-checksum-algorithm");
  }
  const bool changes =
      replaces || options.algorithm || request.storage_class || request.server_side_encryption;
  if (!changes && from.bucket == to.bucket && from.key == to.key) {
    return wire::refuse(
        kInvalidRequest,
        "This copy request is illegal because it is trying to copy an object to itself without changing the "
        "object's metadata, storage class, website redirect location or encryption attributes.");
  }
  return options;
}

Answer<CopyObjectOutput> copy_object(const CopyObjectRequest& request, const Context& context,
                                     Buckets& buckets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  const auto from = TRY(find_copy_source(request, context, buckets));
  const auto to = object_name(request, account);
  auto options = TRY(copy_options(request, from, to));
  options.origin = origin_of(context);
  const auto object = buckets.copy(from, to, options);
  if (!object) {
    // What is missing is the source, unless it is the bucket that is copied into.
    const bool target = object.error().problem == buckets::Problem::no_such_bucket &&
                        !buckets.find_bucket(to.account, to.bucket);
    const Subject subject = target ? Subject{to.bucket, to.key} : Subject{from.bucket, from.key};
    return std::unexpected(error_for_reader(object.error(), subject, context));
  }
  CopyObjectOutput output;
  CopyObjectResult& result = output.copy_object_result.emplace();
  result.etag = in_quotes(object->etag);
  result.last_modified = object->modified;
  set_checksum(object->checksum, result);
  return output;
}

}  // namespace

void add_object_operations(dispatch::Operations& operations, const Dependencies& dependencies) {
  Buckets& buckets = dependencies.buckets;
  operations.upload<PutObject>(
      dependencies.transfer, kMaxUploadBody,
      [&buckets](PutObjectRequest request, const Context& context, const sigv4::PayloadDecoder& payload) {
        return put_object(std::move(request), context, buckets, payload);
      });
  operations.download<GetObject>(dependencies.transfer,
                                 [&buckets](const GetObjectRequest& request, const Context& context) {
                                   return get_object(request, context, buckets);
                                 });
  add_unary<HeadObject>(operations, dependencies.quick, 0, buckets, &head_object);
  add_unary<DeleteObject>(operations, dependencies.quick, 0, buckets, &delete_object);
  add_unary<DeleteObjects>(operations, dependencies.quick, kMaxDeleteBody, buckets, &delete_objects,
                           &check_body);
  operations.permissions<CopyObject>(&copy_permissions<CopyObjectRequest>);
  add_unary<CopyObject>(operations, dependencies.transfer, 0, buckets, &copy_object);
}

}  // namespace sightline::aws::s3
