#pragma once
// Sound and subtitles that the output's container cannot hold as they are, decoded and encoded anew; for the
// private to this module.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sight/media/clip_muxer.h"
#include "sight/media/libav.h"

namespace sightline::media {

/// A stretch of a clip in ticks of `time_base`; an absent end is open, `to` is exclusive.
struct ConvertedSpan {
  std::optional<std::int64_t> from;
  std::optional<std::int64_t> to;
  AVRational time_base{1, 1};
};

/// Deterministic: the same packets give the same packets. Not thread-safe.
class TrackConverter {
 public:
  virtual ~TrackConverter() = default;
  /// libav's name of the codec that comes out.
  [[nodiscard]] virtual std::string codec() const = 0;
  /// Fills codec parameters and time base of the output's stream.
  [[nodiscard]] virtual Result<void> describe(AVStream& output) const = 0;
  /// The next packet of the input's stream, null at its end; gives what became ready. Times are those of the
  /// input's clock, in ticks of the time base that describe() gave. Damaged packets are passed over.
  [[nodiscard]] virtual Result<std::vector<AvPacketPtr>> convert(const AVPacket* packet) = 0;
  /// How many packets could not be decoded so far.
  [[nodiscard]] virtual std::int64_t damaged() const = 0;
};

/// The converter for a sound or subtitle track that files of `muxer` cannot hold; sound outside `span` is
/// left out to the sample. Sound becomes AAC in mp4, mov and ts and Opus in mkv and webm, text what the
/// container takes: 3GPP timed text, SubRip or WebVTT. Unavailable, with the reason as message, where there
/// is none.
[[nodiscard]] Result<std::unique_ptr<TrackConverter>> make_converter(const AVStream& input,
                                                                     std::string_view muxer,
                                                                     const MuxSettings& settings,
                                                                     const ConvertedSpan& span);

}  // namespace sightline::media
