#pragma once
// The tracks file: where each face is in every frame, for people and programs to read and correct.
// The schema stands in docs/tracks.md.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sight/media/video_reader.h"
#include "sight/tracking/track.h"

namespace sightline::tracking {

/// What stands above the tracks.
struct TracksHeader {
  std::string file;            ///< name of the clip, without folders
  media::Size size;            ///< displayed, in pixels
  media::Rational frame_rate;  ///< average; 0/1 unknown
  media::Rational time_base;   ///< seconds a tick of every pts
  std::string detector;        ///< FaceDetector::identity(); empty in a file made by hand
  std::vector<std::pair<std::string, std::string>> settings;  ///< for the record; ignored when read
  int video = 0;  ///< number of the video track where the clip has several; else 0

  static TracksHeader of(const media::VideoInfo& info, const std::filesystem::path& clip,
                         std::string detector);
};

/// Writes frames as they become final, of one video track after another; a track goes out when it has ended,
/// so that memory holds no more than the tracks that are still running. Not thread-safe.
class TracksWriter {
 public:
  /// A temporary file beside `path` until commit().
  static Result<TracksWriter> create(const std::filesystem::path& path, const TracksHeader& header);
  TracksWriter(TracksWriter&&) noexcept;
  ~TracksWriter();
  /// The frames that follow are of another video track of the clip. Both headers number theirs.
  [[nodiscard]] Result<void> next_video(const TracksHeader& header);
  /// Frames in display order. A track that misses a frame has ended: its id must not come again.
  [[nodiscard]] Result<void> add(const FrameTracks& frame);
  [[nodiscard]] Result<void> commit(bool replace);

 private:
  struct Impl;
  explicit TracksWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The tracks of one video track.
struct VideoTracks {
  TracksHeader header;
  std::map<std::int64_t, std::vector<TrackedBox>> frames;  ///< by pts
};

struct TracksFile {
  std::vector<VideoTracks> videos;  ///< never empty; several only where all are numbered
};

struct TracksLimits {
  std::size_t bytes = 512UL << 20;
  std::size_t boxes = 8'000'000;
  std::size_t tracks = 1'000'000;
  std::size_t videos = 64;
};

/// Reads what a person may have edited. Hostile input: bounded, every number checked, unknown keys refused by
/// name. Errors name the line, and where there is one the track, the box and the field.
[[nodiscard]] Result<TracksFile> parse_tracks(std::string_view text, std::string_view name,
                                              const TracksLimits& limits = {});
[[nodiscard]] Result<TracksFile> read_tracks(const std::filesystem::path& path,
                                             const TracksLimits& limits = {});

/// Boxes by the time of a frame, and whether all of them were asked for. Not thread-safe.
class TracksLookup {
 public:
  explicit TracksLookup(TracksFile file) : file_(std::move(file)), shown_(file_.videos.size()) {}
  /// Binds the file to the clip's video tracks that are to be painted. invalid_argument when it was made for
  /// another clip (other size or time base), or does not say which boxes belong to one of them.
  [[nodiscard]] Result<void> bind(std::span<const media::VideoInfo> videos, std::string_view name);
  /// The boxes of the frame of video track `video` (as in VideoInfo) shown at `pts`, in the file's order.
  /// Frames may be asked for in any order. None for a track that bind() did not see.
  [[nodiscard]] FrameTracks at(int video, std::int64_t pts);
  /// Times that have boxes but that no frame was asked for: a mistake of the editor, worth a warning.
  [[nodiscard]] std::vector<std::int64_t> never_shown() const;

 private:
  TracksFile file_;
  std::vector<std::vector<std::int64_t>> shown_;  // beside file_.videos
  std::map<int, std::size_t> bound_;              // places in file_.videos by number of the video track
};

[[nodiscard]] std::string_view origin_name(Origin origin);

}  // namespace sightline::tracking
