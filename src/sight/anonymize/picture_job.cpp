#include "sight/anonymize/picture_job.h"

#include <algorithm>

#include "base/sha256.h"
#include "sight/analysis/pass_plan.h"
#include "sight/analysis/picture_faces.h"
#include "sight/analysis/picture_sources.h"
#include "sight/anonymize/painter.h"
#include "sight/tracking/settle.h"

namespace sightline::anonymize {

namespace {

/// Side, in pixels of the picture, of a pixel that the detector saw.
float detector_pixel(media::Size size, const analysis::DetectorOptions& options) {
  const int longest = std::max(size.width, size.height);
  if (options.max_side <= 0 || longest <= options.max_side) return 1.0F;
  return static_cast<float>(longest) / static_cast<float>(options.max_side);
}

}  // namespace

Result<std::vector<analysis::Face>> find_faces(const media::Picture& picture,
                                               analysis::FaceDetector& detector,
                                               const analysis::DetectorOptions& options) {
  return analysis::find_faces(detector, analysis::StillSource(picture), options, analysis::Orientations::all);
}

Result<PictureResult> anonymize_picture(std::span<const std::uint8_t> file, std::string_view name,
                                        analysis::FaceDetector* detector, const PictureOptions& options) {
  TRY(check_style(options.style));
  media::Picture picture = TRY(media::Picture::decode(file, name, options.limits));
  PictureResult result;
  result.format = picture.format();
  result.size = picture.displayed_size();
  result.input_sha256 = sha256_hex(file);
  if (detector != nullptr) {
    result.faces = TRY(find_faces(picture, *detector, options.detector));
    result.smallest_face = analysis::smallest_face(result.size, 1, options.detector);
  }
  if (options.kept != nullptr && !result.faces.empty()) {
    const media::RgbImage shown = picture.to_rgb(result.size);
    std::erase_if(result.faces, [&](const analysis::Face& face) {
      return options.kept->compare(shown, face) == Likeness::same;
    });
  }
  if (options.style.kind == StyleKind::none) return result;

  std::vector<PaintArea> areas;
  areas.reserve(result.faces.size() + options.regions.size());
  const float pixel = detector_pixel(result.size, options.detector);
  for (const analysis::Face& face : result.faces) {
    areas.push_back({tracking::covering(face.box, tracking::slack_of(face), pixel), false});
  }
  for (const media::Box& region : options.regions) areas.push_back({region, true});
  paint(picture, areas, options.exclusions, options.style);
  result.output = TRY(picture.encode(options.metadata));
  result.output_sha256 = sha256_hex(result.output);
  return result;
}

}  // namespace sightline::anonymize
