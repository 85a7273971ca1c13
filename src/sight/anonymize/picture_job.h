#pragma once
// Anonymises one still picture: bytes in, bytes out, and what was found.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "sight/analysis/face_detector.h"
#include "sight/anonymize/kept_people.h"
#include "sight/anonymize/style.h"
#include "sight/media/picture.h"

namespace sightline::anonymize {

struct PictureOptions {
  Style style;
  analysis::DetectorOptions detector = analysis::picture_options(analysis::Scope::balanced);
  std::vector<media::Box> regions;     ///< painted besides the faces, pixels of the displayed picture
  std::vector<media::Box> exclusions;  ///< never painted
  const KeptPeople* kept = nullptr;    ///< who is not painted either
  media::MetadataPolicy metadata = media::MetadataPolicy::safe;
  media::PictureLimits limits;
};

struct PictureResult {
  Bytes output;  ///< in the input's format; empty with style none
  media::PictureFormat format = media::PictureFormat::jpeg;
  media::Size size;                   ///< displayed
  std::vector<analysis::Face> faces;  ///< best first; those that an exclusion covers too, not kept people's
  int smallest_face =
      0;  ///< height in pixels from which on faces are found as a rule; 0: none were looked for
  std::string input_sha256;
  std::string output_sha256;  ///< empty with style none
};

/// `name` is only for messages. `detector` may be null: then only the regions are painted. Metadata is
/// handled as asked even where nothing is painted. Thread-safe as the detector is. Errors: those of
/// Picture::decode and of the detector; invalid_argument from check_style.
[[nodiscard]] Result<PictureResult> anonymize_picture(std::span<const std::uint8_t> file,
                                                      std::string_view name, analysis::FaceDetector* detector,
                                                      const PictureOptions& options);

/// Detection in the displayed picture, without painting.
[[nodiscard]] Result<std::vector<analysis::Face>> find_faces(const media::Picture& picture,
                                                             analysis::FaceDetector& detector,
                                                             const analysis::DetectorOptions& options);

}  // namespace sightline::anonymize
