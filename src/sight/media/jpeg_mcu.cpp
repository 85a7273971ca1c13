#include "sight/media/jpeg_mcu.h"

#include <algorithm>
#include <cstring>

namespace sightline::media {
namespace {

/// Each step is a bijection of the state and of the word: one changed word always changes the hash.
std::uint64_t mixed(std::uint64_t state, std::uint64_t word) {
  state = (state ^ word) * 0x9E37'79B9'7F4A'7C15ULL;
  return state ^ state >> 29;
}

std::uint64_t mix_bytes(std::uint64_t state, const std::uint8_t* bytes, std::size_t count) {
  std::uint64_t word = 0;
  for (; count >= 8; bytes += 8, count -= 8) {
    std::memcpy(&word, bytes, 8);
    state = mixed(state, word);
  }
  if (count == 0) return state;
  word = 0;
  std::memcpy(&word, bytes, count);
  return mixed(state, word);
}

}  // namespace

Size mcu_size(const JpegCoding& coding) {
  Size mcu{8, 8};
  for (const auto& component : coding.components) {
    mcu.width = std::max(mcu.width, 8 * component.h_samples);
    mcu.height = std::max(mcu.height, 8 * component.v_samples);
  }
  return mcu;
}

Size mcu_grid(Size picture, Size mcu) {
  return {(picture.width + mcu.width - 1) / mcu.width, (picture.height + mcu.height - 1) / mcu.height};
}

std::vector<std::uint64_t> hash_mcus(const PlaneView& samples, Size mcu) {
  const Size grid = mcu_grid({samples.width, samples.height}, mcu);
  std::vector<std::uint64_t> hashes(static_cast<std::size_t>(grid.width) *
                                    static_cast<std::size_t>(grid.height));
  for (int y = 0; y < samples.height; ++y) {
    std::uint64_t* row = hashes.data() + std::size_t(y / mcu.height) * std::size_t(grid.width);
    for (int cell = 0; cell < grid.width; ++cell) {
      const int x = cell * mcu.width;
      const int width = std::min(mcu.width, samples.width - x);
      row[cell] = mix_bytes(row[cell], samples.row(y) + std::ptrdiff_t{x} * samples.channels,
                            std::size_t(width) * std::size_t(samples.channels));
    }
  }
  return hashes;
}

}  // namespace sightline::media
