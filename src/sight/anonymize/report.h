#pragma once
// report.json: what a run covered, where it was least sure, and with what settings. Schema: docs/report.md.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sight/analysis/face_detector.h"
#include "sight/anonymize/clip_job.h"
#include "sight/anonymize/picture_job.h"
#include "sight/media/file_kind.h"
#include "sight/media/video_reader.h"
#include "sight/tracking/track.h"
#include "sight/tracking/track_doubt.h"

namespace sightline::anonymize {

/// A file as it lay on the disk.
struct ReportFile {
  std::string path;
  std::uint64_t bytes = 0;
  std::string sha256;
};

struct ReportFace {
  media::Box box;  ///< pixels of the displayed picture
  float confidence = 0;

  /// More likely no face than one; painted all the same.
  [[nodiscard]] bool is_doubted() const { return confidence < 0.5F; }
};

/// One of the video tracks of a clip that has several.
struct ReportVideo {
  int number = 0;    ///< from 1 in the file's order
  media::Size size;  ///< displayed
  std::int64_t frames = 0;
};

/// One person's face through a clip. Times are seconds of presentation time.
struct ReportTrack {
  std::int64_t id = 0;
  int video = 0;  ///< the video track where the clip has several; else 0
  double from = 0;
  double to = 0;  ///< of its last frame
  std::int64_t detected = 0;
  std::int64_t tracked = 0;
  std::int64_t interpolated = 0;
  float best_confidence = 0;
  float mean_confidence = 0;
  float least_height = 0;  ///< pixels
  float most_height = 0;
  bool is_doubted = false;  ///< as tracking::TrackDoubt says
  [[nodiscard]] std::int64_t frames() const { return detected + tracked + interpolated; }
};

/// A box that a person should look at.
struct WeakMoment {
  std::int64_t track = 0;
  int video = 0;  ///< as in ReportTrack
  std::int64_t pts = 0;
  double seconds = 0;
  media::Box box;
  float confidence = 0;
  tracking::Origin origin = tracking::Origin::detected;
};

/// One input and what became of it.
struct ReportEntry {
  enum class Status { done, done_before, failed };
  Status status = Status::done;
  media::FileKind kind = media::FileKind::other;
  ReportFile input;
  std::optional<ReportFile> output;  ///< none with style none, or where it failed
  std::string error;                 ///< empty, or the message with which it failed
  std::vector<std::string> notes;
  media::Size size;  ///< displayed
  /// Height in pixels of the displayed picture from which faces are found as a rule; 0: none were looked for.
  int smallest_face = 0;
  std::vector<ReportFace> faces;  ///< pictures
  std::int64_t frames = 0;        ///< clips, from here on
  std::int64_t frames_with_faces = 0;
  double seconds = 0;
  std::int64_t detector_runs = 0;
  std::vector<ReportTrack> tracks;
  std::vector<WeakMoment> weakest;
  std::vector<ReportVideo> videos;  ///< where there are several
};

struct Report {
  std::string tool_version;
  std::string detector;  ///< FaceDetector::identity()
  std::string runtime;   ///< inference::Runtime::version()
  Style style;
  analysis::Scope scope = analysis::Scope::balanced;
  float threshold = 0;          ///< raw score
  float picture_threshold = 0;  ///< the same for pictures
  std::string metadata;         ///< "safe" or "keep"
  std::vector<Region> regions;
  std::vector<Region> exclusions;
  std::vector<std::string> keep;  ///< paths of the photos of who stays
  std::string use_tracks;         ///< path, or empty
  clips::TimeSpan span;           ///< of clips
  std::vector<ReportEntry> entries;
};

/// Sums up a clip's boxes frame by frame, in memory bounded by the number of tracks.
class ClipSummary {
 public:
  /// The frames that follow are of this video track.
  void begin_video(const media::VideoInfo& info);
  /// Frames in order.
  void add(const tracking::FrameTracks& frame);
  /// Fills frames, frames_with_faces, seconds, tracks (by id), weakest (by confidence) and videos of `entry`;
  /// seconds are those of the longest video track.
  void finish(ReportEntry& entry) const;

  static constexpr std::size_t kWeakMoments = 20;

 private:
  struct Running {
    ReportTrack track;
    double confidence_sum = 0;
    tracking::TrackDoubt doubt;
  };
  void note_weak(const tracking::TrackedBox& box, std::int64_t pts, double seconds);

  media::Rational time_base_;
  int video_ = 0;
  std::vector<ReportVideo> videos_;
  double longest_ = 0;
  std::int64_t frames_ = 0;
  std::int64_t frames_with_faces_ = 0;
  std::optional<double> first_;
  std::vector<Running> tracks_;      ///< sorted by id
  std::vector<WeakMoment> weakest_;  ///< at most kWeakMoments, sorted by confidence
};

/// Sets `entry.smallest_face` and adds the notes that a person needs to judge a clip's coverage: how many
/// tracks are doubted, and that a closer scope would find more where several faces are hardly larger than the
/// smallest that `scope` finds. `smallest` and `smallest_thorough` as tracking::smallest_face() says for the
/// clip. `is_painted`: false where no output is written, and the notes then speak of none. Call it after
/// ClipSummary::finish().
void judge_coverage(ReportEntry& entry, analysis::Scope scope, int smallest, int smallest_thorough,
                    bool is_painted);

/// Adds a note that so many faces, or face tracks of a clip, lie in areas that are never painted; none where
/// it is 0. `is_painted`: as for judge_coverage().
void note_excluded(ReportEntry& entry, std::size_t faces, bool is_painted);

/// What anonymize_picture() found, as an entry. Paths and sizes are the caller's to add.
[[nodiscard]] ReportEntry picture_entry(const PictureResult& result);

/// One entry, as it stands in report_json()'s list of files, on one line with a newline at its end.
[[nodiscard]] std::string entry_line(const ReportEntry& entry);

/// UTF-8 JSON, indented, with a final newline. Bytes of a path that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string report_json(const Report& report);

}  // namespace sightline::anonymize
