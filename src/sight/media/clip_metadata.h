#pragma once
// What of a clip's metadata goes into the output, private to this module.
//
// Under `safe` the rule is a list of what is kept, never of what is dropped: the language of a track,
// its role (default, forced, ...), the orientation, and the times of chapters. See docs/metadata.md.

#include <span>

#include "base/file.h"
#include "sight/media/libav.h"
#include "sight/media/picture.h"

namespace sightline::media {

void copy_clip_metadata(const AVFormatContext& input, AVFormatContext& output, MetadataPolicy policy);
void copy_track_metadata(const AVStream& input, AVStream& output, MetadataPolicy policy);
/// The times of all chapters; their titles only under `keep` (numbers in their place in mp4 and mov).
[[nodiscard]] Result<void> copy_chapters(const AVFormatContext& input, AVFormatContext& output,
                                         MetadataPolicy policy);

/// The codec's configuration without the free text that some formats put there (Vorbis comments, titles
/// of ASS scripts, FLAC blocks, ...). The same bytes for all others. Empty for damaged Vorbis headers.
[[nodiscard]] Bytes safe_codec_configuration(AVCodecID codec, std::span<const std::uint8_t> configuration);

/// Drops what a packet carries besides its data, except what times and lays out the content.
void keep_safe_side_data(AVPacket& packet);

}  // namespace sightline::media
