#include "sight/objects/unsafe_content.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sight/analysis/picture_sources.h"

namespace sightline::objects {
namespace {

// As the network learned: the whole picture squeezed to a square, of which the border is left out.
constexpr media::Size kSqueezed{256, 256};
constexpr media::Size kInput{224, 224};
constexpr media::Box kCenter{16, 16, 224, 224};

class OpenNsfw final : public UnsafeContentDetector {
 public:
  OpenNsfw(inference::Runtime& runtime, inference::ModelManifest model, std::filesystem::path weights)
      : runtime_(runtime), model_(std::move(model)), weights_(std::move(weights)) {}

  Result<float> score(const analysis::PictureSource& picture) override {
    const media::Size size = picture.size();
    if (size.width < 1 || size.height < 1)
      return fail(ErrorKind::invalid_argument,
                  fmt::format("no decision is possible for a picture of {}x{}", size.width, size.height));
    const auto session =
        TRY(runtime_.rgb_session(weights_, model_.sha256, kInput.width, kInput.height, model_.input));
    const media::RgbImage image = analysis::cropped(TRY(picture.rgb(kSqueezed)), kCenter, kInput);
    const auto lease = session->lease();
    std::ranges::copy(image.pixels, lease->input().begin());
    TRY(lease->run());
    // Two shares: safe, unsafe.
    if (session->output_count() != 1 || lease->output(0).data.size() != 2 ||
        !std::isfinite(lease->output(0).data[1]))
      return fail(ErrorKind::unavailable,
                  fmt::format("{}: not open_nsfw; run `sightline models verify`", weights_.string()));
    return std::clamp(lease->output(0).data[1], 0.0F, 1.0F);
  }

 private:
  inference::Runtime& runtime_;
  const inference::ModelManifest model_;
  const std::filesystem::path weights_;
};

}  // namespace

Result<std::unique_ptr<UnsafeContentDetector>> UnsafeContentDetector::create(
    inference::Runtime& runtime, const inference::ModelStore& models, std::string_view model) {
  auto manifest = TRY(models.find(model));
  auto weights = TRY(models.weights(manifest));
  return create(runtime, std::move(manifest), std::move(weights));
}

Result<std::unique_ptr<UnsafeContentDetector>> UnsafeContentDetector::create(inference::Runtime& runtime,
                                                                             inference::ModelManifest model,
                                                                             std::filesystem::path weights) {
  if (model.task != "unsafe-content" || model.decoder != "open-nsfw")
    return fail(
        ErrorKind::unsupported,
        fmt::format("model '{}' (task {}, decoder {}) does not tell unsafe content here; its manifest must "
                    "say unsafe-content and open-nsfw",
                    model.name, model.task, model.decoder));
  return std::make_unique<OpenNsfw>(runtime, std::move(model), std::move(weights));
}

std::vector<UnsafeLabel> unsafe_labels(float score, float min_confidence) {
  if (score < min_confidence) return {};
  return {{"Explicit", "", 1, score}, {"Explicit Nudity", "Explicit", 2, score}};
}

}  // namespace sightline::objects
