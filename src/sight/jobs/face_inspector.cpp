#include "sight/jobs/face_inspector.h"

#include <algorithm>
#include <cmath>

#include "sight/faces/face_in_box.h"
#include "sight/faces/face_quality.h"
#include "sight/faces/five_point_pose.h"
#include "sight/tracking/frame_detection.h"

namespace sightline::jobs {
namespace {

/// Of a frame, the largest get the models' look: as many as the answer for a picture holds.
constexpr std::size_t kMostFaces = 100;
constexpr float kLongestSide = 3840;
/// Pixels: narrower faces hardly ever get a mesh (docs/adr/0016).
constexpr float kLeastMeshWidth = 40;
/// Milliseconds after which a face is looked at anew: one that has a mesh, and one that has none, being
/// turned away or blurred.
constexpr std::int64_t kMeshHolds = 190;
constexpr std::int64_t kNoMeshHolds = 800;
constexpr faces::Wanted kEverything{true, true, true, true, true, true};

media::Size picture_size(const media::VideoInfo& info) {
  const media::Size displayed = info.displayed_size();
  const float width = static_cast<float>(displayed.width) * tracking::displayed_pixel_aspect(info);
  const auto height = static_cast<float>(displayed.height);
  const float scale = std::min(1.0F, kLongestSide / std::max({width, height, 1.0F}));
  const auto side = [&](float length) { return std::max(1, static_cast<int>(std::lround(length * scale))); };
  return {side(width), side(height)};
}

media::Box scaled(const media::Box& box, media::Size size) {
  const auto width = static_cast<float>(size.width);
  const auto height = static_cast<float>(size.height);
  return {box.x * width, box.y * height, box.width * width, box.height * height};
}

/// However well it were seen: most faces of a crowd are too small.
bool may_be_worth_a_look(const media::Box& box) {
  return view_worth({box, 1, 1, {}}, {100, 100}) > 0;
}

bool was_detected(const SampledFace& face) {
  return face.landmarks && face.points == PointsFrom::detection;
}

std::vector<SampledFace*> largest(FrameSample& sample) {
  std::vector<SampledFace*> faces;
  for (SampledFace& face : sample.faces) faces.push_back(&face);
  std::ranges::stable_sort(faces, std::ranges::greater{},
                           [](const SampledFace* face) { return face->box.area(); });
  if (faces.size() > kMostFaces) faces.resize(kMostFaces);
  return faces;
}

}  // namespace

Result<void> make_ready(CloserLook look, const WorkerModels& models) {
  TRY(models.mesher.make_ready());
  if (look == CloserLook::brief) return {};
  TRY(faces::make_ready_for_squares(models.detector));
  return look == CloserLook::people ? models.recogniser->make_ready() : models.analyser->make_ready();
}

FaceInspector::FaceInspector(CloserLook look, const WorkerModels& models, const media::VideoInfo& info)
    : look_(look), models_(models), orientation_(info.orientation), size_(picture_size(info)) {}

Result<media::RgbImage> FaceInspector::picture_of(const media::VideoFrame& frame) {
  return converter_.to_rgb(frame, orientation_, size_);
}

std::optional<analysis::Face> FaceInspector::reported_place(const SampledFace& face) const {
  if (!face.landmarks) return std::nullopt;
  analysis::Face placed{scaled(face.box, size_), face.confidence, face.confidence, *face.landmarks};
  for (media::Point& point : placed.landmarks) {
    point = {point.x * static_cast<float>(size_.width), point.y * static_cast<float>(size_.height)};
  }
  return placed;
}

Result<std::optional<analysis::Face>> FaceInspector::seen_place(const media::RgbImage& picture,
                                                                const SampledFace& face) {
  if (was_detected(face)) return reported_place(face);
  const auto found =
      TRY(faces::find_in_box(models_.detector, picture, scaled(face.box, size_), faces::PartShape::square));
  return found ? std::optional(found->in_picture()) : std::nullopt;
}

void FaceInspector::describe(const media::RgbImage& picture, const analysis::Face& placed,
                             faces::FaceDetails details, SampledFace& face) const {
  // Points that are all in one place give neither.
  if (!details.pose) {
    if (const auto pose = faces::five_point_pose(placed.landmarks)) details.pose = *pose;
  }
  if (!details.quality) {
    if (const auto quality = faces::measure_quality(picture, placed)) details.quality = *quality;
  }
  if (details.landmarks.empty()) details.landmarks = faces::five_landmarks(placed.landmarks);
  const auto fraction = [&](media::Point& point) {
    point = {point.x / static_cast<float>(size_.width), point.y / static_cast<float>(size_.height)};
  };
  for (faces::Landmark& landmark : details.landmarks) fraction(landmark.place);
  face.landmarks = placed.landmarks;
  for (media::Point& point : *face.landmarks) fraction(point);
  details.face = {face.box, face.confidence, face.confidence, *face.landmarks};
  face.details = std::move(details);
}

Result<void> FaceInspector::measure_all(const media::RgbImage& picture, SampledFace& face) {
  auto placed = TRY(seen_place(picture, face));
  if (!placed) placed = reported_place(face);
  if (!placed) return {};
  auto described = models_.analyser->describe(picture, *placed, kEverything);
  // A face that lies nowhere in the picture has nothing to measure.
  if (!described && described.error().kind == ErrorKind::invalid_argument) return {};
  describe(picture, *placed, TRY(described), face);
  return {};
}

bool FaceInspector::is_worth_a_mesh(const SampledFace& face, const analysis::Face& placed,
                                    std::int64_t timestamp_ms) const {
  if (placed.box.width < kLeastMeshWidth) return false;
  const auto last = meshes_.find(face.track);
  if (last == meshes_.end()) return true;
  return timestamp_ms - last->second.timestamp_ms >= (last->second.pose ? kMeshHolds : kNoMeshHolds);
}

Result<void> FaceInspector::measure_briefly(const media::RgbImage& picture, std::int64_t timestamp_ms,
                                            SampledFace& face) {
  auto placed = reported_place(face);
  if (!placed) return {};
  if (is_worth_a_mesh(face, *placed, timestamp_ms)) {
    const auto mesh = models_.mesher.fit(picture, *placed, faces::Looks::one);
    if (!mesh && mesh.error().kind != ErrorKind::invalid_argument) return std::unexpected(mesh.error());
    LastMesh& last = meshes_[face.track] = {timestamp_ms, {}};
    if (mesh && mesh->found_face()) {
      last.pose = faces::head_pose(*mesh);
      if (!was_detected(face)) placed->landmarks = faces::five_points(*mesh);
    }
  }
  faces::FaceDetails details;
  if (const auto last = meshes_.find(face.track); last != meshes_.end()) details.pose = last->second.pose;
  describe(picture, *placed, std::move(details), face);
  return {};
}

void FaceInspector::forget_who_left(const FrameSample& sample) {
  std::map<std::int64_t, LastMesh> kept;
  for (const SampledFace& face : sample.faces) {
    if (auto known = meshes_.extract(face.track)) kept.insert(std::move(known));
  }
  meshes_ = std::move(kept);
}

Result<void> FaceInspector::look_who_it_is(const media::RgbImage& picture, const SampledFace& face) {
  if (!may_be_worth_a_look(scaled(face.box, size_))) return {};
  // A carried box costs a detection: it is worth that while its track is hardly known.
  if (!was_detected(face) && !views_.is_short_of(face.track)) return {};
  const auto placed = TRY(seen_place(picture, face));
  if (!placed) return {};
  const auto quality = faces::measure_quality(picture, *placed);
  if (!quality) return {};  // points in one place
  const float worth = view_worth(*placed, *quality);
  if (!views_.wants(face.track, worth)) return {};
  const faces::FaceVector vector = TRY(models_.recogniser->embed(picture, placed->landmarks));
  return views_.add(face.track, worth, vector);
}

Result<void> FaceInspector::inspect(const media::VideoFrame& frame, FrameSample& sample) {
  if (sample.faces.empty()) return {};
  const media::RgbImage picture = TRY(picture_of(frame));
  forget_who_left(sample);
  for (SampledFace* face : largest(sample)) {
    if (look_ == CloserLook::people) TRY(look_who_it_is(picture, *face));
    TRY(look_ == CloserLook::measures ? measure_all(picture, *face)
                                      : measure_briefly(picture, sample.timestamp_ms, *face));
  }
  for (SampledFace& face : sample.faces) {
    if (face.details) continue;
    if (const auto placed = reported_place(face)) describe(picture, *placed, {}, face);
  }
  return {};
}

std::vector<TrackVector> FaceInspector::people() const {
  if (look_ != CloserLook::people) return {};
  return views_.vectors(*models_.recogniser);
}

}  // namespace sightline::jobs
