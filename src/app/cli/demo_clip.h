#pragma once
// The clip that `sightline demo` makes before it blurs it.

#include <filesystem>
#include <functional>
#include <stop_token>

#include "base/result.h"

namespace sightline::cli {

/// Films the photographs in `pictures` (Locations::demo_pictures) with a moving camera into `output`: 8 s
/// of 1280x720 at 30 frames a second, H.264 in mp4, without sound, whole when it appears; an existing file is
/// replaced. `progress` is told the share done, 0..1. Errors: not_found when the pictures are not there,
/// cancelled when `stop` asked for it, and those of encoding and writing.
[[nodiscard]] Result<void> make_demo_clip(const std::filesystem::path& pictures,
                                          const std::filesystem::path& output, std::stop_token stop,
                                          const std::function<void(double)>& progress);

}  // namespace sightline::cli
