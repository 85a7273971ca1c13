#pragma once
// States how players must turn the picture; private to this module.

#include "sight/media/libav.h"
#include "sight/media/video_reader.h"

extern "C" {
#include <libavcodec/bsf.h>
}

namespace sightline::media {

/// The 3x3 matrix that mp4 and mov hold. Nothing for an upright clip.
[[nodiscard]] Result<void> set_display_matrix(AVStream& stream, const VideoInfo& info);

struct AvFilterDeleter {
  void operator()(AVBSFContext* filter) const { av_bsf_free(&filter); }
};

/// Writes the orientation into the H.264 stream itself (SEI display orientation, ITU-T H.264 annex D), for
/// containers that have no place for it.
class StreamOrientation {
 public:
  /// `stream` describes the coded video.
  static Result<StreamOrientation> create(const AVStream& stream, const Orientation& orientation);
  [[nodiscard]] Result<void> apply(AVPacket& packet);

 private:
  explicit StreamOrientation(AVBSFContext* filter) : filter_(filter) {}
  std::unique_ptr<AVBSFContext, AvFilterDeleter> filter_;
};

}  // namespace sightline::media
