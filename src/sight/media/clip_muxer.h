#pragma once
// Puts the encoded videos and the input's own sound and subtitles into one new file.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "sight/media/picture.h"
#include "sight/media/video_encoder.h"

namespace sightline::media {

struct MuxSettings {
  MetadataPolicy metadata = MetadataPolicy::safe;
  bool audio = true;
  /// Keep only what lies between, in ticks of the first video's time base; output times start at `from`'s
  /// own.
  std::optional<std::int64_t> from;
  std::optional<std::int64_t> to;
};

/// The container (muxer name and file extension) that the ending of an output's name asks for; `note` says so
/// when it is not the input's own.
struct OutputContainer {
  std::string muxer;
  std::string extension;
  std::string note;
};
/// Errors: invalid_argument for an ending of nothing that is written here (file_kind.h chooses one that is).
[[nodiscard]] Result<OutputContainer> output_container(const VideoInfo& info,
                                                       const std::filesystem::path& output);

/// Delivers the video's packets in decoding order; nullopt at the end.
using PacketSource = std::function<Result<std::optional<EncodedPacket>>()>;

/// Everything that write_clip needs to know of the encoded video.
struct EncodedVideo {
  VideoInfo info;
  EncoderChoice choice;
  Bytes extradata;
  std::vector<std::int64_t> pts;  ///< of all frames, sorted: dts[i] is pts[i - reorder depth]
  int reorder_depth = 0;          ///< largest over all chunks; 0 for encoders without B-frames
  PacketSource packets;
};

/// The depth that one chunk's packets (in decoding order) need: by how many places the most delayed of them
/// comes later than its turn in display order.
[[nodiscard]] int reorder_depth(std::span<const EncodedPacket> packets);

/// Reads sound, subtitles and chapters from `input` and writes the whole clip to `output` (a temporary
/// path: renaming is the caller's). Each of `videos`, of which there must be one, takes the place of the
/// input's video track that its info numbers; the input's other video tracks are left out. mp4/mov get
/// faststart. Audio and subtitle packets are copied bit-exact, or converted where the container cannot hold
/// them. `safe` drops what identifies (see docs/metadata.md). An empty `input` stands for a clip that was
/// drawn (frame_factory.h): only its video is written. Returns notes for the user (streams dropped, ...).
[[nodiscard]] Result<std::vector<std::string>> write_clip(const std::filesystem::path& input,
                                                          std::span<const EncodedVideo> videos,
                                                          const OutputContainer& container,
                                                          const MuxSettings& settings,
                                                          const std::filesystem::path& output,
                                                          std::stop_token stop);

}  // namespace sightline::media
