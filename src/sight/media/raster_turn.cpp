#include "sight/media/raster_turn.h"

#include <algorithm>
#include <cstring>

namespace sightline::media {
namespace {

/// Where the displayed picture's pixels lie in the stored one: start + x * step_x + y * step_y, in bytes.
struct Walk {
  const std::uint8_t* start = nullptr;
  std::ptrdiff_t step_x = 0;
  std::ptrdiff_t step_y = 0;
};

Walk plan(const PlaneView& stored, const Orientation& orientation) {
  const std::ptrdiff_t right = stored.channels;
  const std::ptrdiff_t down = stored.stride;
  const int turns = orientation.quarter_turns & 3;
  // In the mirrored picture: where displayed (0, 0) comes from, and what a step right or down means there.
  const bool from_right = turns == 2 || turns == 3;
  const bool from_bottom = turns == 1 || turns == 2;
  std::ptrdiff_t along_x = from_right ? -right : right;
  const std::ptrdiff_t along_y = from_bottom ? -down : down;
  const bool start_right = from_right != orientation.mirrored;
  if (orientation.mirrored) along_x = -along_x;
  Walk walk;
  walk.start = stored.data + (start_right ? (stored.width - 1) * right : 0) +
               (from_bottom ? (stored.height - 1) * down : 0);
  walk.step_x = turns % 2 == 0 ? along_x : along_y;
  walk.step_y = turns % 2 == 0 ? along_y : along_x;
  return walk;
}

// Square tiles keep both the rows read and the rows written in the cache when the axes swap.
constexpr int kTile = 32;

template <int kChannels>
void copy_tiles(const Walk& walk, Size size, std::uint8_t* out) {
  for (int top = 0; top < size.height; top += kTile) {
    const int bottom = std::min(top + kTile, size.height);
    for (int left = 0; left < size.width; left += kTile) {
      const int right = std::min(left + kTile, size.width);
      for (int y = top; y < bottom; ++y) {
        const std::uint8_t* from = walk.start + y * walk.step_y + left * walk.step_x;
        std::uint8_t* to = out + (static_cast<std::ptrdiff_t>(y) * size.width + left) * kChannels;
        for (int x = left; x < right; ++x, from += walk.step_x, to += kChannels) {
          for (int c = 0; c < kChannels; ++c) to[c] = from[c];
        }
      }
    }
  }
}

/// Whole rows read backwards: half a turn, or a mirror image.
template <int kChannels>
void copy_reversed_rows(const Walk& walk, Size size, std::uint8_t* out) {
  for (int y = 0; y < size.height; ++y) {
    const std::uint8_t* from = walk.start + y * walk.step_y;
    for (int x = 0; x < size.width; ++x, from -= kChannels, out += kChannels) {
      for (int c = 0; c < kChannels; ++c) out[c] = from[c];
    }
  }
}

template <int kChannels>
void copy_turned(const Walk& walk, Size size, std::uint8_t* out) {
  if (walk.step_x == -kChannels) {
    copy_reversed_rows<kChannels>(walk, size, out);
  } else {
    copy_tiles<kChannels>(walk, size, out);
  }
}

}  // namespace

void turn_pixels(const PlaneView& stored, const Orientation& orientation, std::uint8_t* out) {
  if (orientation == Orientation{}) {
    const auto bytes = static_cast<std::size_t>(stored.width) * static_cast<std::size_t>(stored.channels);
    for (int y = 0; y < stored.height; ++y)
      std::memcpy(out + static_cast<std::size_t>(y) * bytes, stored.row(y), bytes);
    return;
  }
  const Walk walk = plan(stored, orientation);
  const Size size = orientation.displayed({stored.width, stored.height});
  if (stored.channels == 1) {
    copy_turned<1>(walk, size, out);
  } else {
    copy_turned<3>(walk, size, out);
  }
}

}  // namespace sightline::media
