#pragma once
// The packets of one encoded video, timed for the output; private to this module.

#include <cstdint>
#include <optional>

#include "sight/media/clip_muxer.h"
#include "sight/media/clip_orientation.h"
#include "sight/media/libav.h"

namespace sightline::media {

/// Borrows the video and the output's stream. Used after the header is written, which settles the time base.
class EncodedTrack {
 public:
  EncodedTrack(const EncodedVideo& video, AVStream& output) : video_(&video), output_(&output) {}

  /// For containers that have no place for the orientation: it goes into the video's own stream. Unsupported
  /// where its codec has none either.
  [[nodiscard]] Result<void> turn_in_stream(std::string_view muxer);
  /// Ticks of the video's time base: when the packet at that place in decoding order is due.
  [[nodiscard]] std::int64_t decoding_time(std::int64_t position) const;
  /// The next packet in decoding order with the output's stream index and times; null at the end.
  [[nodiscard]] Result<AvPacketPtr> next(std::string_view muxer);
  /// Fails where fewer packets came than the video has frames.
  [[nodiscard]] Result<void> check_whole() const;

  [[nodiscard]] const EncodedVideo& video() const { return *video_; }
  [[nodiscard]] const AVStream& output() const { return *output_; }

 private:
  [[nodiscard]] std::int64_t duration_of(std::int64_t pts) const;

  const EncodedVideo* video_;
  AVStream* output_;
  std::optional<StreamOrientation> orientation_;
  std::int64_t packets_ = 0;
};

}  // namespace sightline::media
