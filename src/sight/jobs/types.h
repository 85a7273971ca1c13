#pragma once
// What a stored video's job is about, as its callers see it.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "sight/collections/collection.h"
#include "sight/faces/face_analyser.h"
#include "sight/media/geometry.h"

namespace sightline::jobs {

enum class JobKind { face_detection, face_search };
enum class JobStatus { in_progress, succeeded, failed };
/// What is reported of a face: the cheap part, or everything that is measured.
enum class Detail { basic, all };

/// Where the clip lies; opaque to this module.
struct ClipName {
  std::string bucket;
  std::string key;
  std::string version;  ///< may be empty
  bool operator==(const ClipName&) const = default;
};

/// Whom to notify when the job has ended.
struct Notification {
  std::string topic;
  std::string role;
};

/// Of a face search: where to look for the people of the clip.
struct SearchTerms {
  std::string collection;
  float threshold = 0;  ///< the least similarity, 0..100
};

struct JobRequest {
  std::string account;
  std::string region;
  std::string principal;  ///< with whose rights the clip is read, now and after a restart
  JobKind kind = JobKind::face_detection;
  ClipName clip;
  Detail detail = Detail::basic;
  std::optional<SearchTerms> search;  ///< only of a face search
  std::string tag;                    ///< may be empty
  std::string token;                  ///< of a client that may ask twice; may be empty
  std::optional<Notification> notification;
};

/// What the clip turned out to be.
struct ClipInfo {
  std::string codec;      ///< "h264"
  std::string container;  ///< libav's short name, "mov,mp4,m4a,3gp,3g2,mj2"
  media::Size size;       ///< displayed, in pixels
  std::int64_t duration_ms = 0;
  double frame_rate = 0;  ///< average; 0 unknown
  bool full_range = false;
};

/// Left eye, right eye, nose, mouth corners; the viewer's left first.
using FivePoints = std::array<media::Point, 5>;

enum class PointsFrom {
  detection,  ///< in this very frame
  carried,    ///< the latest or, of a face that was not detected yet, the next; moved with the face's box
};

struct SampledFace {
  std::int64_t track = 0;               ///< the same face in other frames has the same number
  media::Box box;                       ///< fractions of the displayed picture; may reach beyond it
  float confidence = 0;                 ///< 0..1
  std::optional<FivePoints> landmarks;  ///< fractions too
  /// What a closer look measured, in fractions; box, confidence and five points are those above. Only with
  /// landmarks.
  std::optional<faces::FaceDetails> details;
  PointsFrom points = PointsFrom::detection;  ///< matters only for the look, and is not kept
};

/// All faces of a frame that was chosen. Time 0 is the clip's first frame.
struct FrameSample {
  std::int64_t timestamp_ms = 0;
  std::vector<SampledFace> faces;
};

struct Progress {
  std::int64_t done = 0;   ///< frames
  std::int64_t total = 0;  ///< an estimate; 0 unknown
};

struct Job {
  std::string account;
  std::string region;
  std::string id;
  std::string principal;
  JobKind kind = JobKind::face_detection;
  JobStatus status = JobStatus::in_progress;
  std::string message;  ///< of one that failed, or what was damaged in a clip that could be read
  ClipName clip;
  Detail detail = Detail::basic;
  std::optional<SearchTerms> search;  ///< only of a face search
  std::string tag;
  Instant created;
  std::optional<Instant> ended;
  Progress progress;
  std::optional<ClipInfo> info;  ///< of one that succeeded
};

/// A face of a collection that is like a track's.
struct FaceMatch {
  float similarity = 0;  ///< 0..100
  collections::Face face;
};

/// By track. A track without an entry is like nobody's face.
using TrackMatches = std::map<std::int64_t, std::vector<FaceMatch>>;

/// One face of the results.
struct ResultFace {
  std::int64_t timestamp_ms = 0;
  SampledFace face;
};

enum class Order { by_time, by_track };

/// Which of the results are asked for.
struct PageRequest {
  std::int64_t limit = 0;
  std::string_view token;  ///< of the page before; empty for the first
  Order order = Order::by_time;
};

struct ResultPage {
  Job job;
  std::vector<ResultFace> faces;
  TrackMatches matches;  ///< of these faces, in a face search
  std::string next;      ///< token of the next page; empty at the end
};

}  // namespace sightline::jobs
