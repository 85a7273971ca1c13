#pragma once
// The picture that a request is about: its own bytes, or an object in a bucket that the caller may read.

#include <cstdint>
#include <functional>
#include <string>

#include "aws/dispatch/context.h"
#include "aws/rekognition/model.h"
#include "aws/wire/service_error.h"
#include "sight/media/picture.h"

namespace sightline::aws::rekognition {

/// Reads an object with the caller's rights; `version` may be empty. Errors: not_found, permission_denied,
/// too_large (over `max_bytes`).
using ReadObject =
    std::function<Result<Bytes>(const dispatch::Context& context, const std::string& bucket,
                                const std::string& key, const std::string& version, std::size_t max_bytes)>;

/// Source of the limits: "Guidelines and quotas in Amazon Rekognition".
inline constexpr std::size_t kMaxStoredPicture = std::size_t{15} << 20U;
inline constexpr int kMinPictureSide = 80;

/// Thread-safe.
class ImageSource {
 public:
  explicit ImageSource(ReadObject read_object) : read_object_(std::move(read_object)) {}

  /// The decoded picture; its orientation is honoured by whoever looks at it. Errors are Rekognition's own.
  [[nodiscard]] wire::Answer<media::Picture> read(const Image& image, const dispatch::Context& context) const;

 private:
  [[nodiscard]] wire::Answer<Bytes> read_object(const S3Object& object,
                                                const dispatch::Context& context) const;

  const ReadObject read_object_;
};

}  // namespace sightline::aws::rekognition
