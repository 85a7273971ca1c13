#include "sight/anonymize/picture_job.h"

#include "base/sha256.h"
#include "sight/analysis/picture_sources.h"
#include "sight/anonymize/painter.h"

namespace sightline::anonymize {

Result<std::vector<analysis::Face>> find_faces(const media::Picture& picture,
                                               analysis::FaceDetector& detector,
                                               const analysis::DetectorOptions& options) {
  return detector.detect(analysis::StillSource(picture), options);
}

Result<PictureResult> anonymize_picture(std::span<const std::uint8_t> file, std::string_view name,
                                        analysis::FaceDetector* detector, const PictureOptions& options) {
  TRY(check_style(options.style));
  media::Picture picture = TRY(media::Picture::decode(file, name, options.limits));
  PictureResult result;
  result.format = picture.format();
  result.size = picture.displayed_size();
  result.input_sha256 = sha256_hex(file);
  if (detector != nullptr) result.faces = TRY(find_faces(picture, *detector, options.detector));
  if (options.style.kind == StyleKind::none) return result;

  std::vector<PaintArea> areas;
  areas.reserve(result.faces.size() + options.regions.size());
  for (const analysis::Face& face : result.faces) areas.push_back({face.box, false});
  for (const media::Box& region : options.regions) areas.push_back({region, true});
  paint(picture, areas, options.exclusions, options.style);
  result.output = TRY(picture.encode(options.metadata));
  result.output_sha256 = sha256_hex(result.output);
  return result;
}

}  // namespace sightline::anonymize
