#pragma once
// Which codecs which container takes, for the sources of this module alone.

#include <string>
#include <string_view>

#include "sight/media/libav.h"

namespace sightline::media {

/// `muxer` is libav's name: mp4, mov, matroska, webm or mpegts; `codec` as in VideoInfo. False for others.
[[nodiscard]] bool container_takes_video(std::string_view muxer, std::string_view codec);

/// For sound, subtitles and cover pictures that are copied as they are.
[[nodiscard]] bool container_takes_copy(std::string_view muxer, const AVCodecParameters& stream);

/// "mp4", "mkv", ... as a person calls the container of that muxer.
[[nodiscard]] std::string container_name(std::string_view muxer);

}  // namespace sightline::media
