#pragma once
// Anonymises one clip: decode -> track -> paint -> encode, overlapped, for one video track after another,
// then one pass that joins the encoded pictures with the input's own sound. One decode; memory bounded by the
// frames in flight.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "sight/analysis/face_detector.h"
#include "sight/anonymize/style.h"
#include "sight/clips/clip_pipeline.h"
#include "sight/media/clip_muxer.h"
#include "sight/media/video_reader.h"
#include "sight/tracking/face_tracker.h"

namespace sightline::anonymize {

/// A fixed area that the user named, in pixels of the displayed picture.
struct Region {
  media::Box box;
  clips::TimeSpan span;
};

/// Of the pipeline: where faces are looked for; the output holds only the span.
struct ClipOptions : clips::PipelineOptions {
  Style style;
  int detection_side = 0;          ///< look at frames reduced to this; 0 = as the scope says
  std::string known_boxes_id;      ///< hash of what known_boxes reads: part of the journal's key
  int video_track = 0;             ///< the one to process, from 1; 0 = all; the others are left out
  std::vector<Region> regions;     ///< painted besides the faces, in every video track
  std::vector<Region> exclusions;  ///< never painted
  media::EncoderSettings encoder;
  media::MetadataPolicy metadata = media::MetadataPolicy::safe;
  bool audio = true;
  bool resume = true;  ///< journal beside the output, taken up when it fits
  bool replace_output = false;
  int frames_per_chunk = 250;  ///< the unit of resumption; x264's own longest distance of keyframes
};

enum class Stage { blurring, writing };
struct Progress {
  Stage stage = Stage::blurring;
  std::int64_t done = 0;   ///< frames
  std::int64_t total = 0;  ///< an estimate; 0 unknown
};

/// Seconds spent in each stage's calls. Stages overlap, so the sum exceeds the run's own length.
struct StageTimes {
  double decode = 0;
  double detect = 0;
  double track = 0;
  double paint = 0;
  double encode = 0;
  double write = 0;
};

struct ClipResult {
  std::vector<media::VideoInfo> videos;  ///< the tracks that were processed, in the file's order
  std::int64_t frames = 0;               ///< of all of them
  std::int64_t detections = 0;           ///< detector runs, replayed ones included
  int resumed_chunks = 0;                ///< encoded by an earlier run
  std::string input_sha256;
  std::string damage;              ///< empty, or what could not be read of the input
  std::vector<std::string> notes;  ///< for the user: codec or container changed, streams dropped, ...
  StageTimes times;
};

/// Any of them may be empty. Called on the thread of the caller.
struct ClipObserver {
  std::function<void(const Progress&)> progress;
  /// Once, before the first frame, when an earlier run's journal is taken up: how many chunks it holds.
  std::function<void(int whole_chunks)> resumed;
  /// Once for each video track, before its first frame.
  std::function<Result<void>(const media::VideoInfo&)> video;
  /// Every frame in order with its final boxes, before it is painted. Ids of tracks are unique in the clip.
  std::function<Result<void>(const tracking::CoveredFrame&)> frame;
  /// Once the output is whole, under the name `made`, and about to be renamed. An error keeps it from
  /// appearing and is the run's.
  std::function<Result<void>(const std::filesystem::path& made, const ClipResult&)> finished;
};

/// All of `options` that decides what an output holds, as text to be compared; not what the encoder's threads
/// and chunks do to its bytes.
[[nodiscard]] std::string settings_text(const ClipOptions& options);

/// Where the journal of an output lies: `.NAME.sightline` beside it.
[[nodiscard]] std::filesystem::path journal_folder(const std::filesystem::path& output);

/// Finds and follows the faces only; nothing is written. `detector` may be null as below.
[[nodiscard]] Result<ClipResult> track_clip(const std::filesystem::path& input,
                                            analysis::FaceDetector* detector, const ClipOptions& options,
                                            const ClipObserver& observer, std::stop_token stop);

/// Writes the anonymised clip to `output`, which appears only when whole. Cancelled runs keep their journal.
/// `detector` may be null when options.known_boxes is set.
[[nodiscard]] Result<ClipResult> anonymize_clip(const std::filesystem::path& input,
                                                const std::filesystem::path& output,
                                                analysis::FaceDetector* detector, const ClipOptions& options,
                                                const ClipObserver& observer, std::stop_token stop);

}  // namespace sightline::anonymize
