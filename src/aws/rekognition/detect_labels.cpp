#include "aws/rekognition/detect_labels.h"

#include <algorithm>

#include "aws/rekognition/picture_box.h"
#include "aws/rekognition/rekognition_error.h"
#include "sight/analysis/picture_sources.h"
#include "sight/objects/labels.h"

namespace sightline::aws::rekognition {
namespace {

constexpr float kDefaultMinLabelConfidence = 55;
constexpr std::int32_t kMostLabels = 1000;
constexpr const char* kLabelModelVersion = "3.0";

using Names = std::optional<std::vector<std::string>>;

bool has(const Names& names, std::string_view name) {
  return names && std::ranges::find(*names, name) != names->end();
}

bool empty(const Names& names) {
  return !names || names->empty();
}

/// Whoever lists labels or categories wants those alone; what is excluded goes in any case.
bool is_wanted(const objects::LabelRow& row, const GeneralLabelsSettings& settings) {
  if (has(settings.label_exclusion_filters, row.name) ||
      has(settings.label_category_exclusion_filters, row.category))
    return false;
  if (empty(settings.label_inclusion_filters) && empty(settings.label_category_inclusion_filters))
    return true;
  return has(settings.label_inclusion_filters, row.name) ||
         has(settings.label_category_inclusion_filters, row.category);
}

template <typename Named>
std::vector<Named> named(std::string_view list) {
  std::vector<Named> all;
  for (const std::string_view name : objects::names_in(list)) all.push_back({std::string(name)});
  return all;
}

Label answered(const objects::Label& label, media::Size size) {
  Label answer;
  answer.name = std::string(label.row->name);
  answer.confidence = 100 * label.confidence;
  auto& instances = answer.instances.emplace();
  for (const objects::LabelInstance& instance : label.instances)
    instances.push_back({share_of(instance.box, size), 100 * instance.confidence, std::nullopt});
  answer.parents = named<Parent>(label.row->parents);
  answer.aliases = named<LabelAlias>(label.row->aliases);
  answer.categories = named<LabelCategory>(label.row->category);
  return answer;
}

/// Colours and sharpness of a picture are not measured here: whoever asks for them must not miss them
/// unawares.
bool asks_for_properties(const DetectLabelsRequest& request) {
  return has(request.features, "IMAGE_PROPERTIES") ||
         (request.settings && request.settings->image_properties);
}

}  // namespace

wire::Answer<DetectLabelsResponse> detect_labels(const DetectLabelsRequest& request,
                                                 const dispatch::Context& context, const ImageSource& images,
                                                 Vision& vision) {
  if (asks_for_properties(request))
    return wire::refuse(kInvalidParameterException,
                        "IMAGE_PROPERTIES is not supported: ask for GENERAL_LABELS");
  const media::Picture picture = TRY(images.read(*request.image, context));
  const auto detector = vision.objects();
  if (!detector) return internal_failure(detector.error());
  const auto found = (*detector)->detect(analysis::StillSource(picture), objects::ObjectOptions{});
  if (!found) return internal_failure(found.error());

  GeneralLabelsSettings settings;
  if (request.settings) settings = request.settings->general_labels.value_or(settings);
  const auto most = static_cast<std::size_t>(std::min(request.max_labels.value_or(kMostLabels), kMostLabels));
  DetectLabelsResponse response;
  response.label_model_version = kLabelModelVersion;
  auto& labels = response.labels.emplace();
  for (const objects::Label& label :
       objects::labels_of(*found, request.min_confidence.value_or(kDefaultMinLabelConfidence) / 100)) {
    if (labels.size() == most) break;
    if (is_wanted(*label.row, settings)) labels.push_back(answered(label, picture.displayed_size()));
  }
  return response;
}

}  // namespace sightline::aws::rekognition
