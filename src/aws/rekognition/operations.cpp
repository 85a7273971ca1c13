#include "aws/rekognition/operations.h"

#include "aws/rekognition/compare_faces.h"
#include "aws/rekognition/detect_faces.h"
#include "aws/rekognition/detect_labels.h"
#include "aws/rekognition/detect_moderation_labels.h"

namespace sightline::aws::rekognition {
namespace {

/// Two pictures of 5 MiB in Base64, with room for the rest.
constexpr std::uint64_t kMaxPictureBody = std::uint64_t{16} << 20U;

}  // namespace

void add_operations(dispatch::Operations& operations, const Parts& parts) {
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
}

}  // namespace sightline::aws::rekognition
