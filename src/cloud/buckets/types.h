#pragma once
// What a bucket holds, as its callers see it.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cause.h"
#include "base/clock.h"
#include "cloud/buckets/checksum.h"

namespace sightline::buckets {

struct Bucket {
  std::string name;
  std::string region;
  Instant created;
};

struct ObjectName {
  std::string account;  ///< the bucket's owner
  std::string bucket;
  std::string key;  ///< bytes; listed in their order
};

/// Who changes something, and by which request: those who are notified of the change learn it.
struct Origin {
  std::string principal = {};  ///< its id
  std::string source_ip = {};  ///< the client's address; empty for a call from inside
  std::string request_id = {};
  std::optional<std::string> trace_header = {};
  Cause cause = {};
};

/// What is kept with an object for those who fetch it.
struct Attributes {
  std::optional<std::string> content_type = {};
  std::optional<std::string> content_encoding = {};
  std::optional<std::string> content_disposition = {};
  std::optional<std::string> content_language = {};
  std::optional<std::string> cache_control = {};
  std::optional<std::string> expires = {};
  std::map<std::string, std::string> metadata = {};  ///< names in small letters
  bool operator==(const Attributes&) const = default;
};

/// Whether a checksum is that of the whole, or one made of those of the parts.
enum class ChecksumType { full_object, composite };
/// "FULL_OBJECT"; how it is stored.
[[nodiscard]] std::string_view name_of(ChecksumType type);
/// That of an upload for which an algorithm was chosen, and no type.
[[nodiscard]] ChecksumType default_type(ChecksumAlgorithm algorithm);

struct ObjectChecksum {
  ChecksumAlgorithm algorithm = ChecksumAlgorithm::crc64nvme;
  ChecksumType type = ChecksumType::full_object;
  std::string value;  ///< Base64; of a composite one with "-" and the number of parts
  bool operator==(const ObjectChecksum&) const = default;
};

struct ObjectInfo {
  std::string key;
  std::uint64_t size = 0;
  std::string etag;  ///< without quotes: MD5, or MD5 of the parts' MD5s and their number
  Instant modified;
  std::optional<ObjectChecksum> checksum = {};
  int parts = 0;  ///< of an object that was uploaded in parts; else 0
  Attributes attributes = {};
};

/// When something is to happen at all, by the object that is there (RFC 9110, section 13).
struct Conditions {
  std::optional<std::string> if_match = {};  ///< as in the header: "*", or tags with or without quotes
  std::optional<std::string> if_none_match = {};
  std::optional<Instant> if_modified_since = {};
  std::optional<Instant> if_unmodified_since = {};
};

enum class Verdict { go_on, not_modified, failed };
/// Times count in whole seconds, as they are told.
[[nodiscard]] Verdict judge(const Conditions& conditions, const ObjectInfo& object);

/// 3 to 63 small letters, digits, hyphens and points; no IP address.
[[nodiscard]] bool is_bucket_name(std::string_view name);

inline constexpr std::int64_t kMaxBuckets = 10'000;                    ///< of an account
inline constexpr std::size_t kMaxKey = 1024;                           ///< bytes
inline constexpr std::size_t kMaxMetadata = 2048;                      ///< bytes of names and values
inline constexpr std::uint64_t kMaxContent = std::uint64_t{5} << 30U;  ///< of one upload
inline constexpr std::uint64_t kMinPart = std::uint64_t{5} << 20U;     ///< of all parts but the last
inline constexpr int kMaxParts = 10'000;

}  // namespace sightline::buckets
