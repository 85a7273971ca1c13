#include "sight/tracking/camera_motion.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

namespace sightline::tracking {
namespace {

using media::LumaImage;

constexpr int kThumbSide = 168;  // the longer side of the picture that blocks are matched on
constexpr int kBlock = 16;
constexpr int kReach = 4;                // of a block around the whole picture's motion
constexpr int kWholeReach = 9;           // of the whole picture, at half that size
constexpr float kTextured = 4;           // mean absolute deviation of a block worth matching, in levels
constexpr float kUnmatched = 0.55F;      // residual over texture at which a block counts as not found again
constexpr float kCutShare = 0.75F;       // of blocks not found again, together with a change of brightness...
constexpr float kCutDistance = 0.12F;    // ... by this distance of the histograms
constexpr float kCutShareAlone = 0.93F;  // of blocks not found again that needs no such proof
constexpr int kFewestBlocks = 6;

struct Block {
  float x = 0;  // centre, thumb pixels
  float y = 0;
  float dx = 0;  // where it went
  float dy = 0;
  float weight = 0;
  bool found = false;
};

int level_of_side(const LumaPyramid& pyramid, int side) {
  int level = 0;
  while (level + 1 < pyramid.level_count() &&
         std::max(pyramid.level(level).size.width, pyramid.level(level).size.height) > side) {
    ++level;
  }
  return level;
}

/// Mean absolute difference of the overlap when `later` is shifted back by (dx, dy), without the mean shift
float whole_difference(const LumaImage& earlier, const LumaImage& later, int dx, int dy) {
  const int x0 = std::max(0, -dx);
  const int x1 = std::min(earlier.size.width, earlier.size.width - dx);
  const int y0 = std::max(0, -dy);
  const int y1 = std::min(earlier.size.height, earlier.size.height - dy);
  std::int64_t sum = 0;
  for (int y = y0; y < y1; ++y) {
    const std::uint8_t* a = earlier.row(y);
    const std::uint8_t* b = later.row(y + dy) + dx;
    int row_sum = 0;
    for (int x = x0; x < x1; ++x) row_sum += std::abs(b[x] - a[x]);
    sum += row_sum;
  }
  return static_cast<float>(sum) / static_cast<float>(std::max(1, (x1 - x0) * (y1 - y0)));
}

int mean_of(const LumaImage& image) {
  std::int64_t sum = 0;
  for (const std::uint8_t value : image.pixels) sum += value;
  return static_cast<int>(sum / static_cast<std::int64_t>(std::max<std::size_t>(1, image.pixels.size())));
}

struct Shift {
  int x = 0;
  int y = 0;
};

/// `image` as bright as `like`, so that differences show motion and not exposure.
LumaImage relit(const LumaImage& image, const LumaImage& like) {
  const int brightness = mean_of(image) - mean_of(like);
  LumaImage result = image;
  if (brightness == 0) return result;
  for (std::uint8_t& value : result.pixels)
    value = static_cast<std::uint8_t>(std::clamp(value - brightness, 0, 255));
  return result;
}

Shift best_shift(const LumaImage& earlier, const LumaImage& later, Shift around, int reach) {
  Shift best = around;
  float best_value = std::numeric_limits<float>::max();
  for (int dy = around.y - reach; dy <= around.y + reach; ++dy) {
    for (int dx = around.x - reach; dx <= around.x + reach; ++dx) {
      if (std::abs(dx) > earlier.size.width / 3 || std::abs(dy) > earlier.size.height / 3) continue;
      const float value =
          whole_difference(earlier, later, dx, dy) + 0.02F * static_cast<float>(std::abs(dx) + std::abs(dy));
      if (value < best_value) {
        best_value = value;
        best = {dx, dy};
      }
    }
  }
  return best;
}

float block_texture(const LumaImage& image, int left, int top) {
  int sum = 0;
  for (int y = 0; y < kBlock; ++y) {
    const std::uint8_t* row = image.row(top + y) + left;
    for (int x = 0; x < kBlock; ++x) sum += row[x];
  }
  const int mean = sum / (kBlock * kBlock);
  int deviation = 0;
  for (int y = 0; y < kBlock; ++y) {
    const std::uint8_t* row = image.row(top + y) + left;
    for (int x = 0; x < kBlock; ++x) deviation += std::abs(row[x] - mean);
  }
  return static_cast<float>(deviation) / (kBlock * kBlock);
}

float block_difference(const LumaImage& earlier, const LumaImage& later, int left, int top, int dx, int dy) {
  int sum = 0;
  for (int y = 0; y < kBlock; ++y) {
    const std::uint8_t* a = earlier.row(top + y) + left;
    const std::uint8_t* b = later.row(top + y + dy) + left + dx;
    for (int x = 0; x < kBlock; ++x) sum += std::abs(b[x] - a[x]);
  }
  return static_cast<float>(sum) / (kBlock * kBlock);
}

/// Where between -0.5 and 0.5 the minimum of a parabola through three values lies.
float parabola(float before, float at, float after) {
  const float curve = before - 2 * at + after;
  return curve > 1e-3F ? std::clamp((before - after) / (2 * curve), -0.5F, 0.5F) : 0.0F;
}

Block match_block(const LumaImage& earlier, const LumaImage& later, int left, int top, Shift around,
                  float texture) {
  constexpr int kSpan = 2 * kReach + 1;
  constexpr float kOutside = std::numeric_limits<float>::max();
  std::array<std::array<float, kSpan>, kSpan> costs;
  for (auto& row : costs) row.fill(kOutside);
  const auto cost = [&](int ix, int iy) -> float& {
    return costs[static_cast<std::size_t>(iy)][static_cast<std::size_t>(ix)];
  };
  int best_x = -1;
  int best_y = -1;
  float best = kOutside;
  for (int iy = 0; iy < kSpan; ++iy) {
    for (int ix = 0; ix < kSpan; ++ix) {
      const int dx = around.x + ix - kReach;
      const int dy = around.y + iy - kReach;
      if (left + dx < 0 || top + dy < 0 || left + dx + kBlock > later.size.width ||
          top + dy + kBlock > later.size.height) {
        continue;
      }
      cost(ix, iy) = block_difference(earlier, later, left, top, dx, dy);
      if (cost(ix, iy) < best) {
        best = cost(ix, iy);
        best_x = ix;
        best_y = iy;
      }
    }
  }
  Block block;
  block.x = static_cast<float>(left) + kBlock / 2.0F;
  block.y = static_cast<float>(top) + kBlock / 2.0F;
  if (best_x < 0) return block;
  const auto fraction = [&](int ix0, int iy0, int ix1, int iy1) {
    if (ix0 < 0 || iy0 < 0 || ix1 >= kSpan || iy1 >= kSpan) return 0.0F;
    if (cost(ix0, iy0) == kOutside || cost(ix1, iy1) == kOutside) return 0.0F;
    return parabola(cost(ix0, iy0), best, cost(ix1, iy1));
  };
  block.dx =
      static_cast<float>(around.x + best_x - kReach) + fraction(best_x - 1, best_y, best_x + 1, best_y);
  block.dy =
      static_cast<float>(around.y + best_y - kReach) + fraction(best_x, best_y - 1, best_x, best_y + 1);
  block.found = best < kUnmatched * texture;
  block.weight = std::min(texture, 20.0F);
  return block;
}

/// Least squares for p' = scale * p + t, weights halved and halved again for what disagrees.
CameraMotion fit(const std::vector<Block>& blocks, Shift whole) {
  CameraMotion motion{1, static_cast<float>(whole.x), static_cast<float>(whole.y), false, 0};
  for (int round = 0; round < 6; ++round) {
    const float tolerance = round == 0 ? 3.0F : 0.7F;
    float total = 0, mx = 0, my = 0, px = 0, py = 0;
    const auto weight_of = [&](const Block& block) {
      if (!block.found) return 0.0F;
      const float ex = motion.scale * block.x + motion.x - block.x - block.dx;
      const float ey = motion.scale * block.y + motion.y - block.y - block.dy;
      return block.weight / (1 + (ex * ex + ey * ey) / (tolerance * tolerance));
    };
    for (const Block& block : blocks) {
      const float weight = weight_of(block);
      total += weight;
      mx += weight * block.x;
      my += weight * block.y;
      px += weight * (block.x + block.dx);
      py += weight * (block.y + block.dy);
    }
    if (total <= 0) return motion;
    mx /= total, my /= total, px /= total, py /= total;
    float cross = 0, spread = 0;
    for (const Block& block : blocks) {
      const float weight = weight_of(block);
      cross +=
          weight * ((block.x - mx) * (block.x + block.dx - px) + (block.y - my) * (block.y + block.dy - py));
      spread += weight * ((block.x - mx) * (block.x - mx) + (block.y - my) * (block.y - my));
    }
    // A weak prior for scale 1 keeps few blocks from inventing a zoom.
    const float prior = 400 * total;
    const float scale = std::clamp((cross + prior * 0.1F) / (spread + prior * 0.1F), 0.85F, 1.18F);
    motion.scale = scale;
    motion.x = px - scale * mx;
    motion.y = py - scale * my;
  }
  return motion;
}

float histogram_distance(const LumaImage& a, const LumaImage& b) {
  std::array<int, 32> counts{};
  for (const std::uint8_t value : a.pixels) ++counts[value / 8U];
  for (const std::uint8_t value : b.pixels) --counts[value / 8U];
  int sum = 0;
  for (const int count : counts) sum += std::abs(count);
  return static_cast<float>(sum) / (2.0F * static_cast<float>(std::max<std::size_t>(1, a.pixels.size())));
}

}  // namespace

media::Box CameraMotion::forward(const media::Box& box) const {
  return {scale * box.x + x, scale * box.y + y, scale * box.width, scale * box.height};
}

media::Box CameraMotion::backward(const media::Box& box) const {
  return {(box.x - x) / scale, (box.y - y) / scale, box.width / scale, box.height / scale};
}

CameraMotion estimate_motion(const LumaPyramid& earlier, const LumaPyramid& later) {
  const int level = level_of_side(earlier, kThumbSide);
  Shift whole;
  for (int coarse = std::min(level + 2, earlier.level_count() - 1); coarse > level; --coarse) {
    const int reach = whole.x == 0 && whole.y == 0 ? kWholeReach : 1;
    whole =
        best_shift(earlier.level(coarse), relit(later.level(coarse), earlier.level(coarse)), whole, reach);
    whole = {2 * whole.x, 2 * whole.y};
  }
  const LumaImage& a = earlier.level(level);
  const LumaImage b = relit(later.level(level), a);
  std::vector<Block> blocks;
  for (int top = 0; top + kBlock <= a.size.height; top += kBlock) {
    for (int left = 0; left + kBlock <= a.size.width; left += kBlock) {
      const float texture = block_texture(a, left, top);
      if (texture < kTextured) continue;
      blocks.push_back(match_block(a, b, left, top, whole, texture));
    }
  }
  const auto found = static_cast<float>(
      std::count_if(blocks.begin(), blocks.end(), [](const Block& block) { return block.found; }));
  CameraMotion motion;
  const float distance = histogram_distance(a, later.level(level));
  if (static_cast<int>(blocks.size()) < kFewestBlocks) {
    motion.cut = distance > 0.6F;  // a plain picture: only its brightness can tell
    return motion;
  }
  const auto count = static_cast<float>(blocks.size());
  const float lost = 1 - found / count;
  motion = fit(blocks, whole);
  motion.cut = lost > kCutShare && (distance > kCutDistance || lost > kCutShareAlone);
  float restless = 0;
  for (const Block& block : blocks) {
    const float ex = motion.scale * block.x + motion.x - block.x - block.dx;
    const float ey = motion.scale * block.y + motion.y - block.y - block.dy;
    if (!block.found || ex * ex + ey * ey > 1.0F) restless += 1;
  }
  motion.unrest = restless / count;
  const float step = earlier.step(level);
  motion.x *= step;
  motion.y *= step;
  return motion;
}

}  // namespace sightline::tracking
