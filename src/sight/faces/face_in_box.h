#pragma once
// The face that is known to lie in a box, looked for anew: a box that was carried there from another frame
// has no points.

#include <optional>

#include "base/result.h"
#include "sight/analysis/face_detector.h"
#include "sight/media/raster.h"

namespace sightline::faces {

/// A part of a picture and the face that was found in it.
struct FaceInPart {
  media::RgbImage part;
  analysis::Face face;  ///< in the part's pixels
  media::Box area;      ///< of the part, in the picture's pixels

  /// The same face in the picture's pixels.
  [[nodiscard]] analysis::Face in_picture() const;
};

enum class PartShape {
  like_the_box,  ///< reduced where it is large, never enlarged: any of many sizes
  square,        ///< enlarged too: always one size, for who can make no network of another
};

/// Opens the session that find_in_box() asks for with PartShape::square, for a process that may open no file
/// later.
[[nodiscard]] Result<void> make_ready_for_squares(analysis::FaceDetector& detector);

/// nullopt where no face is seen that overlaps the box well. `picture` as displayed, `box` in its pixels.
[[nodiscard]] Result<std::optional<FaceInPart>> find_in_box(analysis::FaceDetector& detector,
                                                            const media::RgbImage& picture,
                                                            const media::Box& box, PartShape shape);

}  // namespace sightline::faces
