#include <limits>

#include "aws/rekognition/collection_faces.h"
#include "aws/rekognition/collection_shapes.h"
#include "aws/rekognition/face_shapes.h"
#include "aws/rekognition/rekognition_error.h"

namespace sightline::aws::rekognition {
namespace {

using collections::Uuid;

constexpr const char* kTooMany = "EXCEEDS_MAX_FACES";
constexpr const char* kUnclear = "LOW_FACE_QUALITY";

const char* reason_of(faces::Weakness weakness) {
  switch (weakness) {
    case faces::Weakness::small_box:
      return "SMALL_BOUNDING_BOX";
    case faces::Weakness::low_confidence:
      return "LOW_CONFIDENCE";
    case faces::Weakness::extreme_pose:
      return "EXTREME_POSE";
    case faces::Weakness::low_brightness:
      return "LOW_BRIGHTNESS";
    case faces::Weakness::low_sharpness:
      return "LOW_SHARPNESS";
  }
  return kUnclear;
}

/// The faces of a picture, those to be added and those not to be.
struct Sorted {
  std::vector<collections::NewFace> faces;
  std::vector<FaceDetail> details;  ///< of `faces`
  std::vector<UnindexedFace> others;
};

collections::NewFace new_face(const analysis::Face& face, media::Size picture, const Uuid& image,
                              const std::optional<std::string>& external_image_id,
                              const faces::FaceVector& vector) {
  const double width = picture.width;
  const double height = picture.height;
  return {image,
          external_image_id,
          {face.box.x / width, face.box.y / height, face.box.width / width, face.box.height / height},
          100.0 * face.confidence,
          {vector.begin(), vector.end()}};
}

wire::Answer<Sorted> sort_faces(const IndexFacesRequest& request, const SeenPicture& picture,
                                const Uuid& image, Vision& vision) {
  const auto analyser = vision.analyser();
  const auto recogniser = vision.recogniser();
  if (!analyser) return internal_failure(analyser.error());
  if (!recogniser) return internal_failure(recogniser.error());
  const faces::Wanted wanted = wanted_of(request.detection_attributes);
  // AUTO where nothing is said.
  const faces::QualityBar bar = quality_bar_of(request.quality_filter, faces::QualityBar::low);
  const auto most =
      static_cast<std::size_t>(request.max_faces.value_or(std::numeric_limits<std::int32_t>::max()));
  Sorted sorted;
  for (const analysis::Face& face : picture.faces) {
    const auto described = (*analyser)->describe(picture.image, face, wanted);
    if (!described) return internal_failure(described.error());
    FaceDetail detail = face_detail(*described, picture.image.size);
    std::vector<std::string> reasons;
    for (const faces::Weakness weakness : faces::weaknesses(face, described->pose, described->quality, bar))
      reasons.emplace_back(reason_of(weakness));
    if (reasons.empty() && sorted.faces.size() >= most) reasons.emplace_back(kTooMany);
    if (reasons.empty()) {
      const auto vector = (*recogniser)->embed(picture.image, face.landmarks);
      if (vector) {
        sorted.faces.push_back(new_face(face, picture.image.size, image, request.external_image_id, *vector));
        sorted.details.push_back(std::move(detail));
        continue;
      }
      if (vector.error().kind != ErrorKind::invalid_argument) return internal_failure(vector.error());
      reasons.emplace_back(kUnclear);
    }
    sorted.others.push_back({std::move(reasons), std::move(detail)});
  }
  return sorted;
}

}  // namespace

wire::Answer<IndexFacesResponse> index_faces(const IndexFacesRequest& request,
                                             const dispatch::Context& context,
                                             const FaceDependencies& dependencies) {
  const collections::Tenant tenant = tenant_of(context);
  const std::string& id = *request.collection_id;
  // Before the picture is looked at, which takes longer.
  const auto collection = dependencies.collections.describe(tenant, id);
  if (!collection) return refuse_collection(collection.error(), id);
  const SeenPicture picture = TRY(see(*request.image, context, dependencies.images, dependencies.vision));
  const auto recogniser = dependencies.vision.recogniser();
  if (!recogniser) return internal_failure(recogniser.error());
  const Uuid image = Uuid::parse(make_uuid(dependencies.random)).value();
  Sorted sorted = TRY(sort_faces(request, picture, image, dependencies.vision));
  const auto added = dependencies.collections.add(tenant, id, vector_model(**recogniser), sorted.faces);
  if (!added) return refuse_collection(added.error(), id);

  IndexFacesResponse response;
  auto& records = response.face_records.emplace();
  for (std::size_t i = 0; i < added->size(); ++i)
    records.push_back({wire_face((*added)[i]), std::move(sorted.details[i])});
  response.unindexed_faces = std::move(sorted.others);
  response.face_model_version = face_model_version(collection->model);
  return response;
}

}  // namespace sightline::aws::rekognition
