#include "app/cli/vision.h"

#include <fmt/format.h>

namespace sightline::cli {
namespace {

Result<inference::Precision> parse_precision(const std::string& name) {
  if (name == "auto") return inference::Precision::automatic;
  if (name == "fp32") return inference::Precision::fp32;
  if (name == "bf16") return inference::Precision::bf16;
  if (name == "int8") return inference::Precision::int8;
  return fail(ErrorKind::invalid_argument,
              fmt::format("'{}' is no precision; choose auto, fp32, bf16 or int8", name));
}

}  // namespace

Result<inference::ModelStore> open_model_store(const Locations& locations) {
  return inference::ModelStore::open(locations.manifests, locations.weights);
}

Result<std::unique_ptr<Vision>> Vision::open(const Locations& locations, const VisionOptions& options) {
  std::unique_ptr<Vision> vision(new Vision(TRY(open_model_store(locations)), options));
  inference::RuntimeOptions runtime;
  runtime.precision = TRY(parse_precision(options.precision));
  runtime.threads = options.threads;
  runtime.slots = 1;  // a command looks at one picture at a time
  runtime.cache_folder = locations.compiled_models;
  vision->runtime_ = TRY(inference::Runtime::create(runtime));
  return vision;
}

Result<analysis::FaceDetector*> Vision::clip_detector() {
  if (!clip_detector_)
    clip_detector_ = TRY(analysis::FaceDetector::create(*runtime_, models_, options_.model));
  return clip_detector_.get();
}

Result<analysis::FaceDetector*> Vision::picture_detector() {
  if (runtime_->preferred_form() == inference::ModelForm::plain || options_.precision == "int8")
    return clip_detector();
  if (!picture_detector_) {
    picture_detector_ =
        TRY(analysis::FaceDetector::create(*runtime_, models_, options_.model, inference::ModelForm::plain));
  }
  return picture_detector_.get();
}

Result<faces::FaceRecogniser*> Vision::recogniser() {
  if (!recogniser_) recogniser_ = TRY(faces::FaceRecogniser::create(*runtime_, models_));
  return recogniser_.get();
}

}  // namespace sightline::cli
