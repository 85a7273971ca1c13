#pragma once
// Encodes frames into packets, without a container.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "sight/media/video_reader.h"

namespace sightline::media {

/// One coded picture. dts is left to the muxer, which derives it from the sorted pts (see clip_muxer.h).
struct EncodedPacket {
  Bytes data;
  std::int64_t pts = 0;  ///< ticks of the clip's time base
  bool keyframe = false;
};

struct EncoderSettings {
  std::string
      codec{};   ///< "" = the input's codec where an encoder is there, else h264; or a name: h264, hevc, ...
  int crf = -1;  ///< -1 = the codec's default here, chosen by measurement (docs/benchmarks.md)
  std::string preset{};  ///< "" = medium for x264/x265, and its like for the others
  int threads = 0;       ///< 0 = as many as the encoder likes on this machine
};

/// What encoder a clip will get, decided without opening it: for messages and for the journal's key.
struct EncoderChoice {
  std::string encoder;  ///< libav's name, "libx264"
  std::string codec;    ///< codec name as in VideoInfo
  int crf = 0;
  std::string preset;
  bool substituted = false;  ///< not the input's codec: tell the user
};
[[nodiscard]] Result<EncoderChoice> choose_encoder(const VideoInfo& info, const EncoderSettings& settings,
                                                   const std::string& output_container);

/// An independent run of frames that starts with a keyframe: one journalled chunk. Deterministic: the same
/// frames, settings and thread count give the same bytes. Packets come in decoding order. Not thread-safe.
class VideoEncoder {
 public:
  /// `first` gives size and pixel format, `info` all else.
  static Result<VideoEncoder> create(const VideoInfo& info, const VideoFrame& first,
                                     const EncoderChoice& choice, int threads);
  VideoEncoder(VideoEncoder&&) noexcept;
  VideoEncoder& operator=(VideoEncoder&&) noexcept;
  ~VideoEncoder();

  [[nodiscard]] Result<std::vector<EncodedPacket>> encode(const VideoFrame& frame);
  [[nodiscard]] Result<std::vector<EncodedPacket>> flush();
  /// Codec configuration (parameter sets); the same for every chunk of one choice.
  [[nodiscard]] const Bytes& extradata() const;

 private:
  struct Impl;
  explicit VideoEncoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sightline::media
