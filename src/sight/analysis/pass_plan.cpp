#include "sight/analysis/pass_plan.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sightline::analysis {
namespace {

constexpr float kTile = 1024;         ///< longest side of a tile, in pixels of the network's input
constexpr float kOverlap = 128;       ///< by how much tiles overlap, likewise
constexpr float kUntiled = 1920;      ///< up to this longest side a scale is one pass
constexpr float kSmallPicture = 128;  ///< pictures below are enlarged to this
constexpr float kEnlargement = 2;     ///< of thorough's tiles
constexpr float kMaxBase = 16384;
constexpr float kLeastFace = 20;  ///< pixels of the network's input: of those below, some 1 in 8 is missed
constexpr float kLargeFacePass = 320;  ///< longest side of balanced's second look, only for large faces
constexpr float kLargeFace = 0.4F;     ///< a large face's share of the picture's shorter side

struct Extent {
  float width;
  float height;
  [[nodiscard]] float longest() const { return std::max(width, height); }
};

int round_up(float value, int multiple) {
  return std::max(1, static_cast<int>(std::ceil(value / static_cast<float>(multiple) - 0.001F))) * multiple;
}

media::Box whole(media::Size size) {
  return {0, 0, static_cast<float>(size.width), static_cast<float>(size.height)};
}

Pass whole_pass(const Extent& square, float scale, int multiple) {
  const media::Size input{round_up(square.width * scale, multiple),
                          round_up(square.height * scale, multiple)};
  return {input, whole(input), input, whole(input), 0, 0};
}

/// Where tiles of one axis start, and how long they are: even steps, the last one ends at `length`.
struct Axis {
  float tile;
  std::vector<float> starts;
};

Axis split(float length, float tile, float overlap) {
  if (length <= tile) return {length, {0}};
  const auto count = static_cast<int>(std::ceil((length - overlap) / (tile - overlap)));
  Axis axis{tile, {}};
  for (int i = 0; i < count; ++i)
    axis.starts.push_back((length - tile) * static_cast<float>(i) / static_cast<float>(count - 1));
  return axis;
}

/// From halfway into the overlap with the tile before to halfway into that with the next one.
std::pair<float, float> core_of(const Axis& axis, std::size_t i, float length) {
  const auto border = [&](std::size_t next) {
    return (axis.starts[next] + axis.starts[next - 1] + axis.tile) / 2;
  };
  return {i == 0 ? 0 : border(i), i + 1 == axis.starts.size() ? length : border(i + 1)};
}

void add_tiles(std::vector<Pass>& passes, const Extent& square, float scale, int multiple) {
  const float base_scale = std::min(scale, 1.0F);
  const float enlarged = scale / base_scale;
  const media::Size base{std::max(1, static_cast<int>(std::lround(square.width * base_scale))),
                         std::max(1, static_cast<int>(std::lround(square.height * base_scale)))};
  const float overlap = kOverlap / enlarged;
  const Axis across = split(static_cast<float>(base.width), kTile / enlarged, overlap);
  const Axis down = split(static_cast<float>(base.height), kTile / enlarged, overlap);
  const media::Size input{round_up(across.tile * enlarged, multiple),
                          round_up(down.tile * enlarged, multiple)};
  for (std::size_t y = 0; y < down.starts.size(); ++y) {
    for (std::size_t x = 0; x < across.starts.size(); ++x) {
      const auto [left, right] = core_of(across, x, static_cast<float>(base.width));
      const auto [top, bottom] = core_of(down, y, static_cast<float>(base.height));
      passes.push_back({base,
                        {across.starts[x], down.starts[y], across.tile, down.tile},
                        input,
                        {left, top, right - left, bottom - top},
                        overlap,
                        0});
    }
  }
}

void add_scale(std::vector<Pass>& passes, const Extent& square, float scale, int multiple) {
  if (square.longest() * scale <= kUntiled)
    passes.push_back(whole_pass(square, scale, multiple));
  else
    add_tiles(passes, square, scale, multiple);
}

std::vector<Pass> thorough_passes(const Extent& square, int multiple) {
  std::vector<Pass> passes;
  const float longest = square.longest();
  for (const float side : {320.0F, 640.0F})
    if (side < longest) add_scale(passes, square, side / longest, multiple);
  float scale = 1;
  for (; longest * scale > 1280; scale /= 2) add_scale(passes, square, scale, multiple);
  if (scale == 1) add_scale(passes, square, 1, multiple);
  if (longest * kEnlargement <= kMaxBase) add_scale(passes, square, kEnlargement, multiple);
  return passes;
}

}  // namespace

std::vector<Pass> plan_passes(media::Size picture, float pixel_aspect, const DetectorOptions& options,
                              int multiple) {
  const float aspect = std::isfinite(pixel_aspect) ? std::clamp(pixel_aspect, 0.1F, 10.0F) : 1.0F;
  Extent square{static_cast<float>(std::max(1, picture.width)) * aspect,
                static_cast<float>(std::max(1, picture.height))};
  const float limit = kMaxBase / square.longest();
  const float grow = kSmallPicture / square.longest();
  const float fit = std::min(std::max(1.0F, grow), limit);
  square = {square.width * fit, square.height * fit};
  if (options.scope == Scope::thorough) return thorough_passes(square, multiple);
  const auto wanted =
      static_cast<float>(options.max_side > 0 ? options.max_side : picture_options(options.scope).max_side);
  const float scale = std::min(1.0F, wanted / square.longest());
  std::vector<Pass> passes{whole_pass(square, scale, multiple)};
  // At full size the network loses some of the faces that fill the picture; this costs a twentieth of the
  // time.
  if (options.scope == Scope::balanced && square.longest() * scale > kLargeFacePass * 2) {
    passes.push_back(whole_pass(square, kLargeFacePass / square.longest(), multiple));
    const media::Size base = passes.back().base;
    passes.back().min_side = kLargeFace * static_cast<float>(std::min(base.width, base.height));
  }
  return passes;
}

int smallest_face(media::Size picture, float pixel_aspect, const DetectorOptions& options) {
  float least = std::numeric_limits<float>::infinity();
  for (const Pass& pass : plan_passes(picture, pixel_aspect, options, 1)) {
    const float base_pixels = kLeastFace * pass.area.height / static_cast<float>(pass.input.height);
    const float pixels =
        base_pixels * static_cast<float>(picture.height) / static_cast<float>(pass.base.height);
    least = std::min(least, pixels);
  }
  return static_cast<int>(std::ceil(least));
}

}  // namespace sightline::analysis
