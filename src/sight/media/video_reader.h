#pragma once
// Decodes a video track of a clip, frame by frame, with true timestamps.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "sight/media/video_frame.h"

namespace sightline::media {

struct Rational {
  std::int64_t num = 0;
  std::int64_t den = 1;
  [[nodiscard]] double value() const { return static_cast<double>(num) / static_cast<double>(den); }
  friend bool operator==(const Rational&, const Rational&) = default;
};

/// What the samples mean, in the code points of ITU-T H.273; the defaults are "unspecified".
struct ColourTags {
  int range = 0;  ///< 1 limited, 2 full
  int primaries = 2;
  int transfer = 2;
  int matrix = 2;
  int chroma_location = 0;  ///< one more than H.273's Chroma420SampleLocType
  /// Whether a player without these tags would show other colours.
  [[nodiscard]] bool matter() const { return range == 2 || primaries != 2 || transfer != 2 || matrix != 2; }
  friend bool operator==(const ColourTags&, const ColourTags&) = default;
};

struct VideoInfo {
  std::string container;  ///< libav's short name of the demuxer, "mov,mp4,m4a,3gp,3g2,mj2"
  std::string codec;      ///< "h264", "hevc", "vp9", "av1", "mpeg4", ...
  Size stored_size;
  Orientation orientation;
  Rational sample_aspect{1, 1};  ///< width of a sample over its height, before turning
  Rational time_base;            ///< seconds a tick of every pts
  Rational frame_rate;           ///< average; 0/1 unknown
  std::int64_t duration = 0;     ///< ticks of time_base; 0 unknown
  std::int64_t frame_count = 0;  ///< an estimate for progress; 0 unknown
  int bit_depth = 8;
  int chroma_shift_y = 1;  ///< log2 of luma rows a chroma row: 1 in 4:2:0, 0 in 4:2:2
  ColourTags colour;       ///< what the container says, else the bitstream
  int track = 1;           ///< which of the clip's video tracks this is, from 1 in the file's order
  int tracks = 1;          ///< how many video tracks the clip has; pictures that go with it are none
  /// HDR mastering or tone data (static, HDR10+, Dolby Vision), which no frame carries on.
  bool tone_metadata = false;
  [[nodiscard]] Size displayed_size() const { return orientation.displayed(stored_size); }
};

/// Single-threaded use; decodes with threads of its own. The first picture is decoded at open, which
/// refuses (unsupported) interlaced, 4:4:4, RGB and transparent video and clips without video. Frames hidden
/// by an edit list are not delivered. Only the named file is read: playlists and references are refused.
class VideoReader {
 public:
  /// threads: decoder threads, 0 = as many as cores. track: as in VideoInfo, 0 = the main one (the largest).
  static Result<VideoReader> open(const std::filesystem::path& path, int threads = 0, int track = 0);
  /// The same through an open file, which stays the caller's and outlives the reader: nothing is opened by
  /// name, so that a confined process can read a clip. `name` is for messages.
  static Result<VideoReader> open(int descriptor, const std::string& name, int threads = 0);
  VideoReader(VideoReader&&) noexcept;
  VideoReader& operator=(VideoReader&&) noexcept;
  ~VideoReader();

  [[nodiscard]] const VideoInfo& info() const;
  /// The next frame in display order, pts strictly increasing; nullopt at the end. Undecodable stretches
  /// are skipped and counted. Errors: unsupported (the picture size changes midway, ...), io, and corrupt
  /// when not one frame could be decoded.
  [[nodiscard]] Result<std::optional<VideoFrame>> next();
  /// After the end: what was damaged ("file is truncated: ..."); empty when the clip was whole.
  [[nodiscard]] const std::string& damage() const;

 private:
  struct Impl;
  explicit VideoReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sightline::media
