#pragma once
// Reads the packets that are copied from the input; private to this module.

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "sight/media/clip_input.h"
#include "sight/media/clip_tracks.h"

namespace sightline::media {

/// A packet for the output, its stream index and times already those of the output's stream.
struct CopiedPacket {
  AvPacketPtr packet;
  AVRational time_base;
};

/// Delivers the packets of all tracks that are copied or converted in the input's order. Sound that the input
/// hides (edit lists) is left out, but for the codec's priming just before the first audible packet. Borrows
/// all it is given.
class PacketCopier {
 public:
  PacketCopier(AVFormatContext& input, const ClipTracks& tracks, const MuxSettings& settings);

  /// nullopt at the end, also when the input breaks off: damage() then says so.
  [[nodiscard]] Result<std::optional<CopiedPacket>> next();
  [[nodiscard]] const std::string& damage() const { return damage_; }

 private:
  struct Track {
    AVStream* input = nullptr;
    AVStream* output = nullptr;
    TrackConverter* converter = nullptr;
    AVRational clock{1, 1};         ///< what the packets to be released count in
    std::vector<AvPacketPtr> held;  ///< hidden packets before the first audible one, only the latest
    std::int64_t shift = 0;         ///< added to all times, in the output's ticks
    bool started = false;
    std::int64_t last_dts = AV_NOPTS_VALUE;
  };

  void take(Track& track, AvPacketPtr packet);
  Result<void> convert(Track& track, const AVPacket* packet);
  Result<void> finish();
  void release(Track& track, AvPacketPtr packet);
  [[nodiscard]] bool within_span(const AVPacket& packet, const AVStream& stream) const;

  AVFormatContext& input_;
  std::vector<Track> tracks_;
  std::deque<CopiedPacket> ready_;
  AVRational span_time_base_;
  const MuxSettings& settings_;
  std::string damage_;
  bool ended_ = false;
};

}  // namespace sightline::media
