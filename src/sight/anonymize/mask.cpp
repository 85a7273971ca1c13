#include "sight/anonymize/mask.h"

#include <algorithm>
#include <cmath>

namespace sightline::anonymize {

namespace {

/// How much larger than the box a superellipse of degree 4 must be to hold its corners: 2^(1/4).
constexpr double kHoldsBox = 1.1892071150027210667;
/// Width of the soft edge, as a share of the box's side, both borders together.
constexpr double kSoftEdge = 0.03;
/// How much further a blur's paint at full strength reaches than the other styles', and the width of the soft
/// edge around it, as shares of half the box's side. A smooth patch between hair and shoulders is a face out
/// of focus to a detector; one that covers more of the head is not: docs/benchmarks/anonymity.md.
constexpr double kBlurReach = 0.3;
constexpr double kFeather = 0.2;
/// Beyond this no picture reaches; it keeps arithmetic on foreign boxes far from overflow.
constexpr double kFar = 1e9;

struct Span {
  double low;
  double high;
};

std::optional<Span> whole_samples(float start, float length) {
  const double low = start;
  const double high = low + static_cast<double>(length);
  if (!std::isfinite(low) || !std::isfinite(high) || !(length > 0)) return std::nullopt;
  return Span{std::clamp(std::floor(low), -kFar, kFar), std::clamp(std::ceil(high), -kFar, kFar)};
}

/// First and one past the last sample of a plane that the luma span [low, high) reaches.
std::pair<int, int> samples(double low, double high, int shift, int count) {
  const double step = 1 << shift;
  const double first = std::clamp(std::floor(low / step), 0.0, static_cast<double>(count));
  const double last = std::clamp(std::ceil(high / step), 0.0, static_cast<double>(count));
  return {static_cast<int>(first), static_cast<int>(std::max(first, last))};
}

/// One axis' share of the superellipse's measure: its degree is 4.
double superelliptic(double at) {
  return at * at * at * at;
}

/// Each sample's measure along one axis: that of the luma sample under it that is nearest the centre.
std::vector<float> measure(int first, int last, int shift, double center, double outer, const Shape& shape) {
  std::vector<float> out(static_cast<std::size_t>(std::max(0, last - first)));
  if (shape.full >= 1.0) return out;  // a hard edge: all samples of the rectangle count as its centre
  const double group = 1 << shift;
  for (int i = first; i < last; ++i) {
    const double low = i * group + 0.5;
    const double nearest = std::clamp(center, low, low + group - 1.0);
    const double at = std::abs(nearest - center) / outer;
    out[static_cast<std::size_t>(i - first)] = static_cast<float>(shape.round ? superelliptic(at) : at);
  }
  return out;
}

}  // namespace

std::optional<Shape> shape_of(const media::Box& box, bool region, const Style& style, media::Size size) {
  const auto x = whole_samples(box.x, box.width);
  const auto y = whole_samples(box.y, box.height);
  if (!x || !y || !(x->high > x->low) || !(y->high > y->low)) return std::nullopt;

  const double half_x = (x->high - x->low) / 2;
  const double half_y = (y->high - y->low) / 2;
  Shape shape{(x->low + x->high) / 2, (y->low + y->high) / 2, half_x, half_y};
  if (!region) {
    shape.feathered = style.kind == StyleKind::blur;
    const double reach = 1.0 + 2.0 * static_cast<double>(style.margin) + (shape.feathered ? kBlurReach : 0.0);
    shape.round = style.shape == MaskShape::ellipse;
    const double core = std::max(shape.round ? kHoldsBox : 1.0, reach - kSoftEdge);
    const double outer =
        shape.feathered ? core + kFeather : std::max(reach, core + (shape.round ? kSoftEdge : 0.0));
    shape.outer_x *= outer;
    shape.outer_y *= outer;
    shape.full = shape.round ? superelliptic(core / outer) : core / outer;
  }
  const bool visible = shape.center_x - shape.outer_x < size.width && shape.center_x + shape.outer_x > 0 &&
                       shape.center_y - shape.outer_y < size.height && shape.center_y + shape.outer_y > 0;
  if (!visible) return std::nullopt;
  return shape;
}

Mask::Mask(const Shape& shape, const Sampling& sampling) : round_(shape.round), feathered_(shape.feathered) {
  const auto [x0, x1] = samples(shape.center_x - shape.outer_x, shape.center_x + shape.outer_x,
                                sampling.shift_x, sampling.width);
  const auto [y0, y1] = samples(shape.center_y - shape.outer_y, shape.center_y + shape.outer_y,
                                sampling.shift_y, sampling.height);
  rect_ = {x0, y0, x1, y1};
  across_ = measure(x0, x1, sampling.shift_x, shape.center_x, shape.outer_x, shape);
  down_ = measure(y0, y1, sampling.shift_y, shape.center_y, shape.outer_y, shape);
  slope_ = shape.full < 1.0 ? static_cast<float>(1.0 / (1.0 - shape.full)) : 1.0F;
}

void Mask::coverage(int y, float* strength, float* share) const {
  const float row = down_[static_cast<std::size_t>(y - rect_.y0)];
  const std::size_t count = across_.size();
  const float* across = across_.data();
  if (round_) {
    for (std::size_t i = 0; i < count; ++i) share[i] = 1.0F - (across[i] + row);
  } else {
    for (std::size_t i = 0; i < count; ++i) share[i] = 1.0F - std::max(across[i], row);
  }
  for (std::size_t i = 0; i < count; ++i) strength[i] = std::clamp(share[i] * slope_, 0.0F, 1.0F);
  if (feathered_) {
    for (std::size_t i = 0; i < count; ++i) {
      strength[i] *= strength[i] * (3.0F - 2.0F * strength[i]);
      share[i] = std::max(share[i], 0.0F) * strength[i];
    }
  } else {
    std::copy(strength, strength + count, share);
  }
}

Rect touched(const media::Box& box, const Sampling& sampling) {
  const auto x = whole_samples(box.x, box.width);
  const auto y = whole_samples(box.y, box.height);
  if (!x || !y) return {};
  const auto [x0, x1] = samples(x->low, x->high, sampling.shift_x, sampling.width);
  const auto [y0, y1] = samples(y->low, y->high, sampling.shift_y, sampling.height);
  return {x0, y0, x1, y1};
}

}  // namespace sightline::anonymize
