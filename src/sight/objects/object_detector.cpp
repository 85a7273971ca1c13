#include "sight/objects/object_detector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "sight/analysis/calibration.h"
#include "sight/objects/ssd.h"

namespace sightline::objects {
namespace {

constexpr float kMaxIou = 0.5F;

media::Box frame_of(media::Size size) {
  return {0, 0, static_cast<float>(size.width), static_cast<float>(size.height)};
}

class SsdDetector final : public ObjectDetector {
 public:
  SsdDetector(inference::Runtime& runtime, inference::ModelManifest model, std::filesystem::path weights)
      : runtime_(runtime), model_(std::move(model)), weights_(std::move(weights)) {
    for (std::size_t kind = 0; kind < kClasses; ++kind) {
      const std::string name(kClassNames[kind]);
      confidence_[kind] = &own_or(model_.class_calibration, name, model_.calibration);
      presence_[kind] = &own_or(model_.class_presence_calibration, name, model_.presence_calibration);
    }
  }

  Result<std::vector<Object>> detect(const analysis::PictureSource& picture,
                                     const ObjectOptions& options) override {
    const media::Size size = picture.size();
    if (size.width < 1 || size.height < 1)
      return fail(ErrorKind::invalid_argument,
                  fmt::format("nothing can be looked for in a picture of {}x{}", size.width, size.height));
    std::vector<RawObject> found;
    for (const NetworkPass& pass : options.passes) {
      const auto seen = TRY(run(picture, pass, options.min_score));
      found.insert(found.end(), seen.begin(), seen.end());
    }
    if (options.phones == PhonePass::whole_picture)
      for (const RawObject& object : TRY(run(picture, options.phone_pass, options.min_score)))
        if (object.kind == kCellPhone) found.push_back(object);
    return finished(suppress_overlaps(std::move(found), kMaxIou), size);
  }

  std::string identity() const override {
    return fmt::format("{} {} sha256:{} {}", model_.name, model_.version, model_.sha256.substr(0, 16),
                       runtime_.precision() == inference::Precision::bf16 ? "bf16" : "fp32");
  }

 private:
  static const inference::Calibration& own_or(const std::map<std::string, inference::Calibration>& classes,
                                              const std::string& name,
                                              const inference::Calibration& general) {
    const auto own = classes.find(name);
    return own == classes.end() ? general : own->second;
  }

  /// What one pass over the whole picture sees, in the displayed picture's pixels.
  Result<std::vector<RawObject>> run(const analysis::PictureSource& picture, const NetworkPass& pass,
                                     float min_score) {
    const media::Size input = pass.input;
    const auto session =
        TRY(runtime_.rgb_session(weights_, model_.sha256, input.width, input.height, model_.input));
    const media::RgbImage image = TRY(picture.rgb(input));
    const auto lease = session->lease();
    std::ranges::copy(image.pixels, lease->input().begin());
    TRY(lease->run());
    std::vector<inference::Tensor> maps;
    maps.reserve(session->output_count());
    for (std::size_t i = 0; i < session->output_count(); ++i) maps.push_back(lease->output(i));
    auto decoded = decode_ssd(maps, input, min_score);
    if (!decoded)
      return fail(ErrorKind::unavailable, fmt::format("{}: {}; run `sightline models verify`",
                                                      weights_.string(), decoded.error().message));
    auto objects = suppress_overlaps(std::move(*decoded), kMaxIou);
    std::erase_if(objects, [&](const RawObject& object) {
      const media::Box box = media::intersection(object.box, frame_of(input));
      return box.width > pass.max_side * static_cast<float>(input.width) ||
             box.height > pass.max_side * static_cast<float>(input.height);
    });
    const float x = static_cast<float>(picture.size().width) / static_cast<float>(input.width);
    const float y = static_cast<float>(picture.size().height) / static_cast<float>(input.height);
    for (RawObject& object : objects)
      object.box = {object.box.x * x, object.box.y * y, object.box.width * x, object.box.height * y};
    return objects;
  }

  [[nodiscard]] std::vector<Object> finished(const std::vector<RawObject>& found, media::Size size) const {
    std::vector<Object> objects;
    for (const RawObject& raw : found) {
      const media::Box box = media::intersection(raw.box, frame_of(size));
      if (box.area() <= 0) continue;
      const auto kind = static_cast<std::size_t>(raw.kind);
      const float confidence = analysis::calibrated(*confidence_.at(kind), raw.score);
      const float presence = std::max(confidence, analysis::calibrated(*presence_.at(kind), raw.score));
      objects.push_back({raw.kind, box, raw.score, confidence, presence});
    }
    return objects;
  }

  inference::Runtime& runtime_;
  const inference::ModelManifest model_;
  const std::filesystem::path weights_;
  std::array<const inference::Calibration*, kClasses> confidence_{};
  std::array<const inference::Calibration*, kClasses> presence_{};
};

}  // namespace

Result<std::unique_ptr<ObjectDetector>> ObjectDetector::create(inference::Runtime& runtime,
                                                               const inference::ModelStore& models,
                                                               std::string_view model) {
  auto manifest = TRY(models.find(model));
  auto weights = TRY(models.weights(manifest));
  return create(runtime, std::move(manifest), std::move(weights));
}

Result<std::unique_ptr<ObjectDetector>> ObjectDetector::create(inference::Runtime& runtime,
                                                               inference::ModelManifest model,
                                                               std::filesystem::path weights) {
  if (model.task != "object-detection" || model.decoder != "ssdlite")
    return fail(
        ErrorKind::unsupported,
        fmt::format("model '{}' (task {}, decoder {}) does not detect objects here; its manifest must say "
                    "object-detection and ssdlite",
                    model.name, model.task, model.decoder));
  return std::make_unique<SsdDetector>(runtime, std::move(model), std::move(weights));
}

}  // namespace sightline::objects
