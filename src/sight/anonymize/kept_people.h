#pragma once
// The people who are to stay recognisable, known by photos of them. Whoever is not surely one of them is
// painted: a doubt costs a face that could have stayed, never one that should have gone.

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sight/analysis/face_detector.h"
#include "sight/faces/face_recogniser.h"
#include "sight/media/raster.h"
#include "sight/tracking/track.h"

namespace sightline::anonymize {

/// How alike (0..100, FaceRecogniser::similarity) two faces must be to count as one person's: 3 in 10,000
/// pairs of different people are. Of a track, several looks must say so.
inline constexpr float kSamePerson = 90;
/// Below this they are surely two people's: one such look and its track is painted. Most pairs of different
/// people are below it, and few of one person's.
inline constexpr float kAnotherPerson = 5;

/// What one comparison of a face with the photos said.
enum class Likeness { same, unsure, other };

/// Thread-safe once its photos are added. Detector and recogniser outlive it.
class KeptPeople {
 public:
  KeptPeople(analysis::FaceDetector& detector, faces::FaceRecogniser& recogniser)
      : detector_(&detector), recogniser_(&recogniser) {}

  /// Several photos of one person help. Errors: invalid_argument (no face in it, or more than one), those of
  /// decoding.
  [[nodiscard]] Result<void> add_photo(std::span<const std::uint8_t> file, std::string_view name);
  [[nodiscard]] bool empty() const { return photos_.empty(); }
  [[nodiscard]] std::size_t size() const { return photos_.size(); }

  /// Whether `face` in `picture` is one of them; unsure where the face cannot be measured.
  [[nodiscard]] Likeness compare(const media::RgbImage& picture, const analysis::Face& face) const;
  /// The same of whoever's face lies in `box`: it is looked for there anew, since a carried box has no
  /// points. `unsure` where none is seen.
  [[nodiscard]] Result<Likeness> compare(const media::RgbImage& picture, const media::Box& box) const;

  /// Whether any of the faces that were looked at so far was surely the one on a photo.
  [[nodiscard]] bool any_seen() const;
  /// The names of the photos of people who were not seen: of all faces that were looked at so far, none was
  /// surely the one on it, nor on another photo of the same person.
  [[nodiscard]] std::vector<std::string> never_seen() const;

 private:
  struct Photo {
    Photo(std::string file, faces::FaceVector face) : name(std::move(file)), vector(std::move(face)) {}
    std::string name;
    faces::FaceVector vector;
    mutable std::atomic<bool> seen = false;
  };
  [[nodiscard]] float similarity(const faces::FaceVector& a, const faces::FaceVector& b) const;

  analysis::FaceDetector* detector_;
  faces::FaceRecogniser* recogniser_;
  std::deque<Photo> photos_;
};

/// Collects looks at the faces of a clip, and says at the end which tracks are of kept people. Not
/// thread-safe.
class TrackJudge {
 public:
  explicit TrackJudge(const KeptPeople& people) : people_(people) {}

  /// Whether any of these boxes is to be looked at in this frame: then the picture is worth converting.
  [[nodiscard]] bool wants(const tracking::FrameTracks& tracks, std::int64_t frame) const;
  /// Looks at those that wants() spoke of. `picture` is the displayed frame in the boxes' pixels.
  [[nodiscard]] Result<void> add(const media::RgbImage& picture, const tracking::FrameTracks& tracks,
                                 std::int64_t frame);
  [[nodiscard]] std::set<std::int64_t> kept() const;

 private:
  struct Looks {
    std::int64_t next = 0;  ///< the frame from which on it is looked at again
    int same = 0;
    int unsure = 0;
    int other = 0;
  };
  [[nodiscard]] bool is_due(const tracking::TrackedBox& box, std::int64_t frame) const;

  const KeptPeople& people_;
  std::map<std::int64_t, Looks> tracks_;
};

}  // namespace sightline::anonymize
