#include "sight/faces/face_recogniser.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sight/analysis/calibration.h"
#include "sight/faces/alignment.h"

namespace sightline::faces {
namespace {

constexpr int kChipSide = 150;
/// Where the detector's points lie, on average, in the chips that the network was trained with.
constexpr std::array<media::Point, 5> kCanonical = {
    {{46.57F, 48.12F}, {102.52F, 48.67F}, {74.10F, 77.76F}, {50.36F, 104.26F}, {96.33F, 104.51F}}};

class DlibRecogniser final : public FaceRecogniser {
 public:
  DlibRecogniser(inference::Runtime& runtime, inference::ModelManifest model, std::filesystem::path weights)
      : runtime_(runtime),
        model_(std::move(model)),
        weights_(std::move(weights)),
        id_(fmt::format("{} {} sha256:{} unit", model_.name, model_.version, model_.sha256.substr(0, 16))) {}

  Result<void> make_ready() override {
    TRY(session());
    return {};
  }

  Result<FaceVector> embed(const media::RgbImage& picture,
                           const std::array<media::Point, 5>& landmarks) override {
    if (picture.size.width < 1 || picture.size.height < 1)
      return fail(ErrorKind::invalid_argument, "a picture without pixels shows no face");
    const media::RgbImage face = chip(picture, TRY(align(kCanonical, landmarks)), kChipSide);
    const auto lease = TRY(session())->lease();
    FaceVector sum{};
    TRY(add(*lease, face, sum));
    TRY(add(*lease, mirrored(face), sum));
    const float length = std::sqrt(std::inner_product(sum.begin(), sum.end(), sum.begin(), 0.0F));
    if (!(length > 0) || !std::isfinite(length))
      return fail(ErrorKind::internal, fmt::format("{}: the network gave no direction", weights_.string()));
    for (float& value : sum) value /= length;
    return sum;
  }

  const std::string& model_id() const override { return id_; }
  const std::string& model_version() const override { return model_.version; }
  float similarity(float cosine) const override {
    return 100 * analysis::calibrated(model_.calibration, cosine);
  }

  float cosine_of(float similarity) const override {
    const auto& knots = model_.calibration;
    const float share = similarity / 100;
    if (knots.empty()) return share;
    const auto above = std::ranges::lower_bound(knots, share, {}, &std::pair<float, float>::second);
    if (above == knots.begin()) return -1;
    if (above == knots.end()) return std::nextafter(1.0F, 2.0F);
    const auto& [cosine0, share0] = *(above - 1);
    const auto& [cosine1, share1] = *above;
    float cosine = cosine0 + (cosine1 - cosine0) * (share - share0) / (share1 - share0);
    // Rounding must not hide a pair that is reported as similar as asked for.
    while (cosine < 1 && this->similarity(cosine) < similarity) cosine = std::nextafter(cosine, 2.0F);
    return cosine;
  }

 private:
  Result<std::shared_ptr<inference::Session>> session() {
    return runtime_.rgb_session(weights_, model_.sha256, kChipSide, kChipSide, model_.input);
  }

  Result<void> add(inference::Session::Lease& lease, const media::RgbImage& face, FaceVector& sum) const {
    std::ranges::copy(face.pixels, lease.input().begin());
    TRY(lease.run());
    const inference::Tensor output = lease.output(0);
    if (output.data.size() != sum.size())
      return fail(ErrorKind::unavailable,
                  fmt::format("{}: not a network of {} dimensions; run `sightline models verify`",
                              weights_.string(), sum.size()));
    std::ranges::transform(sum, output.data, sum.begin(), std::plus{});
    return {};
  }

  inference::Runtime& runtime_;
  const inference::ModelManifest model_;
  const std::filesystem::path weights_;
  const std::string id_;
};

}  // namespace

float cosine(FaceVectorView a, FaceVectorView b) {
  // Eight sums: the compiler may not reorder one.
  std::array<float, 8> sums{};
  for (std::size_t i = 0; i < kFaceDimensions; i += sums.size())
    for (std::size_t lane = 0; lane < sums.size(); ++lane) sums[lane] += a[i + lane] * b[i + lane];
  return std::accumulate(sums.begin(), sums.end(), 0.0F);
}

Result<std::unique_ptr<FaceRecogniser>> FaceRecogniser::create(inference::Runtime& runtime,
                                                               const inference::ModelStore& models,
                                                               std::string_view model) {
  auto manifest = TRY(models.find(model));
  auto weights = TRY(models.weights(manifest));
  return create(runtime, std::move(manifest), std::move(weights));
}

Result<std::unique_ptr<FaceRecogniser>> FaceRecogniser::create(inference::Runtime& runtime,
                                                               inference::ModelManifest model,
                                                               std::filesystem::path weights) {
  if (model.task != "face-recognition" || model.decoder != "dlib-face")
    return fail(
        ErrorKind::unsupported,
        fmt::format("model '{}' (task {}, decoder {}) does not recognise faces here; its manifest must say "
                    "face-recognition and dlib-face",
                    model.name, model.task, model.decoder));
  return std::make_unique<DlibRecogniser>(runtime, std::move(model), std::move(weights));
}

}  // namespace sightline::faces
