// displayed_luma() of video_frame.h: it runs on every frame of a clip, so its inner loops are written for
// the vectoriser, which GCC's -O2 keeps from loops of unknown length.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "sight/media/raster_turn.h"
#include "sight/media/video_frame.h"

namespace sightline::media {
namespace {

/// How one axis falls into blocks of 2^levels samples. A block that is not full comes last in display
/// order, so first in storage where the display runs backwards: a block's place is then its displayed
/// place times 2^levels whatever the orientation.
struct Blocks {
  int length = 0;  // samples
  int side = 1;    // samples a block
  int lead = 0;    // samples of a partial first block; 0 = none

  [[nodiscard]] int count() const { return (length + side - 1) / side; }
  [[nodiscard]] int begin(int block) const {
    const int at = lead == 0 ? block * side : lead + (block - 1) * side;
    return std::max(at, 0);
  }
  [[nodiscard]] int end(int block) const { return std::min(length, begin(block + 1)); }
};

template <typename Sample>
void add_row(const std::uint8_t* row, int width, std::uint16_t* sums) {
  for (int x = 0; x < width; ++x) {
    Sample sample;
    std::memcpy(&sample, row + static_cast<std::size_t>(x) * sizeof(Sample), sizeof(Sample));
    sums[x] = static_cast<std::uint16_t>(sums[x] + sample);
  }
}

template <typename Sample>
void set_rows(const std::uint8_t* first, const std::uint8_t* second, int width, std::uint16_t* sums) {
  for (int x = 0; x < width; ++x) {
    Sample a;
    Sample b;
    std::memcpy(&a, first + static_cast<std::size_t>(x) * sizeof(Sample), sizeof(Sample));
    std::memcpy(&b, second + static_cast<std::size_t>(x) * sizeof(Sample), sizeof(Sample));
    sums[x] = static_cast<std::uint16_t>(a + b);
  }
}

/// Averages `count` full blocks: the sums of 2^levels columns, each of 2^levels rows.
template <int kLevels>
void average_full(const std::uint16_t* sums, int count, int depth_shift, std::uint8_t* out) {
  constexpr int kSide = 1 << kLevels;
  const int shift = 2 * kLevels + depth_shift;
  const std::uint32_t half = shift == 0 ? 0U : 1U << (shift - 1);
  for (int i = 0; i < count; ++i) {
    std::uint32_t sum = half;
    for (int k = 0; k < kSide; ++k) sum += sums[i * kSide + k];
    sum >>= shift;
    out[i] = static_cast<std::uint8_t>(sum > 255U ? 255U : sum);
  }
}

void average_partial(const std::uint16_t* sums, int columns, int rows, int depth_shift, std::uint8_t* out) {
  std::uint32_t sum = 0;
  for (int x = 0; x < columns; ++x) sum += sums[x];
  const auto weight = static_cast<std::uint32_t>(columns * rows) << depth_shift;
  *out = static_cast<std::uint8_t>(std::min((sum + weight / 2) / weight, std::uint32_t{255}));
}

template <typename Sample, int kLevels>
void reduce(const PlaneView& plane, const Blocks& across, const Blocks& down, std::uint8_t* out) {
  const int depth_shift = std::max(0, plane.bit_depth - 8);
  const int columns = across.count();
  const int full_from = across.lead == 0 ? 0 : 1;
  const int full = (across.length - across.lead) / across.side;
  std::vector<std::uint16_t> sums(static_cast<std::size_t>(across.length));
  for (int y = 0; y < down.count(); ++y, out += columns) {
    const int top = down.begin(y);
    const int bottom = down.end(y);
    int next = top;
    if (bottom - top >= 2) {
      set_rows<Sample>(plane.row(top), plane.row(top + 1), across.length, sums.data());
      next = top + 2;
    } else {
      std::fill(sums.begin(), sums.end(), std::uint16_t{0});
    }
    for (; next < bottom; ++next) add_row<Sample>(plane.row(next), across.length, sums.data());

    const bool whole_rows = bottom - top == down.side;
    if (whole_rows) average_full<kLevels>(sums.data() + across.lead, full, depth_shift, out + full_from);
    for (int x = 0; x < columns; ++x) {
      if (whole_rows && x == full_from) x += full;  // done above
      if (x >= columns) break;
      const int left = across.begin(x);
      average_partial(sums.data() + left, across.end(x) - left, bottom - top, depth_shift, out + x);
    }
  }
}

template <typename Sample>
void reduce_by(int levels, const PlaneView& plane, const Blocks& across, const Blocks& down,
               std::uint8_t* out) {
  switch (levels) {
    case 0:
      return reduce<Sample, 0>(plane, across, down, out);
    case 1:
      return reduce<Sample, 1>(plane, across, down, out);
    case 2:
      return reduce<Sample, 2>(plane, across, down, out);
    case 3:
      return reduce<Sample, 3>(plane, across, down, out);
    default:
      return reduce<Sample, 4>(plane, across, down, out);
  }
}

Blocks split(int length, int levels, bool backwards) {
  Blocks blocks;
  blocks.length = length;
  blocks.side = 1 << levels;
  blocks.lead = backwards ? length % blocks.side : 0;
  return blocks;
}

}  // namespace

LumaImage displayed_luma(const VideoFrame& frame, const Orientation& orientation, int levels) {
  levels = std::clamp(levels, 0, 4);
  const PlaneView plane = frame.plane(0);
  const int turns = orientation.quarter_turns & 3;
  const bool flips_x = (turns == 2 || turns == 3) != orientation.mirrored;
  const bool flips_y = turns == 1 || turns == 2;
  const Blocks across = split(plane.width, levels, flips_x);
  const Blocks down = split(plane.height, levels, flips_y);

  LumaImage stored;
  stored.size = {across.count(), down.count()};
  stored.pixels.resize(static_cast<std::size_t>(stored.size.width) *
                       static_cast<std::size_t>(stored.size.height));
  if (plane.bit_depth > 8) {
    reduce_by<std::uint16_t>(levels, plane, across, down, stored.pixels.data());
  } else {
    reduce_by<std::uint8_t>(levels, plane, across, down, stored.pixels.data());
  }
  if (orientation == Orientation{}) return stored;

  LumaImage displayed;
  displayed.size = orientation.displayed(stored.size);
  displayed.pixels.resize(stored.pixels.size());
  PlaneView view;
  view.data = stored.pixels.data();
  view.stride = stored.size.width;
  view.width = stored.size.width;
  view.height = stored.size.height;
  turn_pixels(view, orientation, displayed.pixels.data());
  return displayed;
}

}  // namespace sightline::media
