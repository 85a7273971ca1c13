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

void add_collection_operations(dispatch::Operations& operations, const Parts& parts) {
  using dispatch::Context;
  collections::FaceCollections& collections = parts.collections;
  WorkerPool& quick = parts.quick;
  // The first waits for the models at start.
  operations.unary<CreateCollection>(
      parts.seeing, kMaxSmallBody, [parts](const auto& request, const Context& context) {
        return create_collection(request, context, parts.collections, parts.vision);
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

void add_face_operations(dispatch::Operations& operations, const Parts& parts) {
  const FaceParts own{parts.collections, parts.images, parts.vision, parts.random};
  const auto add = [&]<typename Op>(WorkerPool& pool, std::uint64_t max_body, auto* function) {
    operations.unary<Op>(pool, max_body,
                         [function, own](const auto& request, const dispatch::Context& context) {
                           return function(request, context, own);
                         });
  };
  add.operator()<ListFaces>(parts.quick, kMaxSmallBody, &list_faces);
  add.operator()<DeleteFaces>(parts.quick, kMaxSmallBody, &delete_faces);
  add.operator()<SearchFaces>(parts.seeing, kMaxSmallBody, &search_faces);
  add.operator()<SearchFacesByImage>(parts.seeing, kMaxPictureBody, &search_faces_by_image);
  add.operator()<IndexFaces>(parts.seeing, kMaxPictureBody, &index_faces);
}

void add_video_operations(dispatch::Operations& operations, const Parts& parts) {
  const auto add = [&]<typename Op>(auto* function) {
    operations.unary<Op>(parts.quick, kMaxSmallBody,
                         [function, parts](const auto& request, const dispatch::Context& context) {
                           return function(request, context, parts.jobs);
                         });
  };
  add.operator()<StartFaceDetection>(&start_face_detection);
  add.operator()<GetFaceDetection>(&get_face_detection);
  add.operator()<GetFaceSearch>(&get_face_search);
  // Waits for the models at start.
  operations.unary<StartFaceSearch>(
      parts.seeing, kMaxSmallBody,
      [parts](const StartFaceSearchRequest& request, const dispatch::Context& context) {
        return start_face_search(request, context, {parts.jobs, parts.collections, parts.vision});
      });
}

}  // namespace

void add_operations(dispatch::Operations& operations, const Parts& parts) {
  // With or without the "arn:" that CreateCollection's answer lacks.
  operations.resolver(
      "collection",
      [](const std::string* arn, const dispatch::Context&) -> wire::Answer<std::vector<std::string>> {
        const bool whole = arn && arn->starts_with("arn:");
        return std::vector{(whole ? "" : "arn:") + (arn ? *arn : std::string())};
      });
  operations.unary<CompareFaces>(
      parts.seeing, kMaxPictureBody,
      [parts](const CompareFacesRequest& request, const dispatch::Context& context) {
        return compare_faces(request, context, parts.images, parts.vision);
      });
  operations.unary<DetectFaces>(parts.seeing, kMaxPictureBody,
                                [parts](const DetectFacesRequest& request, const dispatch::Context& context) {
                                  return detect_faces(request, context, parts.images, parts.vision);
                                });
  operations.unary<DetectLabels>(
      parts.seeing, kMaxPictureBody,
      [parts](const DetectLabelsRequest& request, const dispatch::Context& context) {
        return detect_labels(request, context, parts.images, parts.vision);
      });
  operations.unary<DetectModerationLabels>(
      parts.seeing, kMaxPictureBody,
      [parts](const DetectModerationLabelsRequest& request, const dispatch::Context& context) {
        return detect_moderation_labels(request, context, parts.images, parts.vision);
      });
  add_collection_operations(operations, parts);
  add_face_operations(operations, parts);
  add_video_operations(operations, parts);
}

}  // namespace sightline::aws::rekognition
