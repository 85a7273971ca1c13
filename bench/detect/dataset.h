#pragma once
// The measuring pictures with their true faces.

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "sight/media/raster.h"

namespace sightline::bench {

struct TrueFace {
  media::Box box;        ///< pixels of the picture as it was before it was squeezed
  bool ignored = false;  ///< annotated as too unclear to be judged: neither a miss nor a false detection
  bool clear = false;    ///< not blurred, not hidden, not in an unusual pose
};

struct TestPicture {
  std::string name;
  media::RgbImage image;
  std::vector<TrueFace> faces;
};

/// wider-dev: pictures squeezed to 416x416 are stretched back to their original shape.
[[nodiscard]] Result<std::vector<TestPicture>> load_wider(const std::filesystem::path& folder);
/// Every picture of a folder, without truth.
[[nodiscard]] Result<std::vector<TestPicture>> load_plain(const std::filesystem::path& folder);

}  // namespace sightline::bench
