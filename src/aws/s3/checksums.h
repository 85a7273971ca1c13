#pragma once
// Checksums both ways: what a request tells of its body, and what an answer tells of an object.

#include <optional>
#include <string>

#include "aws/s3/model.h"
#include "aws/sigv4/payload.h"
#include "aws/wire/http.h"
#include "aws/wire/service_error.h"
#include "cloud/buckets/buckets.h"

namespace sightline::aws::s3 {

/// The member of a request, an answer or a part that holds this checksum.
template <typename Message>
[[nodiscard]] auto& checksum_member(Message& message, buckets::ChecksumAlgorithm algorithm) {
  switch (algorithm) {
    case buckets::ChecksumAlgorithm::crc32:
      return message.checksum_crc32;
    case buckets::ChecksumAlgorithm::crc32c:
      return message.checksum_crc32_c;
    case buckets::ChecksumAlgorithm::sha1:
      return message.checksum_sha1;
    case buckets::ChecksumAlgorithm::sha256:
      return message.checksum_sha256;
    case buckets::ChecksumAlgorithm::crc64nvme:
      break;
  }
  return message.checksum_crc64_nvme;
}

/// What a client says about the bytes that it sends.
struct DeclaredChecksum {
  std::optional<buckets::ChecksumAlgorithm> algorithm = {};
  std::optional<std::string> value = {};  ///< of the head
  std::string trailer = {};               ///< the name of the trailing header that will tell it; or empty
};

/// Adds what is told under one more name; an error where two are.
[[nodiscard]] wire::Answer<void> add_declared(DeclaredChecksum& declared,
                                              buckets::ChecksumAlgorithm algorithm,
                                              const std::optional<std::string>& value);
/// The checksum that trailing headers are to tell, if any.
void add_announced(DeclaredChecksum& declared, const sigv4::PayloadDecoder& payload);
/// What an MD5 and a checksum must come to. Once the body has been read.
[[nodiscard]] wire::Answer<buckets::Expected> expected_of(const DeclaredChecksum& declared,
                                                          const sigv4::PayloadDecoder& payload,
                                                          const std::optional<std::string>& md5);

/// A collected body against the MD5 and the checksum that the head declares; returns whether it declares one.
[[nodiscard]] wire::Answer<bool> check_declared(const wire::HttpRequest& request);
/// The same where one must be declared.
[[nodiscard]] wire::Answer<void> check_body(const wire::HttpRequest& request);

template <typename Request>
[[nodiscard]] wire::Answer<DeclaredChecksum> declared_checksum(const Request& request) {
  DeclaredChecksum declared;
  for (const auto algorithm : buckets::kChecksumAlgorithms)
    TRY(add_declared(declared, algorithm, checksum_member(request, algorithm)));
  if (request.checksum_sha512 || request.checksum_md5 || request.checksum_xxhash64 ||
      request.checksum_xxhash3 || request.checksum_xxhash128) {
    return wire::refuse(kNotImplemented,
                        "The checksum algorithms are CRC32, CRC32C, CRC64NVME, SHA1, SHA256.");
  }
  if constexpr (requires { request.checksum_algorithm; }) {
    if (request.checksum_algorithm && !declared.algorithm)
      declared.algorithm = buckets::checksum_algorithm(*request.checksum_algorithm);
  }
  return declared;
}

/// The checksum among a part's or a request's members: that by `algorithm` before others.
template <typename Message>
[[nodiscard]] std::optional<buckets::GivenChecksum> given_checksum(const Message& message,
                                                                   buckets::ChecksumAlgorithm algorithm) {
  if (const auto& value = checksum_member(message, algorithm))
    return buckets::GivenChecksum{algorithm, *value};
  for (const auto other : buckets::kChecksumAlgorithms) {
    if (const auto& value = checksum_member(message, other)) return buckets::GivenChecksum{other, *value};
  }
  return std::nullopt;
}

/// Of a decoded request: the validation has let no other value pass.
[[nodiscard]] inline buckets::ChecksumType checksum_type_of(std::string_view name) {
  return name == buckets::name_of(buckets::ChecksumType::composite) ? buckets::ChecksumType::composite
                                                                    : buckets::ChecksumType::full_object;
}

/// What was chosen for an upload, into an answer's members.
template <typename Message>
void set_chosen(const std::optional<buckets::UploadChecksum>& chosen, Message& message) {
  if (!chosen) return;
  message.checksum_algorithm = std::string(buckets::name_of(chosen->algorithm));
  message.checksum_type = std::string(buckets::name_of(chosen->type));
}

/// Into an answer's members; its type too where there is a place for it.
template <typename Message>
void set_checksum(const std::optional<buckets::ObjectChecksum>& checksum, Message& message) {
  if (!checksum) return;
  checksum_member(message, checksum->algorithm) = checksum->value;
  if constexpr (requires { message.checksum_type; })
    message.checksum_type = std::string(buckets::name_of(checksum->type));
}

}  // namespace sightline::aws::s3
