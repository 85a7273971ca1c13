#include "sight/tracking/patch.h"

#include <algorithm>
#include <cmath>

namespace sightline::tracking {
namespace {

constexpr int kSide = Patch::kSide;
constexpr int kCount = kSide * kSide;
constexpr int kCoarse = 12;   // side of the template that search() slides
constexpr int kOffsets = 17;  // positions tried in each direction
constexpr int kMiddle = kOffsets / 2;
constexpr int kArea = kCoarse + kOffsets - 1;
constexpr int kLanes = 20;  // offsets in a row, padded so that the inner loop is a fixed number of vectors
constexpr float kDistancePenalty = 0.06F;
constexpr float kLeastVariance = 144;  // sum of squares over the template: a deviation of one level
constexpr int kMostIterations = 8;
constexpr float kSmallStep = 0.008F;  // of the box
constexpr float kMostPatchScaleStep = 0.10F;
constexpr float kMostScale = 0.22F;

using Values = std::array<float, kCount>;

constexpr std::size_t cell(int x, int y, int side = kSide) {
  return static_cast<std::size_t>(y) * static_cast<std::size_t>(side) + static_cast<std::size_t>(x);
}

Values make_window() {
  Values window{};
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const float u = (static_cast<float>(x) + 0.5F) / kSide * 2 - 1;
      const float v = (static_cast<float>(y) + 0.5F) / kSide * 2 - 1;
      window[cell(x, y)] = std::exp(-0.9F * (u * u + v * v));
    }
  }
  float sum = 0;
  for (const float value : window) sum += value;
  for (float& value : window) value /= sum;
  return window;
}
const Values kWindow = make_window();

/// Brings the values to weighted mean 0 and deviation 1; returns the deviation they had.
float normalise(Values& values) {
  float mean = 0;
  for (std::size_t i = 0; i < values.size(); ++i) mean += kWindow[i] * values[i];
  float variance = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] -= mean;
    variance += kWindow[i] * values[i] * values[i];
  }
  const float deviation = std::sqrt(variance);
  const float factor = 1.0F / std::max(deviation, 0.5F);
  for (float& value : values) value *= factor;
  return deviation;
}

/// Steepest-descent images of translation x, y (in box sizes) and log scale, with their inverse Hessian.
struct Descent {
  Values x, y, scale;
  std::array<std::array<float, 3>, 3> inverse{};
  bool usable = false;
};

bool invert(std::array<std::array<float, 3>, 3>& m) {
  const auto minor = [&](int r0, int c0, int r1, int c1) {
    const auto at = [&](int r, int c) { return m[static_cast<std::size_t>(r)][static_cast<std::size_t>(c)]; };
    return at(r0, c0) * at(r1, c1) - at(r0, c1) * at(r1, c0);
  };
  const float c00 = minor(1, 1, 2, 2);
  const float c01 = minor(1, 2, 2, 0);
  const float c02 = minor(1, 0, 2, 1);
  const float determinant = m[0][0] * c00 + m[0][1] * c01 + m[0][2] * c02;
  if (!(std::abs(determinant) > 1e-9F)) return false;
  const float f = 1 / determinant;
  const std::array<std::array<float, 3>, 3> result = {
      {{c00 * f, minor(0, 2, 2, 1) * f, minor(0, 1, 1, 2) * f},
       {c01 * f, minor(0, 0, 2, 2) * f, minor(0, 2, 1, 0) * f},
       {c02 * f, minor(0, 1, 2, 0) * f, minor(0, 0, 1, 1) * f}}};
  m = result;
  return true;
}

Descent make_descent(const Patch& patch) {
  Descent descent;
  std::array<std::array<float, 3>, 3> hessian{};
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const auto at = [&](int column, int row) { return patch.values[cell(column, row)]; };
      const int left = std::max(x - 1, 0);
      const int right = std::min(x + 1, kSide - 1);
      const int above = std::max(y - 1, 0);
      const int below = std::min(y + 1, kSide - 1);
      const float gx = (at(right, y) - at(left, y)) * kSide / static_cast<float>(right - left);
      const float gy = (at(x, below) - at(x, above)) * kSide / static_cast<float>(below - above);
      const float u = (static_cast<float>(x) + 0.5F) / kSide - 0.5F;
      const float v = (static_cast<float>(y) + 0.5F) / kSide - 0.5F;
      const std::size_t i = cell(x, y);
      descent.x[i] = gx;
      descent.y[i] = gy;
      descent.scale[i] = gx * u + gy * v;
      const std::array<float, 3> j = {gx, gy, descent.scale[i]};
      for (std::size_t r = 0; r < 3; ++r) {
        for (std::size_t c = 0; c < 3; ++c) hessian[r][c] += kWindow[i] * j[r] * j[c];
      }
    }
  }
  // Scale is the least certain of the three: damp it so that noise does not make boxes breathe.
  hessian[0][0] += 0.5F;
  hessian[1][1] += 0.5F;
  hessian[2][2] = hessian[2][2] * 1.05F + 0.3F;
  descent.usable = invert(hessian);
  descent.inverse = hessian;
  return descent;
}

}  // namespace

Patch take_patch(const LumaPyramid& picture, const media::Box& box) {
  Patch patch;
  picture.sample(box, kSide, kSide, patch.values);
  patch.deviation = normalise(patch.values);
  return patch;
}

float correlation(const Patch& a, const Patch& b) {
  float sum = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) sum += kWindow[i] * a.values[i] * b.values[i];
  return sum;
}

