#include "sight/faces/face_analyser.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "sight/analysis/picture_faces.h"
#include "sight/analysis/picture_sources.h"

namespace sightline::faces {
namespace {

/// Below, a face is more likely none: the detector's calibration crosses a half near here.
constexpr float kMinFaceScore = 0.36F;
/// Eyes of fewer pixels from corner to corner show nothing of lids and pupils.
constexpr float kMinEyeWidth = 8;
/// From the pupil's offset, over the width of the eye, to the sine of its turn: an eye is 27.5 mm wide where
/// the iris is 0.213 of it, and turns about a point 11.5 mm behind the iris.
constexpr float kOffsetToSine = 27.5F / 11.5F;
/// The offsets of people who look at the camera, in the median.
constexpr float kInward = -0.059F;
constexpr float kDownward = -0.060F;
/// What either eye's direction is off by, at least.
constexpr float kLeastError = 6;
/// A direction within this many degrees counts as right.
constexpr float kTolerance = 15;

/// In Rekognition's order: the detector's five points, which come to us in another one; points of the mesh;
/// the pupils; points of the mesh again.
constexpr std::array<std::string_view, 30> kNames = {
    "eyeLeft",          "eyeRight",         "mouthLeft",     "mouthRight",       "nose",
    "leftEyeBrowLeft",  "leftEyeBrowRight", "leftEyeBrowUp", "rightEyeBrowLeft", "rightEyeBrowRight",
    "rightEyeBrowUp",   "leftEyeLeft",      "leftEyeRight",  "leftEyeUp",        "leftEyeDown",
    "rightEyeLeft",     "rightEyeRight",    "rightEyeUp",    "rightEyeDown",     "noseLeft",
    "noseRight",        "mouthUp",          "mouthDown",     "leftPupil",        "rightPupil",
    "upperJawlineLeft", "midJawlineLeft",   "chinBottom",    "midJawlineRight",  "upperJawlineRight"};
/// Their points of the mesh, before and after the pupils.
constexpr std::array<std::size_t, 18> kMeshPointsOfFace = {70,  107, 105, 336, 300, 334, 33,  133, 159,
                                                           145, 362, 263, 386, 374, 98,  327, 0,   17};
constexpr std::array<std::size_t, 5> kMeshPointsOfJaw = {127, 172, 152, 397, 356};

void add_landmark(std::vector<Landmark>& landmarks, media::Point place) {
  landmarks.push_back({kNames[landmarks.size()], place});
}

void add_mesh_landmarks(const Mesh& mesh, const Eyes& eyes, std::vector<Landmark>& landmarks) {
  for (const std::size_t point : kMeshPointsOfFace) add_landmark(landmarks, mesh.points[point].flat());
  add_landmark(landmarks, eyes.left.pupil);
  add_landmark(landmarks, eyes.right.pupil);
  for (const std::size_t point : kMeshPointsOfJaw) add_landmark(landmarks, mesh.points[point].flat());
}

Judgement judgement(float share) {
  return {share >= 0.5F, std::max(share, 1 - share)};
}

float turn(float offset) {
  return std::asin(std::clamp(offset * kOffsetToSine, -1.0F, 1.0F)) * 180 / std::numbers::pi_v<float>;
}

EyeDirection direction_of(const Eyes& eyes, const Pose& head) {
  // The median offset is away from the nose: to the left in the left eye, to the right in the right one.
  const float left = turn(eyes.left.rightward - kInward);
  const float right = turn(eyes.right.rightward + kInward);
  const float left_down = turn(eyes.left.downward - kDownward);
  const float right_down = turn(eyes.right.downward - kDownward);
  const float error = std::max(kLeastError, std::hypot(left - right, left_down - right_down) / 2);
  return {head.yaw + (left + right) / 2, head.pitch - (left_down + right_down) / 2,
          std::erf(kTolerance / (error * std::numbers::sqrt2_v<float>))};
}

bool all_in_one_place(const analysis::Face& face) {
  const media::Point& first = face.landmarks[0];
  return std::ranges::all_of(face.landmarks, [&](const media::Point& p) {
    return !(std::hypot(p.x - first.x, p.y - first.y) >= 1);
  });
}

}  // namespace

std::span<const std::string_view> landmark_names() {
  return kNames;
}

std::vector<Landmark> five_landmarks(const std::array<media::Point, 5>& points) {
  std::vector<Landmark> landmarks;
  for (const std::size_t i : {0, 1, 3, 4, 2}) add_landmark(landmarks, points[i]);
  return landmarks;
}

Result<void> FaceAnalyser::make_ready() const {
  TRY(mesher_.make_ready());
  return eyes_.make_ready();
}

Result<FaceDetails> FaceAnalyser::describe(const media::RgbImage& picture, const analysis::Face& face,
                                           const Wanted& wanted) const {
  FaceDetails details;
  details.face = face;
  details.landmarks = five_landmarks(face.landmarks);
  if (all_in_one_place(face)) return details;
  if (wanted.quality) details.quality = TRY(measure_quality(picture, face));
  const bool needs_eyes = wanted.all_landmarks || wanted.eyes_open || wanted.eye_direction;
  if (!wanted.pose && !wanted.mouth_open && !needs_eyes) return details;
  const Mesh mesh = TRY(mesher_.fit(picture, face, Looks::two));
  const Pose pose = head_pose(mesh);
  if (!mesh.found_face()) return details;
  if (wanted.pose) details.pose = pose;
  if (wanted.mouth_open) details.mouth_open = judgement(mesher_.mouth_open(mesh));
  if (!needs_eyes) return details;
  const Eyes eyes = TRY(eyes_.read(picture, mesh));
  if (wanted.all_landmarks) add_mesh_landmarks(mesh, eyes, details.landmarks);
  if (std::min(eyes.left.width, eyes.right.width) < kMinEyeWidth) return details;
  if (wanted.eyes_open) details.eyes_open = judgement(eyes_.open(eyes));
  if (wanted.eye_direction) details.eye_direction = direction_of(eyes, pose);
  return details;
}

Result<std::vector<analysis::Face>> find_faces(analysis::FaceDetector& detector,
                                               const media::RgbImage& picture, std::size_t most) {
  analysis::DetectorOptions options = analysis::picture_options(analysis::Scope::balanced);
  options.min_score = kMinFaceScore;
  auto found = TRY(analysis::find_faces(detector, analysis::RgbSource(picture), options,
                                        analysis::Orientations::others_if_no_face));
  std::ranges::stable_sort(found, std::ranges::greater{},
                           [](const analysis::Face& face) { return face.box.area(); });
  if (found.size() > most) found.resize(most);
  return found;
}

}  // namespace sightline::faces
