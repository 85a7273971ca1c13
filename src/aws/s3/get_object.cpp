#include "aws/s3/get_object.h"

#include <fmt/format.h>

#include "aws/s3/byte_range.h"
#include "aws/s3/object_attributes.h"
#include "aws/s3/request_checks.h"
#include "aws/s3/s3_error.h"
#include "aws/wire/scalar.h"

namespace sightline::aws::s3 {
namespace {

using buckets::PartRange;
using dispatch::Context;
using wire::Answer;

constexpr int kPartialContent = 206;

struct Wanted {
  PartRange range;
  bool partial = false;
};

Answer<Wanted> wanted_range(const std::optional<std::string>& field, const std::optional<std::int32_t>& part,
                            const buckets::ObjectReader& object) {
  const std::uint64_t size = object.info().size;
  if (part) {
    if (field)
      return wire::refuse(kInvalidRequest, "Cannot specify both Range header and partNumber query parameter");
    const auto range = object.part(*part);
    if (!range) return wire::refuse(kInvalidPartNumber, "The requested partnumber is not satisfiable");
    return Wanted{*range, true};
  }
  if (!field) return Wanted{{0, size}};
  const auto range = read_range(*field, size);
  if (!range) {
    auto error = wire::service_error(kInvalidRange, "The requested range is not satisfiable");
    error.details = {{"RangeRequested", *field}, {"ActualObjectSize", fmt::format("{}", size)}};
    return std::unexpected(std::move(error));
  }
  if (!*range) return Wanted{{0, size}};
  return Wanted{**range, true};
}

template <typename Request>
buckets::Conditions conditions_of(const Request& request) {
  return {request.if_match, request.if_none_match, request.if_modified_since, request.if_unmodified_since};
}

/// What the query asks to be answered in place of what is kept.
template <typename Request, typename Response>
void override_headers(const Request& request, Response& response) {
  const auto replace = [](auto& place, const auto& value) {
    if (value) place = *value;
  };
  replace(response.content_type, request.response_content_type);
  replace(response.content_encoding, request.response_content_encoding);
  replace(response.content_disposition, request.response_content_disposition);
  replace(response.content_language, request.response_content_language);
  replace(response.cache_control, request.response_cache_control);
  if (request.response_expires)
    response.expires = wire::format_timestamp(*request.response_expires, wire::TimestampFormat::http_date);
}

/// A stored page is of this origin, and must not act as it: whatever the object's type is said to be, a
/// browser runs none of it.
template <typename Response>
void tell_to_run_nothing(Response& response) {
  response.content_security_policy = "sandbox";
  response.content_type_options = "nosniff";
}

/// The checksum of what is answered: of the whole, or of the part of an object that keeps one of each part.
template <typename Request>
std::optional<buckets::ObjectChecksum> checksum_of(const Request& request,
                                                   const buckets::ObjectReader& reader,
                                                   const Wanted& wanted) {
  if (!request.checksum_mode || *request.checksum_mode != "ENABLED") return std::nullopt;
  if (request.part_number) {
    if (auto of_part = reader.part_checksum(*request.part_number)) return of_part;
  }
  return wanted.range.size == reader.info().size ? reader.info().checksum : std::nullopt;
}

template <typename Request, typename Response>
void tell(const Request& request, const buckets::ObjectReader& reader, const Wanted& wanted,
          Response& response) {
  const buckets::ObjectInfo& object = reader.info();
  set_object(object, response);
  tell_to_run_nothing(response);
  response.content_length = static_cast<std::int64_t>(wanted.range.size);
  if (wanted.partial && wanted.range.size > 0) {
    response.content_range = fmt::format("bytes {}-{}/{}", wanted.range.offset,
                                         wanted.range.offset + wanted.range.size - 1, object.size);
  }
  if (request.part_number && object.parts > 0) response.parts_count = object.parts;
  set_checksum(checksum_of(request, reader, wanted), response);
  override_headers(request, response);
}

wire::ServiceError precondition_failed() {
  return wire::service_error(kPreconditionFailed,
                             "At least one of the pre-conditions you specified did not hold");
}

}  // namespace

Answer<dispatch::Downloaded<GetObject>> get_object(const GetObjectRequest& request, const Context& context,
                                                   buckets::Buckets& buckets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  auto object =
      TRY(to_reader_answer(buckets.open(object_name(request, account)), subject_of(request), context));
  dispatch::Downloaded<GetObject> answer;
  const auto verdict = buckets::judge(conditions_of(request), object->info());
  if (verdict == buckets::Verdict::failed) return std::unexpected(precondition_failed());
  if (verdict == buckets::Verdict::not_modified) {
    answer.status = 304;
    answer.response.etag = in_quotes(object->info().etag);
    answer.response.last_modified = object->info().modified;
    tell_to_run_nothing(answer.response);
    return answer;
  }
  const Wanted wanted = TRY(wanted_range(request.range, request.part_number, *object));
  tell(request, *object, wanted, answer.response);
  if (wanted.partial) answer.status = kPartialContent;
  answer.body.length = wanted.range.size;
  answer.body.read = [object = std::move(object),
                      at = wanted.range.offset](std::span<char> into) mutable -> Result<std::size_t> {
    const std::size_t count = TRY(object->read_at(at, into));
    at += count;
    return count;
  };
  return answer;
}

Answer<HeadObjectOutput> head_object(const HeadObjectRequest& request, const Context& context,
                                     buckets::Buckets& buckets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  const auto object =
      TRY(to_reader_answer(buckets.open(object_name(request, account)), subject_of(request), context));
  const auto verdict = buckets::judge(conditions_of(request), object->info());
  if (verdict == buckets::Verdict::failed) return std::unexpected(precondition_failed());
  if (verdict == buckets::Verdict::not_modified)
    return std::unexpected(wire::service_error(kNotModified, "Not Modified"));
  const Wanted wanted = TRY(wanted_range(request.range, request.part_number, *object));
  HeadObjectOutput output;
  tell(request, *object, wanted, output);
  if (wanted.partial) output.status_code = kPartialContent;
  return output;
}

}  // namespace sightline::aws::s3
