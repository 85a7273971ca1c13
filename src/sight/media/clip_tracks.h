#pragma once
// Which of the input's tracks go into the output beside the encoded video; private to this module.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sight/media/clip_muxer.h"
#include "sight/media/encoded_track.h"
#include "sight/media/libav.h"
#include "sight/media/track_converter.h"

namespace sightline::media {

/// A track that is copied packet by packet (attachments have none), or converted. The streams belong to their
/// contexts.
struct CopiedTrack {
  AVStream* input = nullptr;
  AVStream* output = nullptr;
  std::unique_ptr<TrackConverter> converter;  ///< null where the packets are copied as they are
  AVRational clock{1, 1};                     ///< what a converter counts its times in
  /// Opus' start-up in samples of 1/48000 s, where readers of the output's container take it off the times
  /// and libav's muxer does not add it.
  int start_up = 0;
};

struct ClipTracks {
  std::vector<EncodedTrack> videos;  ///< never empty
  std::vector<CopiedTrack> copied;
};

/// Adds to `output` one stream for each encoded video and for each track to be copied, in the input's order,
/// and switches off the reading of all other tracks. What a user would miss is said in `notes`, but for video
/// tracks that were not encoded: whoever chose them knows.
[[nodiscard]] Result<ClipTracks> add_tracks(AVFormatContext& input, AVFormatContext& output,
                                            std::span<const EncodedVideo> videos,
                                            const OutputContainer& container, const MuxSettings& settings,
                                            std::vector<std::string>& notes);

/// "audio track 1 (aac)": its number in the file and what it holds.
[[nodiscard]] std::string track_name(const AVStream& stream);

}  // namespace sightline::media
