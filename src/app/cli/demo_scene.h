#pragma once
// The scene that `sightline demo` films: photographs on a wall, and a camera that moves over them.

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "sight/media/raster.h"

namespace sightline::cli {

/// Where the camera looks: a rectangle of the wall as wide as `width` pixels around (x, y), turned by
/// `angle` radians.
struct CameraView {
  double x = 0;
  double y = 0;
  double width = 0;
  double angle = 0;
};

/// The view at `time`, 0 = first frame, 1 = last: smooth, with the small shake of a hand.
[[nodiscard]] CameraView camera_at(double time);

/// A wall with the pictures hung on it. Immutable once built: any thread may look at it.
class DemoScene {
 public:
  /// Hangs astronaut.png, camera.png, coffee.png and rocket.jpg of `pictures`; a picture that is not there
  /// leaves its place empty, save the astronaut. Errors: those of reading and decoding.
  static Result<DemoScene> build(const std::filesystem::path& pictures);

  [[nodiscard]] media::RgbImage look(const CameraView& view, media::Size size) const;

 private:
  std::vector<media::RgbImage> levels_;  ///< the wall, then halves of it: what is far is sampled from these
};

}  // namespace sightline::cli
