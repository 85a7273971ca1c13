#pragma once
// Objects that come in parts: what is said about an upload and its parts.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cloud/buckets/types.h"

namespace sightline::buckets {

struct UploadName {
  ObjectName object;
  std::string id;
};

struct UploadOptions {
  Attributes attributes;
  std::optional<ChecksumAlgorithm> algorithm = {};  ///< crc64nvme
  /// Of the whole: full_object for crc64nvme (alone for it) and where no algorithm is named, else composite
  /// (alone for sha1 and sha256).
  std::optional<ChecksumType> type = {};
};

struct UploadInfo {
  Instant started;
  ChecksumAlgorithm algorithm = ChecksumAlgorithm::crc64nvme;
  ChecksumType type = ChecksumType::full_object;
};

struct UploadQuery {
  std::string prefix;
  std::string delimiter;  ///< as in ListQuery
  std::string after_key;  ///< all keys that follow it, or a common prefix that was listed
  std::string after_id;   ///< and what follows this upload among those of that key
  std::size_t limit = 1000;
};

struct UploadListing {
  struct Upload {
    std::string key;
    std::string id;
    UploadInfo info;
  };
  struct Place {
    std::string key;
    std::string id;  ///< empty: the key is a common prefix
  };
  std::vector<Upload> uploads;
  std::vector<std::string> prefixes;
  std::optional<Place> next;  ///< where this page ends, when there is another
};

struct PartInfo {
  int number = 1;
  std::uint64_t size = 0;
  std::string etag;      ///< without quotes
  std::string checksum;  ///< Base64, by the upload's algorithm
  Instant modified;
};

/// A part as the client believes it to be.
struct ChosenPart {
  int number = 1;
  std::string etag;                          ///< without quotes
  std::optional<std::string> checksum = {};  ///< Base64, by the upload's algorithm
};

struct CompleteOptions {
  std::optional<std::string> checksum = {};  ///< that the whole must have
  std::optional<std::uint64_t> size = {};    ///< as well
  Conditions conditions = {};                ///< if_match and if_none_match
};

}  // namespace sightline::buckets
