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

/// The checksum of an upload's object, and by which algorithm those of its parts are kept.
struct UploadChecksum {
  ChecksumAlgorithm algorithm = ChecksumAlgorithm::crc64nvme;
  ChecksumType type = ChecksumType::full_object;
};

struct UploadOptions {
  Attributes attributes;
  /// nullopt: the client chose none, and the object gets the default one. composite is not for crc64nvme,
  /// full_object not for sha1 and sha256.
  std::optional<UploadChecksum> checksum = {};
};

struct UploadInfo {
  Instant started;
  /// What the client chose. Where it chose none, its parts may come with whatever checksum, and none of a
  /// part is told.
  std::optional<UploadChecksum> chosen = {};
  [[nodiscard]] UploadChecksum checksum() const { return chosen.value_or(UploadChecksum{}); }
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

/// A checksum as the client gives it.
struct GivenChecksum {
  ChecksumAlgorithm algorithm = ChecksumAlgorithm::crc64nvme;
  std::string value;  ///< Base64
};

/// A part as the client believes it to be.
struct ChosenPart {
  int number = 1;
  std::string etag;  ///< without quotes
  std::optional<GivenChecksum> checksum = {};
};

struct CompleteOptions {
  /// That the whole must have. One by another algorithm than that of the object is passed over where the
  /// client chose none for the upload.
  std::optional<GivenChecksum> checksum = {};
  std::optional<ChecksumType> type = {};   ///< of the checksum; must be the one chosen for the upload
  std::optional<std::uint64_t> size = {};  ///< that the whole must have
  Conditions conditions = {};              ///< if_match and if_none_match
  Origin origin = {};
};

}  // namespace sightline::buckets