Match search(const LumaPyramid& picture, const Patch& patch, const media::Box& predicted) {
  // The template: the patch's own 16 x 16 values, read at 12 x 12.
  std::array<float, kCoarse * kCoarse> pattern;
  float mean = 0;
  for (int y = 0; y < kCoarse; ++y) {
    for (int x = 0; x < kCoarse; ++x) {
      const float px = (static_cast<float>(x) + 0.5F) * kSide / kCoarse - 0.5F;
      const float py = (static_cast<float>(y) + 0.5F) * kSide / kCoarse - 0.5F;
      const int x0 = std::clamp(static_cast<int>(px), 0, kSide - 2);
      const int y0 = std::clamp(static_cast<int>(py), 0, kSide - 2);
      const float fx = px - static_cast<float>(x0);
      const float fy = py - static_cast<float>(y0);
      const auto at = [&](int column, int row) { return patch.values[cell(column, row)]; };
      const float top = at(x0, y0) + fx * (at(x0 + 1, y0) - at(x0, y0));
      const float bottom = at(x0, y0 + 1) + fx * (at(x0 + 1, y0 + 1) - at(x0, y0 + 1));
      const float value = top + fy * (bottom - top);
      pattern[cell(x, y, kCoarse)] = value;
      mean += value;
    }
  }
  mean /= kCoarse * kCoarse;
  float energy = 0;
  for (float& value : pattern) {
    value -= mean;
    energy += value * value;
  }
  if (energy < 1e-3F) return {predicted, 0};

  constexpr float kShare = static_cast<float>(kArea) / kCoarse;
  const media::Box area_box = {predicted.center().x - predicted.width * kShare / 2,
                               predicted.center().y - predicted.height * kShare / 2, predicted.width * kShare,
                               predicted.height * kShare};
  std::array<float, kArea * kArea> area;
  picture.sample(area_box, kArea, kArea, area);
  Match best{predicted, -1};
  float best_value = -2;
  constexpr float n = kCoarse * kCoarse;
  for (int dy = 0; dy < kOffsets; ++dy) {
    std::array<float, kLanes> product{};
    std::array<float, kArea> column_sum{};
    std::array<float, kArea> column_squares{};
    for (int y = 0; y < kCoarse; ++y) {
      std::array<float, kArea + kLanes> row{};
      std::copy_n(area.begin() + (dy + y) * kArea, kArea, row.begin());
      for (std::size_t x = 0; x < kArea; ++x) {
        column_sum[x] += row[x];
        column_squares[x] += row[x] * row[x];
      }
      for (std::size_t x = 0; x < kCoarse; ++x) {
        const float weight = pattern[cell(0, y, kCoarse) + x];
        for (std::size_t lane = 0; lane < kLanes; ++lane) product[lane] += weight * row[x + lane];
      }
    }
    float sum = 0;
    float squares = 0;
    for (std::size_t x = 0; x < kCoarse; ++x) {
      sum += column_sum[x];
      squares += column_squares[x];
    }
    for (int dx = 0; dx < kOffsets; ++dx) {
      const auto lane = static_cast<std::size_t>(dx);
      const float variance = std::max(squares - sum * sum / n, kLeastVariance);
      const float value = product[lane] / std::sqrt(variance * energy);
      const float ox = static_cast<float>(dx - kMiddle) / kCoarse;
      const float oy = static_cast<float>(dy - kMiddle) / kCoarse;
      const float penalised = value - kDistancePenalty * (ox * ox + oy * oy);
      if (penalised > best_value) {
        best_value = penalised;
        best = {{predicted.x + ox * predicted.width, predicted.y + oy * predicted.height, predicted.width,
                 predicted.height},
                value};
      }
      if (dx + 1 < kOffsets) {
        sum += column_sum[lane + kCoarse] - column_sum[lane];
        squares += column_squares[lane + kCoarse] - column_squares[lane];
      }
    }
  }
  return best;
}

Match refine(const LumaPyramid& picture, const Patch& patch, const media::Box& start) {
  const Descent descent = make_descent(patch);
  Match best{start, correlation(patch, take_patch(picture, start))};
  if (!descent.usable || patch.deviation < 1.0F) return best;
  media::Box box = start;
  float log_scale = 0;
  for (int iteration = 0; iteration < kMostIterations; ++iteration) {
    const Patch current = take_patch(picture, box);
    const float quality = correlation(patch, current);
    if (quality > best.correlation) best = {box, quality};
    std::array<float, 3> gradient{};
    for (std::size_t i = 0; i < current.values.size(); ++i) {
      const float error = kWindow[i] * (current.values[i] - patch.values[i]);
      gradient[0] += error * descent.x[i];
      gradient[1] += error * descent.y[i];
      gradient[2] += error * descent.scale[i];
    }
    std::array<float, 3> step{};
    for (std::size_t r = 0; r < 3; ++r) {
      for (std::size_t c = 0; c < 3; ++c) step[r] += descent.inverse[r][c] * gradient[c];
    }
    const float scale_step = std::clamp(-step[2], -kMostPatchScaleStep, kMostPatchScaleStep);
    log_scale = std::clamp(log_scale + scale_step, -kMostScale, kMostScale);
    const float scale = std::exp(log_scale);
    const media::Point center = {box.center().x - std::clamp(step[0], -0.25F, 0.25F) * box.width,
                                 box.center().y - std::clamp(step[1], -0.25F, 0.25F) * box.height};
    const float width = start.width * scale;
    const float height = start.height * scale;
    if (std::abs(center.x - start.center().x) > start.width / 2 ||
        std::abs(center.y - start.center().y) > start.height / 2) {
      break;
    }
    box = {center.x - width / 2, center.y - height / 2, width, height};
    if (std::abs(step[0]) + std::abs(step[1]) + std::abs(scale_step) < kSmallStep) break;
  }
  const float last = correlation(patch, take_patch(picture, box));
  if (last > best.correlation) best = {box, last};
  return best;
}

}  // namespace sightline::tracking
