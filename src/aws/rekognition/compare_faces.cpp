#include "aws/rekognition/compare_faces.h"

#include <algorithm>

#include "aws/rekognition/face_shapes.h"
#include "aws/rekognition/rekognition_error.h"

namespace sightline::aws::rekognition {
namespace {

constexpr float kUsualThreshold = 80;

struct DescribedPicture {
  media::Size size;
  std::vector<faces::FaceDetails> faces;  ///< those above the bar, largest first
  std::vector<faces::FaceVector> vectors;
};

/// Describes and embeds the largest `most` faces above the bar.
wire::Answer<DescribedPicture> describe(const Image& image, const dispatch::Context& context,
                                        const ImageSource& images, Vision& vision, faces::QualityBar bar,
                                        std::size_t most) {
  const SeenPicture picture = TRY(see(image, context, images, vision));
  const auto analyser = vision.analyser();
  const auto recogniser = vision.recogniser();
  if (!analyser) return internal_failure(analyser.error());
  if (!recogniser) return internal_failure(recogniser.error());
  DescribedPicture result{picture.image.size, {}, {}};
  for (const analysis::Face& face : picture.faces) {
    if (result.faces.size() == most) break;
    auto described = (*analyser)->describe(picture.image, face, {});
    if (!described) return internal_failure(described.error());
    if (!faces::weaknesses(face, described->pose, described->quality, bar).empty()) continue;
    const auto vector = (*recogniser)->embed(picture.image, face.landmarks);
    if (!vector && vector.error().kind != ErrorKind::invalid_argument)
      return internal_failure(vector.error());
    // Points in one place: nothing that could be compared.
    if (!vector) continue;
    result.faces.push_back(std::move(*described));
    result.vectors.push_back(*vector);
  }
  if (result.faces.empty()) return wire::refuse(kInvalidParameterException, "Request has invalid parameters");
  return result;
}

}  // namespace

wire::Answer<CompareFacesResponse> compare_faces(const CompareFacesRequest& request,
                                                 const dispatch::Context& context, const ImageSource& images,
                                                 Vision& vision) {
  const faces::QualityBar bar = quality_bar_of(request.quality_filter, faces::QualityBar::none);
  const DescribedPicture source = TRY(describe(*request.source_image, context, images, vision, bar, 1));
  const DescribedPicture target = TRY(describe(*request.target_image, context, images, vision, bar, 100));
  const auto recogniser = vision.recogniser();
  if (!recogniser) return internal_failure(recogniser.error());

  CompareFacesResponse response;
  const analysis::Face& face = source.faces.front().face;
  response.source_image_face = {bounding_box(face.box, source.size), 100 * face.confidence};
  auto& matches = response.face_matches.emplace();
  auto& others = response.unmatched_faces.emplace();
  for (std::size_t i = 0; i < target.faces.size(); ++i) {
    ComparedFace compared = compared_face(target.faces[i], target.size);
    const float similarity =
        (*recogniser)->similarity(faces::cosine(source.vectors.front(), target.vectors[i]));
    if (similarity >= request.similarity_threshold.value_or(kUsualThreshold))
      matches.push_back({similarity, std::move(compared)});
    else
      others.push_back(std::move(compared));
  }
  std::ranges::stable_sort(matches, std::ranges::greater{},
                           [](const auto& match) { return *match.similarity; });
  return response;
}

}  // namespace sightline::aws::rekognition
