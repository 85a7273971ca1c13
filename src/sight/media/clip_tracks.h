#pragma once
// Which of the input's tracks go into the output beside the encoded video; for this module alone.

#include <string>
#include <vector>

#include "sight/media/clip_muxer.h"
#include "sight/media/libav.h"

namespace sightline::media {

/// A track that is copied packet by packet (attachments have none). The streams belong to their contexts.
struct CopiedTrack {
  AVStream* input = nullptr;
  AVStream* output = nullptr;
  /// Opus' start-up in samples of 1/48000 s, where readers of the output's container take it off the times
  /// and libav's muxer does not add it.
  int start_up = 0;
};

struct ClipTracks {
  AVStream* video = nullptr;  ///< the output's
  std::vector<CopiedTrack> copied;
};

/// Adds to `output` one stream for the video and one for each track to be copied, in the input's order, and
/// switches off the reading of all other tracks. What a user would miss is said in `notes`.
[[nodiscard]] Result<ClipTracks> add_tracks(AVFormatContext& input, const AVStream& input_video,
                                            AVFormatContext& output, const EncodedVideo& video,
                                            const OutputContainer& container, const MuxSettings& settings,
                                            std::vector<std::string>& notes);

}  // namespace sightline::media
