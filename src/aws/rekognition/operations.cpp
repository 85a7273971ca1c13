#include "aws/rekognition/operations.h"

#include "aws/rekognition/collection_faces.h"
#include "aws/rekognition/collections.h"
#include "aws/rekognition/compare_faces.h"
#include "aws/rekognition/detect_faces.h"
#include "aws/rekognition/detect_labels.h"
#include "aws/rekognition/detect_moderation_labels.h"
#include "aws/rekognition/video_jobs.h"

namespace sightline::aws::rekognition {
namespace {

/// Two pictures of 5 MiB in Base64, with room for the rest.
constexpr std::uint64_t kMaxPictureBody = std::uint64_t{16} << 20U;
/// Names, tags, lists of ids.
constexpr std::uint64_t kMaxSmallBody = std::uint64_t{1} << 20U;

void add_collection_operations(dispatch::Operations& operations, const Dependencies& dependencies) {
  using dispatch::Context;
  collections::FaceCollections& collections = dependencies.collections;
  WorkerPool& quick = dependencies.quick;
  // The first waits for the models at start.
  operations.unary<CreateCollection>(
      dependencies.inference, kMaxSmallBody, [dependencies](const auto& request, const Context& context) {
        return create_collection(request, context, dependencies.collections, dependencies.vision);
      });
  const auto add = [&]<typename Op>(auto* function) {
    operations.unary<Op>(quick, kMaxSmallBody,
                         [function, &collections](const auto& request, const Context& context) {
                           return function(request, context, collections);
                         });
  };
  add.operator()<DescribeCollection>(&describe_collection);
  add.operator()<ListCollections>(&list_collections);
  add.operator()<DeleteCollection>(&delete_collection);
  add.operator()<TagResource>(&tag_resource);
  add.operator()<UntagResource>(&untag_resource);
  add.operator()<ListTagsForResource>(&list_tags_for_resource);
}

void add_face_operations(dispatch::Operations& operations, const Dependencies& dependencies) {
  const FaceDependencies own{dependencies.collections, dependencies.images, dependencies.vision,
                             dependencies.random};
  const auto add = [&]<typename Op>(WorkerPool& pool, std::uint64_t max_body, auto* function) {
    operations.unary<Op>(pool, max_body,
                         [function, own](const auto& request, const dispatch::Context& context) {
                           return function(request, context, own);
                         });
  };
  add.operator()<ListFaces>(dependencies.quick, kMaxSmallBody, &list_faces);
  add.operator()<DeleteFaces>(dependencies.quick, kMaxSmallBody, &delete_faces);
  add.operator()<SearchFaces>(dependencies.inference, kMaxSmallBody, &search_faces);
  add.operator()<SearchFacesByImage>(dependencies.inference, kMaxPictureBody, &search_faces_by_image);
  add.operator()<IndexFaces>(dependencies.inference, kMaxPictureBody, &index_faces);
}

void add_video_operations(dispatch::Operations& operations, const Dependencies& dependencies) {
  const auto add = [&]<typename Op>(auto* function) {
    operations.unary<Op>(dependencies.quick, kMaxSmallBody,
                         [function, dependencies](const auto& request, const dispatch::Context& context) {
                           return function(request, context, dependencies.jobs);
                         });
  };
  add.operator()<StartFaceDetection>(&start_face_detection);
  add.operator()<GetFaceDetection>(&get_face_detection);
  add.operator()<GetFaceSearch>(&get_face_search);
  // Waits for the models at start.
  operations.unary<StartFaceSearch>(
      dependencies.inference, kMaxSmallBody,
      [dependencies](const StartFaceSearchRequest& request, const dispatch::Context& context) {
        return start_face_search(request, context,
                                 {dependencies.jobs, dependencies.collections, dependencies.vision});
      });
}

}  // namespace

void add_operations(dispatch::Operations& operations, const Dependencies& dependencies) {
  // With or without the "arn:" that CreateCollection's answer lacks.
  operations.resolver(
      kService, "collection",
      [](const std::string* arn, const dispatch::Context&) -> wire::Answer<std::vector<std::string>> {
        const bool whole = arn && arn->starts_with("arn:");
        return std::vector{(whole ? "" : "arn:") + (arn ? *arn : std::string())};
      });
  operations.unary<CompareFaces>(
      dependencies.inference, kMaxPictureBody,
      [dependencies](const CompareFacesRequest& request, const dispatch::Context& context) {
        return compare_faces(request, context, dependencies.images, dependencies.vision);
      });
  operations.unary<DetectFaces>(
      dependencies.inference, kMaxPictureBody,
      [dependencies](const DetectFacesRequest& request, const dispatch::Context& context) {
        return detect_faces(request, context, dependencies.images, dependencies.vision);
      });
  operations.unary<DetectLabels>(
      dependencies.inference, kMaxPictureBody,
      [dependencies](const DetectLabelsRequest& request, const dispatch::Context& context) {
        return detect_labels(request, context, dependencies.images, dependencies.vision);
      });
  operations.unary<DetectModerationLabels>(
      dependencies.inference, kMaxPictureBody,
      [dependencies](const DetectModerationLabelsRequest& request, const dispatch::Context& context) {
        return detect_moderation_labels(request, context, dependencies.images, dependencies.vision);
      });
  add_collection_operations(operations, dependencies);
  add_face_operations(operations, dependencies);
  add_video_operations(operations, dependencies);
}

}  // namespace sightline::aws::rekognition
