#pragma once
// The review page: one HTML file with a strip of thumbnails for every track, the doubtful ones first, so that
// a person checks a clip in a minute. It shows clear faces and is written only for its owner (mode 0600).

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "sight/media/video_reader.h"
#include "sight/tracking/track.h"

namespace sightline::tracking {

struct ReviewThumbnail {
  double seconds = 0;
  Bytes jpeg;
  Origin origin = Origin::detected;
};

/// What is shown of a track beside its pictures.
struct ReviewTrack {
  std::int64_t id = 0;
  int video = 0;    ///< number of the video track where the clip has several; else 0
  double from = 0;  ///< seconds
  double to = 0;
  std::int64_t frames = 0;
  std::int64_t detected = 0;        ///< frames in which the detector saw it
  std::int64_t interpolated = 0;    ///< frames in which nothing in the picture showed it
  std::int64_t longest_unseen = 0;  ///< frames in a row without a detection
  float best_score = 0;             ///< calibrated confidence, 0..1
  bool is_doubted = false;          ///< as TrackDoubt says; such tracks come first
  std::vector<ReviewThumbnail> thumbnails;

  /// 0..1; short, weak and gappy tracks are doubtful; 1 where TrackDoubt doubts the track.
  [[nodiscard]] double doubt() const;
};

/// The whole page. Every text is escaped. `left_out`: how many tracks, all surer than these, have no strip.
[[nodiscard]] std::string review_html(const std::string& clip, std::vector<ReviewTrack> tracks,
                                      std::int64_t left_out);

struct ReviewLimits {
  std::size_t thumbnails = 8;  ///< a track
  std::size_t tracks = 400;    ///< with a strip; the surest ones beyond that are only counted
  int thumbnail_side = 96;     ///< pixels, the longer side
};

/// Collects thumbnails while frames pass by. Memory is bounded by the limits, however long the clip. Not
/// thread-safe.
class ReviewCollector {
 public:
  ReviewCollector(const media::VideoInfo& info, std::string clip, const ReviewLimits& limits = {});
  ReviewCollector(ReviewCollector&&) noexcept;
  ~ReviewCollector();
  /// The frames that follow are of another video track of the clip.
  void next_video(const media::VideoInfo& info);
  /// Frames in display order, before anything is painted on them.
  [[nodiscard]] Result<void> add(const media::VideoFrame& frame, const FrameTracks& tracks);
  /// Writes the page (mode 0600) and forgets everything.
  [[nodiscard]] Result<void> write(const std::filesystem::path& path, bool replace);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sightline::tracking
