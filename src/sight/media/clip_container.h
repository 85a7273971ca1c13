#pragma once
// Which codecs which container takes, private to this module.

#include <cstdint>
#include <string>
#include <string_view>

#include "sight/media/libav.h"

namespace sightline::media {

/// `muxer` is libav's name: mp4, mov, matroska, webm or mpegts; `codec` as in VideoInfo. False for others.
[[nodiscard]] bool container_takes_video(std::string_view muxer, std::string_view codec);

/// For sound, subtitles and cover pictures that are copied as they are. The muxer itself is asked: it writes
/// the header of a file with only this track, into memory.
[[nodiscard]] bool container_takes_copy(std::string_view muxer, const AVStream& stream);

/// A codec tag of the input's container where it means the same in the output's; else 0, for the muxer to
/// choose.
[[nodiscard]] std::uint32_t tag_in(const AVOutputFormat& format, const AVCodecParameters& stream);

/// True for an ending that names a container which is written here; `ending` in lower case, with its dot.
[[nodiscard]] bool is_clip_ending(std::string_view ending);

/// "mp4", "mkv", ... as a person calls the container of that muxer.
[[nodiscard]] std::string container_name(std::string_view muxer);

}  // namespace sightline::media
