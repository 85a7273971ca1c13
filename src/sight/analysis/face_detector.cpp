#include "sight/analysis/face_detector.h"

#include <fmt/format.h>

#include <algorithm>

#include "sight/analysis/calibration.h"
#include "sight/analysis/centerface.h"
#include "sight/analysis/grain.h"
#include "sight/analysis/pass_plan.h"
#include "sight/analysis/picture_sources.h"
#include "sight/analysis/suppression.h"

namespace sightline::analysis {
namespace {

constexpr float kMaxIou = 0.3F;

class CenterFaceDetector final : public FaceDetector {
 public:
  CenterFaceDetector(inference::Runtime& runtime, inference::ModelManifest model,
                     std::filesystem::path weights)
      : runtime_(runtime), model_(std::move(model)), weights_(std::move(weights)) {}

  Result<std::vector<Face>> detect(const PictureSource& picture, const DetectorOptions& options) override {
    const media::Size size = picture.size();
    if (size.width < 1 || size.height < 1)
      return fail(ErrorKind::invalid_argument,
                  fmt::format("no faces can be looked for in a picture of {}x{}", size.width, size.height));
    if (options.occasional) runtime_.release_memory();
    auto faces = look(picture, options);
    if (options.occasional) runtime_.release_memory();
    return faces;
  }

  Result<void> make_ready(media::Size size, float pixel_aspect, const DetectorOptions& options) override {
    for (const Pass& pass : plan_passes(size, pixel_aspect, options, model_.input_multiple)) {
      TRY(session_for(pass));
    }
    return {};
  }

  std::string identity() const override {
    return fmt::format("{} {} sha256:{} {}", model_.name, model_.version, model_.sha256.substr(0, 16),
                       precision_name());
  }

 private:
  [[nodiscard]] std::string_view precision_name() const {
    if (!model_.quantised_from.empty()) return "int8";
    return runtime_.precision() == inference::Precision::bf16 ? "bf16" : "fp32";
  }

  Result<std::vector<Face>> look(const PictureSource& picture, const DetectorOptions& options) {
    const media::Size size = picture.size();
    std::vector<Face> faces;
    media::RgbImage base;
    media::RgbImage smooth;  // the base without its dots; empty where it has none
    for (const Pass& pass : plan_passes(size, picture.pixel_aspect(), options, model_.input_multiple)) {
      if (base.size != pass.base) {
        base = TRY(picture.rgb(pass.base));
        const int grain = grain_of(base);
        smooth = grain > 1 ? smoothed(base, grain) : media::RgbImage{};
      }
      TRY(add_faces(pass, base, size, options.min_score, faces));
      if (!smooth.pixels.empty()) TRY(add_faces(pass, smooth, size, options.min_score, faces));
    }
    faces = suppress_overlaps(std::move(faces), kMaxIou);
    for (Face& face : faces) face.confidence = calibrated(model_.calibration, face.score);
    return faces;
  }

  /// Appends what this pass answers for, in pixels of the picture, which is of `size`.
  Result<void> add_faces(const Pass& pass, const media::RgbImage& base, media::Size size, float min_score,
                         std::vector<Face>& faces) {
    const float x = static_cast<float>(size.width) / static_cast<float>(pass.base.width);
    const float y = static_cast<float>(size.height) / static_cast<float>(pass.base.height);
    for (const Face& face : TRY(run(pass, base, min_score))) {
      const float side = std::max(face.box.width, face.box.height);
      const bool fits = side >= pass.min_side && (pass.max_side <= 0 || side <= pass.max_side);
      if (fits && contains(pass.core, face.box.center())) faces.push_back(scaled(face, x, y));
    }
    return {};
  }

  static bool contains(const media::Box& area, const media::Point& point) {
    return point.x >= area.x && point.x < area.right() && point.y >= area.y && point.y < area.bottom();
  }

