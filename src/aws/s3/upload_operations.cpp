#include "aws/s3/upload_operations.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/s3/byte_range.h"
#include "aws/s3/copy_source.h"
#include "aws/s3/key_spelling.h"
#include "aws/s3/object_attributes.h"
#include "aws/s3/origin.h"
#include "aws/s3/receiving.h"
#include "aws/s3/request_checks.h"
#include "aws/s3/s3_error.h"
#include "aws/wire/uri.h"
#include "aws/wire/xml_reader.h"
#include "base/ascii.h"

namespace sightline::aws::s3 {
namespace {

using buckets::Buckets;
using dispatch::Context;
using wire::Answer;

/// 10,000 parts of some 200 bytes, with room for checksums.
constexpr std::uint64_t kMaxCompleteBody = std::uint64_t{8} << 20U;
constexpr std::int32_t kMostParts = 1000;

template <typename Request>
buckets::UploadName upload_name(const Request& request, const std::string& account) {
  return {object_name(request, account), *request.upload_id};
}

/// What the client chose for an upload's checksum; nullopt where it chose nothing.
Answer<std::optional<buckets::UploadChecksum>> chosen_checksum(const CreateMultipartUploadRequest& request) {
  if (!request.checksum_algorithm) {
    if (!request.checksum_type) return std::nullopt;
    return wire::refuse(
        kInvalidRequest,
        "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
  }
  const auto algorithm = buckets::checksum_algorithm(*request.checksum_algorithm);
  if (!algorithm) return not_implemented("x-amz-checksum-algorithm");
  const auto type =
      request.checksum_type ? checksum_type_of(*request.checksum_type) : buckets::default_type(*algorithm);
  return buckets::UploadChecksum{*algorithm, type};
}

Answer<CreateMultipartUploadOutput> create_upload(const CreateMultipartUploadRequest& request,
                                                  const Context& context, Buckets& buckets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  buckets::UploadOptions options;
  options.attributes = attributes_of(request);
  options.checksum = TRY(chosen_checksum(request));
  CreateMultipartUploadOutput output;
  output.bucket = request.bucket;
  output.key = request.key;
  output.upload_id = TRY(
      to_service_error(buckets.begin_upload(object_name(request, account), options), subject_of(request)));
  set_chosen(options.checksum, output);
  return output;
}

/// A part has no checksum by another algorithm than the one chosen for its upload, and has one where that of
/// the whole is made of those of the parts.
Answer<void> check_algorithm(const buckets::UploadInfo& upload, const DeclaredChecksum& declared) {
  if (!upload.chosen || declared.algorithm == upload.chosen->algorithm) return {};
  if (!declared.algorithm && upload.chosen->type == buckets::ChecksumType::full_object) return {};
  return wire::refuse(
      kInvalidRequest,
      fmt::format("Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
                  to_lower(buckets::name_of(upload.chosen->algorithm)),
                  declared.algorithm ? to_lower(buckets::name_of(*declared.algorithm)) : "null"));
}

class PartUpload final : public ContentUpload<UploadPart> {
 public:
  PartUpload(UploadPartRequest request, DeclaredChecksum declared, const sigv4::PayloadDecoder& payload,
             buckets::ContentWriter content, Buckets& buckets, buckets::UploadName name,
             std::optional<buckets::UploadChecksum> chosen)
      : ContentUpload(std::move(request), std::move(declared), payload, std::move(content)),
        buckets_(buckets),
        name_(std::move(name)),
        chosen_(chosen) {}

  Answer<UploadPartOutput> finish() override {
    const auto wanted = TRY(expected());
    const auto part = TRY(to_service_error(
        buckets_.put_part(name_, *request_.part_number, std::move(content_), wanted), subject_));
    UploadPartOutput output;
    output.etag = in_quotes(part.etag);
    if (chosen_) checksum_member(output, chosen_->algorithm) = part.checksum;
    // What was told and found right is said back, also where none is kept.
    if (told_.algorithm && wanted.checksum) checksum_member(output, *told_.algorithm) = wanted.checksum;
    return output;
  }

 private:
  Buckets& buckets_;
  const buckets::UploadName name_;
  const std::optional<buckets::UploadChecksum> chosen_;
};

Answer<std::unique_ptr<dispatch::Upload<UploadPart>>> upload_part(UploadPartRequest request,
                                                                  const Context& context, Buckets& buckets,
                                                                  const sigv4::PayloadDecoder& payload) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  const Subject subject = subject_of(request);
  auto name = upload_name(request, account);
  const auto upload = TRY(to_service_error(buckets.find_upload(name), subject));
  DeclaredChecksum declared = TRY(declared_checksum(request));
  add_announced(declared, payload);
  TRY(check_algorithm(upload, declared));
  TRY(check_length(payload));
  auto content =
      TRY(to_service_error(buckets.new_content(upload.checksum().algorithm, declared.algorithm), subject));
  return std::make_unique<PartUpload>(std::move(request), std::move(declared), payload, std::move(content),
                                      buckets, std::move(name), upload.chosen);
}

constexpr const char* kCopyRangeForm =
    "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
    "zero-based "
    "offsets of the first and last bytes to copy";

wire::ServiceError about_range(wire::ServiceError error, const UploadPartCopyRequest& request) {
  error.details = {{"ArgumentName", "x-amz-copy-source-range"},
                   {"ArgumentValue", *request.copy_source_range}};
  return error;
}

Answer<UploadPartCopyOutput> upload_part_copy(const UploadPartCopyRequest& request, const Context& context,
                                              Buckets& buckets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  const auto from = TRY(find_copy_source(request, context, buckets));
  std::optional<buckets::PartRange> range;
  if (request.copy_source_range) {
    range = read_copy_range(*request.copy_source_range);
    if (!range)
      return std::unexpected(about_range(wire::service_error(kInvalidArgument, kCopyRangeForm), request));
  }
  const auto name = upload_name(request, account);
  const auto upload = TRY(to_service_error(buckets.find_upload(name), subject_of(request)));
  const auto part = buckets.copy_part(from, source_conditions(request), range, name, *request.part_number);
  if (!part) {
    auto error = error_for_reader(part.error(), {from.bucket, from.key, *request.upload_id}, context);
    if (part.error().problem == buckets::Problem::invalid_range)
      error = about_range(std::move(error), request);
    return std::unexpected(std::move(error));
  }
  UploadPartCopyOutput output;
  CopyPartResult& result = output.copy_part_result.emplace();
  result.etag = in_quotes(part->etag);
  result.last_modified = part->modified;
  if (upload.chosen) checksum_member(result, upload.chosen->algorithm) = part->checksum;
  return output;
}

Answer<std::vector<buckets::ChosenPart>> chosen_parts(const CompleteMultipartUploadRequest& request,
                                                      buckets::ChecksumAlgorithm algorithm) {
  const auto& list = request.multipart_upload;
  std::vector<buckets::ChosenPart> parts;
  for (const CompletedPart& part : list && list->parts ? *list->parts : std::vector<CompletedPart>()) {
    if (!part.part_number || !part.etag) return wire::refuse_xml(kService);
    parts.push_back({*part.part_number, unquoted(*part.etag), given_checksum(part, algorithm)});
  }
  return parts;
}

Answer<CompleteMultipartUploadOutput> complete_upload(const CompleteMultipartUploadRequest& request,
                                                      const Context& context, Buckets& buckets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  const Subject subject = subject_of(request);
  const auto name = upload_name(request, account);
  // An upload that is complete is unknown, and yet may be completed again: then no checksum is looked at.
  const auto upload = buckets.find_upload(name);
  const auto algorithm = (upload ? *upload : buckets::UploadInfo()).checksum().algorithm;
  const auto parts = TRY(chosen_parts(request, algorithm));
  buckets::CompleteOptions options;
  options.origin = origin_of(context);
  options.conditions = {request.if_match, request.if_none_match, {}, {}};
  if (request.mpu_object_size) options.size = static_cast<std::uint64_t>(*request.mpu_object_size);
  options.checksum = given_checksum(request, algorithm);
  if (request.checksum_type) options.type = checksum_type_of(*request.checksum_type);
  const auto object = TRY(to_service_error(buckets.complete_upload(name, parts, options), subject));
  CompleteMultipartUploadOutput output;
  output.location = fmt::format("{}/{}/{}", context.endpoint, *request.bucket,
                                wire::percent_encode(*request.key, wire::Slash::plain));
  output.bucket = request.bucket;
  output.key = request.key;
  output.etag = in_quotes(object.etag);
  set_checksum(object.checksum, output);
  return output;
}

Answer<AbortMultipartUploadOutput> abort_upload(const AbortMultipartUploadRequest& request,
                                                const Context& context, Buckets& buckets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  if (request.if_match_initiated_time) return not_implemented("x-amz-if-match-initiated-time");
  TRY(to_service_error(buckets.abort_upload(upload_name(request, account)), subject_of(request)));
  return AbortMultipartUploadOutput{};
}

Answer<ListPartsOutput> list_parts(const ListPartsRequest& request, const Context& context,
                                   Buckets& buckets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  const Subject subject = subject_of(request);
  const auto name = upload_name(request, account);
  const std::int32_t most = std::min(request.max_parts.value_or(kMostParts), kMostParts);
  const std::int32_t after = request.part_number_marker.value_or(0);
  if (most < 0 || after < 0)
    return wire::refuse(kInvalidArgument, "max-parts and part-number-marker must not be negative");
  const auto upload = TRY(to_service_error(buckets.find_upload(name), subject));
  ListPartsOutput output;
  output.bucket = request.bucket;
  output.key = key_in_answer(request.key);
  output.upload_id = request.upload_id;
  output.part_number_marker = after;
  output.max_parts = most;
  output.storage_class = "STANDARD";
  output.owner = Owner{.display_name = std::nullopt, .id = account};
  output.initiator = Initiator{.id = context.caller.arn, .display_name = std::nullopt};
  set_chosen(upload.chosen, output);
  auto& listed = output.parts.emplace();
  const auto parts = TRY(to_service_error(buckets.list_parts(name, after), subject));
  output.is_truncated = parts.size() > static_cast<std::size_t>(most);
  for (const auto& part : parts) {
    if (listed.size() == static_cast<std::size_t>(most)) break;
    Part& entry = listed.emplace_back();
    entry.part_number = part.number;
    entry.last_modified = part.modified;
    entry.etag = in_quotes(part.etag);
    entry.size = static_cast<std::int64_t>(part.size);
    if (upload.chosen) checksum_member(entry, upload.chosen->algorithm) = part.checksum;
  }
  output.next_part_number_marker = listed.empty() ? after : *listed.back().part_number;
  return output;
}

}  // namespace

void add_upload_operations(dispatch::Operations& operations, const Dependencies& dependencies) {
  Buckets& buckets = dependencies.buckets;
  operations.upload<UploadPart>(
      dependencies.transfer, kMaxUploadBody,
      [&buckets](UploadPartRequest request, const Context& context, const sigv4::PayloadDecoder& payload) {
        return upload_part(std::move(request), context, buckets, payload);
      });
  operations.permissions<UploadPartCopy>(&copy_permissions<UploadPartCopyRequest>);
  add_unary<UploadPartCopy>(operations, dependencies.transfer, 0, buckets, &upload_part_copy);
  add_unary<CreateMultipartUpload>(operations, dependencies.quick, 64 * 1024, buckets, &create_upload);
  add_unary<CompleteMultipartUpload>(operations, dependencies.quick, kMaxCompleteBody, buckets,
                                     &complete_upload);
  add_unary<AbortMultipartUpload>(operations, dependencies.quick, 0, buckets, &abort_upload);
  add_unary<ListParts>(operations, dependencies.quick, 0, buckets, &list_parts);
}

}  // namespace sightline::aws::s3
