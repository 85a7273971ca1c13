#pragma once
// The faces of a still picture, whichever way up they are.
//
// The detector was trained on upright faces: tilted by more than some 45 degrees, half of them are lost, and
// the landmarks of the others are wrong. Photographs are often stored sideways or upside down without the
// entry that says so, and people lie down. So the three other orientations are looked at in half the size;
// one that shows a face better than the upright picture does is then looked at in full. docs/adr/0021.

#include <optional>
#include <vector>

#include "base/result.h"
#include "sight/analysis/face_detector.h"

namespace sightline::analysis {

/// Which orientations are looked at.
enum class Orientations {
  upright,            ///< as displayed, and no other
  others_if_no_face,  ///< the others where the upright picture shows no sure face
  all,                ///< always all four
};

/// The faces above options.min_score, best first, one detection a face. Boxes are in pixels of `picture`; the
/// landmarks of a turned face are its own: the first is the eye that is at the viewer's left when the face is
/// upright. Beside sure upright faces, a turned one must be sure to count; where the turned ones prevail the
/// whole picture is taken to be turned. Thread-safe as the detector is. Errors: those of the detector.
[[nodiscard]] Result<std::vector<Face>> find_faces(FaceDetector& detector, const PictureSource& picture,
                                                   const DetectorOptions& options, Orientations orientations);

/// How many clockwise quarter turns bring most of the picture's sure faces upright, in a look at each
/// orientation in half the size of what the options ask for; nothing where no orientation shows a sure face.
[[nodiscard]] Result<std::optional<int>> turns_to_upright(FaceDetector& detector,
                                                          const PictureSource& picture,
                                                          const DetectorOptions& options);

}  // namespace sightline::analysis