  static Face scaled(Face face, float x, float y) {
    face.box = {face.box.x * x, face.box.y * y, face.box.width * x, face.box.height * y};
    for (media::Point& point : face.landmarks) point = {point.x * x, point.y * y};
    return face;
  }

  Result<std::shared_ptr<inference::Session>> session_for(const Pass& pass) {
    auto session = TRY(runtime_.rgb_session(weights_, model_.sha256, pass.input.width, pass.input.height));
    if (session->output_count() != 4)
      return fail(
          ErrorKind::unavailable,
          fmt::format("{}: not a CenterFace network; run `sightline models verify`", weights_.string()));
    return session;
  }

  /// The faces of one pass, in pixels of its base.
  Result<std::vector<Face>> run(const Pass& pass, const media::RgbImage& base, float min_score) {
    const auto session = TRY(session_for(pass));
    const bool as_it_is = pass.input == pass.base;
    media::RgbImage part;
    if (!as_it_is) part = cropped(base, pass.area, pass.input);
    const auto lease = session->lease();
    std::ranges::copy(as_it_is ? base.pixels : part.pixels, lease->input().begin());
    TRY(lease->run());
    auto faces = TRY(decode_centerface(
        {lease->output(0), lease->output(1), lease->output(2), lease->output(3)}, min_score));
    faces = suppress_overlaps(std::move(faces), kMaxIou);
    if (as_it_is) return faces;
    const float x = pass.area.width / static_cast<float>(pass.input.width);
    const float y = pass.area.height / static_cast<float>(pass.input.height);
    for (Face& face : faces) {
      face = scaled(face, x, y);
      face.box.x += pass.area.x;
      face.box.y += pass.area.y;
      for (media::Point& point : face.landmarks) point = {point.x + pass.area.x, point.y + pass.area.y};
    }
    return faces;
  }

  inference::Runtime& runtime_;
  const inference::ModelManifest model_;
  const std::filesystem::path weights_;
};

}  // namespace

Result<Scope> parse_scope(std::string_view name) {
  for (const Scope scope : {Scope::fast, Scope::balanced, Scope::thorough})
    if (name == scope_name(scope)) return scope;
  return fail(ErrorKind::invalid_argument,
              fmt::format("'{}' is no scope; choose fast, balanced or thorough", name));
}

std::string_view scope_name(Scope scope) {
  switch (scope) {
    case Scope::fast:
      return "fast";
    case Scope::balanced:
      return "balanced";
    case Scope::thorough:
      return "thorough";
  }
  return "balanced";
}

DetectorOptions picture_options(Scope scope) {
  DetectorOptions options;
  options.scope = scope;
  options.max_side = scope == Scope::fast ? 960 : scope == Scope::balanced ? 1920 : 0;
  return options;
}

DetectorOptions clip_options(Scope scope) {
  DetectorOptions options;
  options.scope = scope;
  options.max_side = scope == Scope::thorough ? 0 : 1280;
  return options;
}

Result<std::unique_ptr<FaceDetector>> FaceDetector::create(inference::Runtime& runtime,
                                                           const inference::ModelStore& models,
                                                           std::string_view model,
                                                           inference::ModelForm form) {
  auto manifest = TRY(models.find(model, form));
  auto weights = TRY(models.weights(manifest));
  return create(runtime, std::move(manifest), std::move(weights));
}

Result<std::unique_ptr<FaceDetector>> FaceDetector::create(inference::Runtime& runtime,
                                                           inference::ModelManifest model,
                                                           std::filesystem::path weights) {
  if (model.task != "face-detection" || model.decoder != "centerface")
    return fail(
        ErrorKind::unsupported,
        fmt::format("model '{}' (task {}, decoder {}) does not detect faces here; its manifest must say "
                    "face-detection and centerface",
                    model.name, model.task, model.decoder));
  return std::make_unique<CenterFaceDetector>(runtime, std::move(model), std::move(weights));
}

}  // namespace sightline::analysis
