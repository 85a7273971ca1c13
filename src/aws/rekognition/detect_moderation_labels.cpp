#include "aws/rekognition/detect_moderation_labels.h"

#include "aws/rekognition/rekognition_error.h"
#include "sight/analysis/picture_sources.h"
#include "sight/objects/unsafe_content.h"

namespace sightline::aws::rekognition {
namespace {

constexpr float kDefaultMinModerationConfidence = 50;
constexpr const char* kModerationModelVersion = "7.0";

}  // namespace

wire::Answer<DetectModerationLabelsResponse> detect_moderation_labels(
    const DetectModerationLabelsRequest& request, const dispatch::Context& context, const ImageSource& images,
    Vision& vision) {
  if (request.human_loop_config)
    return wire::refuse(kInvalidParameterException, "HumanLoopConfig is not supported: nobody here reviews");
  if (request.project_version)
    return wire::refuse(kResourceNotFoundException, "The resource specified in the request cannot be found");
  const media::Picture picture = TRY(images.read(*request.image, context));
  const auto detector = vision.unsafe_content();
  if (!detector) return internal_failure(detector.error());
  const auto score = (*detector)->score(analysis::StillSource(picture));
  if (!score) return internal_failure(score.error());

  DetectModerationLabelsResponse response;
  response.moderation_model_version = kModerationModelVersion;
  auto& labels = response.moderation_labels.emplace();
  for (const objects::UnsafeLabel& label :
       objects::unsafe_labels(*score, request.min_confidence.value_or(kDefaultMinModerationConfidence) / 100))
    labels.push_back({.confidence = 100 * label.confidence,
                      .name = std::string(label.name),
                      .parent_name = std::string(label.parent),
                      .taxonomy_level = label.level});
  response.content_types.emplace();  // drawn or filmed is not told
  return response;
}

}  // namespace sightline::aws::rekognition
