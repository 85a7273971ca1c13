#include "sight/anonymize/kept_people.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "sight/analysis/picture_faces.h"
#include "sight/analysis/picture_sources.h"
#include "sight/faces/face_in_box.h"
#include "sight/media/picture.h"

namespace sightline::anonymize {
namespace {

/// Frames from one comparison of a face to the next: two and a half a second at 25 frames a second.
constexpr std::int64_t kInterval = 10;
constexpr int kLooksNeeded = 2;
/// Smaller faces are not measured: their vectors say little.
constexpr float kSmallestFace = 24;

}  // namespace

Result<void> KeptPeople::add_photo(std::span<const std::uint8_t> file, std::string_view name) {
  const media::RgbImage picture = TRY(media::decode_rgb(file, name));
  auto options = analysis::picture_options(analysis::Scope::balanced);
  options.min_score = 0.5F;
  const auto found = TRY(analysis::find_faces(*detector_, analysis::RgbSource(picture), options,
                                              analysis::Orientations::others_if_no_face));
  if (found.size() != 1) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("'{}' shows {} faces: give a photo of the one person who is to stay", name,
                            found.empty() ? "no" : fmt::format("{}", found.size())));
  }
  photos_.emplace_back(std::string(name), TRY(recogniser_->embed(picture, found.front().landmarks)));
  return {};
}

float KeptPeople::similarity(const faces::FaceVector& a, const faces::FaceVector& b) const {
  return recogniser_->similarity(faces::cosine(a, b));
}

Likeness KeptPeople::compare(const media::RgbImage& picture, const analysis::Face& face) const {
  if (std::min(face.box.width, face.box.height) < kSmallestFace) return Likeness::unsure;
  const auto vector = recogniser_->embed(picture, face.landmarks);
  if (!vector) return Likeness::unsure;
  float best = 0;
  for (const Photo& photo : photos_) {
    const float alike = similarity(photo.vector, *vector);
    if (alike >= kSamePerson) photo.seen = true;
    best = std::max(best, alike);
  }
  if (best >= kSamePerson) return Likeness::same;
  return best < kAnotherPerson ? Likeness::other : Likeness::unsure;
}

Result<Likeness> KeptPeople::compare(const media::RgbImage& picture, const media::Box& box) const {
  const auto found = TRY(faces::find_in_box(*detector_, picture, box, faces::PartShape::like_the_box));
  return found ? compare(found->part, found->face) : Likeness::unsure;
}

bool KeptPeople::any_seen() const {
  return std::ranges::any_of(photos_, &Photo::seen);
}

std::vector<std::string> KeptPeople::never_seen() const {
  std::vector<std::string> names;
  for (const Photo& photo : photos_) {
    const bool seen = std::ranges::any_of(photos_, [&](const Photo& other) {
      return other.seen && (&other == &photo || similarity(photo.vector, other.vector) >= kSamePerson);
    });
    if (!seen) names.push_back(photo.name);
  }
  return names;
}

bool TrackJudge::is_due(const tracking::TrackedBox& box, std::int64_t frame) const {
  if (std::min(box.box.width, box.box.height) < kSmallestFace) return false;
  const auto known = tracks_.find(box.track);
  return known == tracks_.end() || (known->second.other == 0 && frame >= known->second.next);
}

bool TrackJudge::wants(const tracking::FrameTracks& tracks, std::int64_t frame) const {
  return std::ranges::any_of(tracks.boxes,
                             [&](const tracking::TrackedBox& box) { return is_due(box, frame); });
}

Result<void> TrackJudge::add(const media::RgbImage& picture, const tracking::FrameTracks& tracks,
                             std::int64_t frame) {
  for (const tracking::TrackedBox& box : tracks.boxes) {
    if (!is_due(box, frame)) continue;
    const Likeness likeness = TRY(people_.compare(picture, box.box));
    Looks& looks = tracks_[box.track];
    looks.next = frame + kInterval;
    ++(likeness == Likeness::same ? looks.same : likeness == Likeness::other ? looks.other : looks.unsure);
  }
  return {};
}

std::set<std::int64_t> TrackJudge::kept() const {
  std::set<std::int64_t> kept;
  for (const auto& [track, looks] : tracks_) {
    if (looks.other == 0 && looks.same >= kLooksNeeded && looks.same >= looks.unsure) kept.insert(track);
  }
  return kept;
}

}  // namespace sightline::anonymize
