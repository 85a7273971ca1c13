// The tracks file's parser against arbitrary text.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sight/tracking/tracks_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sightline::tracking::TracksLimits limits;
  limits.boxes = 10'000;
  limits.tracks = 1'000;
  const auto file =
      sightline::tracking::parse_tracks({reinterpret_cast<const char*>(data), size}, "fuzzed.json", limits);
  if (!file) {
    if (file.error().message.find('\n') != std::string::npos) __builtin_trap();
    return 0;
  }
  for (const auto& video : file->videos) {
    for (const auto& [pts, boxes] : video.frames) {
      for (const auto& item : boxes) {
        if (item.track < 1 || !(item.box.width > 0) || !std::isfinite(item.box.x) || item.score > 1)
          __builtin_trap();
      }
    }
  }
  return 0;
}
