#include "sight/faces/face_quality.h"

#include <array>
#include <cmath>

#include "sight/faces/alignment.h"

namespace sightline::faces {
namespace {

constexpr int kSide = 150;
/// Where the detector's points lie in the square that is looked at, and the part of it that is face on every
/// face.
constexpr std::array<media::Point, 5> kPlaces = {
    {{46.57F, 48.12F}, {102.52F, 48.67F}, {74.10F, 77.76F}, {50.36F, 104.26F}, {96.33F, 104.51F}}};
constexpr int kLeft = 27;
constexpr int kRight = 123;
constexpr int kTop = 30;
constexpr int kBottom = 120;
/// Even skin without any detail would make the ratio below a matter of noise.
constexpr double kFlat = 25;
/// The share of the variance of luma in its second differences at which sharpness is 50.
constexpr double kHalfSharp = 0.01;

struct Limits {
  float box = 0;         ///< pixels of the smaller side, at least
  float confidence = 0;  ///< at least
  float turn = 0;        ///< degrees of yaw, at most
  float nod = 0;         ///< degrees of pitch, at most
  float brightness = 0;  ///< at least
  float sharpness = 0;   ///< at least
};

Limits limits_of(QualityBar bar) {
  switch (bar) {
    case QualityBar::none:
      break;
    case QualityBar::low:
      return {24, 0.5F, 65, 50, 20, 8};
    case QualityBar::medium:
      return {36, 0.8F, 50, 40, 30, 25};
    case QualityBar::high:
      return {56, 0.95F, 35, 30, 40, 50};
  }
  return {};
}

class LumaSquare {
 public:
  explicit LumaSquare(const media::RgbImage& image) : values_(kSide * kSide) {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const std::uint8_t* p = image.pixels.data() + 3 * i;
      values_[i] = 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2];
    }
  }
  [[nodiscard]] double at(int x, int y) const {
    return values_[static_cast<std::size_t>(y) * kSide + static_cast<std::size_t>(x)];
  }
  [[nodiscard]] double laplacian(int x, int y) const {
    return 4 * at(x, y) - at(x - 1, y) - at(x + 1, y) - at(x, y - 1) - at(x, y + 1);
  }

 private:
  std::vector<double> values_;
};

struct Moments {
  double sum = 0;
  double squares = 0;
  double count = 0;

  void add(double value) {
    sum += value;
    squares += value * value;
    ++count;
  }
  [[nodiscard]] double mean() const { return sum / count; }
  [[nodiscard]] double variance() const { return squares / count - mean() * mean(); }
};

}  // namespace

Result<Quality> measure_quality(const media::RgbImage& picture, const analysis::Face& face) {
  if (picture.size.width < 1 || picture.size.height < 1)
    return fail(ErrorKind::invalid_argument, "a picture without pixels shows no face");
  const LumaSquare luma(chip(picture, TRY(align(kPlaces, face.landmarks)), kSide));
  Moments light;
  Moments detail;
  for (int y = kTop; y < kBottom; ++y) {
    for (int x = kLeft; x < kRight; ++x) {
      light.add(luma.at(x, y));
      detail.add(luma.laplacian(x, y));
    }
  }
  const double share = detail.variance() / (light.variance() + kFlat);
  return Quality{static_cast<float>(100 * std::sqrt(light.mean() / 255)),
                 static_cast<float>(100 * share * share / (share * share + kHalfSharp * kHalfSharp))};
}

std::vector<Weakness> weaknesses(const analysis::Face& face, const std::optional<Pose>& pose,
                                 const std::optional<Quality>& quality, QualityBar bar) {
  std::vector<Weakness> found;
  if (bar == QualityBar::none) return found;
  const Limits limits = limits_of(bar);
  const Quality seen = quality.value_or(Quality{});
  if (std::min(face.box.width, face.box.height) < limits.box) found.push_back(Weakness::small_box);
  if (face.confidence < limits.confidence) found.push_back(Weakness::low_confidence);
  if (!pose || std::abs(pose->yaw) > limits.turn || std::abs(pose->pitch) > limits.nod)
    found.push_back(Weakness::extreme_pose);
  if (seen.brightness < limits.brightness) found.push_back(Weakness::low_brightness);
  if (seen.sharpness < limits.sharpness) found.push_back(Weakness::low_sharpness);
  return found;
}

}  // namespace sightline::faces
