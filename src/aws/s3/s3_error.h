#pragma once
// What goes wrong with buckets, in S3's words.

#include <string>

#include "aws/s3/model.h"
#include "aws/wire/service_error.h"
#include "cloud/buckets/failure.h"

namespace sightline::aws::s3 {

/// What a request is about, for the details of its errors.
struct Subject {
  std::string bucket = {};
  std::string key = {};
  std::string upload = {};
};

[[nodiscard]] wire::ServiceError error_of(const buckets::Failure& failure, const Subject& subject);

/// The domain's answer as the wire's: `TRY(to_service_error(dependencies.buckets.find(name), subject))`.
template <typename T>
[[nodiscard]] wire::Answer<T> to_service_error(buckets::Answer<T> answer, const Subject& subject) {
  if (!answer) return std::unexpected(error_of(answer.error(), subject));
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return *std::move(answer);
  }
}

template <typename Request>
[[nodiscard]] Subject subject_of(const Request& request) {
  Subject subject{.bucket = *request.bucket};
  if constexpr (requires { request.key; }) subject.key = *request.key;
  if constexpr (requires { request.upload_id; }) subject.upload = *request.upload_id;
  return subject;
}

}  // namespace sightline::aws::s3
