#pragma once
// Opens a clip's container for reading, private to this module.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "sight/media/libav.h"

namespace sightline::media {

/// Reads through a descriptor that somebody else owns.
struct DescriptorIo {
  int fd = -1;
  std::int64_t size = 0;
  std::int64_t position = 0;
};
struct DescriptorIoDeleter {
  void operator()(AVIOContext* io) const;
};

/// A probed container: its streams are known, nothing has been decoded for the caller. `context` reads
/// through `io` or `descriptor_io` and must go first, which the order of the members sees to.
struct ClipInput {
  AvIoPtr io;
  std::unique_ptr<DescriptorIo> descriptor;
  std::unique_ptr<AVIOContext, DescriptorIoDeleter> descriptor_io;
  AvInputPtr context;
};

/// Opens a local regular file by its content, whatever its name says. Containers outside a list of real
/// clip formats (playlists, picture sequences, devices) are refused, and a demuxer can open no second file.
/// Errors: not_found, permission_denied, io, invalid_argument (a folder, a pipe), corrupt, unsupported.
[[nodiscard]] Result<ClipInput> open_clip(const std::filesystem::path& path);
/// The same through an open regular file, which stays the caller's; its offset is moved. No call takes a
/// path. `name` is for messages.
[[nodiscard]] Result<ClipInput> open_clip(int descriptor, const std::string& name);

/// Stands in for the input of a clip that was drawn, not decoded: no file, one video stream without packets.
[[nodiscard]] Result<ClipInput> drawn_clip();

/// The video tracks in the file's order: neither cover pictures nor timed thumbnails.
[[nodiscard]] std::vector<AVStream*> video_streams(AVFormatContext& context);
/// The main one of them: the largest, of those the one marked as default, then the first. Null when there is
/// none.
[[nodiscard]] AVStream* find_video_stream(AVFormatContext& context);

}  // namespace sightline::media
