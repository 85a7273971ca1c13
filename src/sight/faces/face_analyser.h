#pragma once
// Everything that can be measured of the faces in one picture.

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sight/analysis/face_detector.h"
#include "sight/faces/eyes.h"
#include "sight/faces/face_mesh.h"
#include "sight/faces/face_quality.h"
#include "sight/faces/head_pose.h"

namespace sightline::faces {

/// What is asked for beyond box, confidence and five landmarks; each costs only what it needs.
struct Wanted {
  bool pose = true;            ///< two runs of the mesh
  bool quality = true;         ///< no model
  bool all_landmarks = false;  ///< the mesh
  bool eyes_open = false;      ///< the mesh and two runs of the iris model
  bool mouth_open = false;     ///< the mesh
  bool eye_direction = false;  ///< the mesh and the iris model
};

struct Landmark {
  std::string_view name;  ///< "eyeLeft", "leftEyeBrowUp", ...; left and right are the viewer's
  media::Point place;
};

/// The names of all thirty, in the order in which FaceDetails has them; the first five are those of any face.
[[nodiscard]] std::span<const std::string_view> landmark_names();

/// The five that the detector gives, as FaceDetails has them.
[[nodiscard]] std::vector<Landmark> five_landmarks(const std::array<media::Point, 5>& points);

struct Judgement {
  bool value = false;
  float confidence = 0;  ///< the share of such judgements that are right, 0.5..1
};

/// Degrees, signs as in Pose; relative to the camera, not to the head.
struct EyeDirection {
  float yaw = 0;
  float pitch = 0;
  float confidence =
      0;  ///< 0..1: how well both eyes agree; not calibrated, for want of a truth to compare with
};

struct FaceDetails {
  analysis::Face face;
  std::vector<Landmark> landmarks;  ///< 5, or 30 when all were asked for and the mesh found a face
  std::optional<Quality> quality;
  /// What follows is absent where not asked for and where the mesh found no face.
  std::optional<Pose> pose;
  std::optional<Judgement> mouth_open;
  /// These also where the eyes are too small to measure.
  std::optional<Judgement> eyes_open;
  std::optional<EyeDirection> eye_direction;
};

/// Thread-safe. What it is made of outlives it.
class FaceAnalyser {
 public:
  FaceAnalyser(FaceMesher& mesher, EyeReader& eyes) : mesher_(mesher), eyes_(eyes) {}

  /// `picture` as displayed, `face` in its pixels, as the detector gave it. A face whose points make no sense
  /// (all in one place) has only box, confidence and points. Errors: unavailable, internal (the models).
  [[nodiscard]] Result<FaceDetails> describe(const media::RgbImage& picture, const analysis::Face& face,
                                             const Wanted& wanted) const;
  /// Opens the sessions of its models, for a process that may open no file later.
  [[nodiscard]] Result<void> make_ready() const;

 private:
  FaceMesher& mesher_;
  EyeReader& eyes_;
};

/// Faces that an answer holds: what the detector is surer of than not, largest first, at most `most`.
[[nodiscard]] Result<std::vector<analysis::Face>> find_faces(analysis::FaceDetector& detector,
                                                             const media::RgbImage& picture,
                                                             std::size_t most = 100);

}  // namespace sightline::faces
