#include "sight/jobs/face_inspector.h"

#include <algorithm>
#include <cmath>

#include "sight/faces/face_in_box.h"
#include "sight/faces/face_quality.h"
#include "sight/tracking/frame_detection.h"

namespace sightline::jobs {
namespace {

/// Of a frame, the largest: as many as the answer for a picture tells of.
constexpr std::size_t kMostFaces = 100;
constexpr float kLongestSide = 3840;
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
  if (look == CloserLook::none) return {};
  TRY(faces::make_ready_for_squares(models.detector));
  return look == CloserLook::people ? models.recogniser->make_ready() : models.analyser->make_ready();
}

FaceInspector::FaceInspector(CloserLook look, const WorkerModels& models, const media::VideoInfo& info)
    : look_(look), models_(models), orientation_(info.orientation), size_(picture_size(info)) {}

Result<media::RgbImage> FaceInspector::picture_of(const media::VideoFrame& frame) {
  return converter_.to_rgb(frame, orientation_, size_);
}

/// In the picture's pixels, with points: those of a detection in this frame, or of one that is made now.
Result<std::optional<analysis::Face>> FaceInspector::place(const media::RgbImage& picture,
                                                           const SampledFace& face) {
  const media::Box box = scaled(face.box, size_);
  if (!face.landmarks) {
    auto found = TRY(faces::find_in_box(models_.detector, picture, box, faces::PartShape::square));
    return found ? std::optional(found->in_picture()) : std::nullopt;
  }
  analysis::Face placed{box, face.confidence, face.confidence, *face.landmarks};
  for (media::Point& point : placed.landmarks) {
    point = {point.x * static_cast<float>(size_.width), point.y * static_cast<float>(size_.height)};
  }
  return placed;
}

Result<void> FaceInspector::measure(const media::RgbImage& picture, SampledFace& face) {
  const auto placed = TRY(place(picture, face));
  if (!placed) return {};
  auto described = models_.analyser->describe(picture, *placed, kEverything);
  // A face that lies nowhere in the picture has nothing to measure.
  if (!described && described.error().kind == ErrorKind::invalid_argument) return {};
  faces::FaceDetails details = TRY(described);
  const auto fraction = [&](media::Point& point) {
    point = {point.x / static_cast<float>(size_.width), point.y / static_cast<float>(size_.height)};
  };
  for (faces::Landmark& landmark : details.landmarks) fraction(landmark.place);
  face.landmarks = placed->landmarks;
  for (media::Point& point : *face.landmarks) fraction(point);
  details.face = {face.box, face.confidence, face.confidence, *face.landmarks};
  face.details = std::move(details);
  return {};
}

Result<void> FaceInspector::look_who_it_is(const media::RgbImage& picture, const SampledFace& face) {
  if (!may_be_worth_a_look(scaled(face.box, size_))) return {};
  // A carried box costs a detection: it is worth that while its track is hardly known.
  if (!face.landmarks && !views_.is_short_of(face.track)) return {};
  const auto placed = TRY(place(picture, face));
  if (!placed) return {};
  const auto quality = faces::measure_quality(picture, *placed);
  if (!quality) return {};  // points in one place
  const float worth = view_worth(*placed, *quality);
  if (!views_.wants(face.track, worth)) return {};
  const faces::FaceVector vector = TRY(models_.recogniser->embed(picture, placed->landmarks));
  return views_.add(face.track, worth, vector);
}

Result<void> FaceInspector::inspect(const media::VideoFrame& frame, FrameSample& sample) {
  if (look_ == CloserLook::none || sample.faces.empty()) return {};
  const media::RgbImage picture = TRY(picture_of(frame));
  for (SampledFace* face : largest(sample)) {
    TRY(look_ == CloserLook::people ? look_who_it_is(picture, *face) : measure(picture, *face));
  }
  return {};
}

std::vector<TrackVector> FaceInspector::people() const {
  if (look_ != CloserLook::people) return {};
  return views_.vectors(*models_.recogniser);
}

}  // namespace sightline::jobs
