#include "sight/media/clip_container.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>

#include "base/ascii.h"
#include "sight/media/clip_muxer.h"

extern "C" {
#include <libavutil/mem.h>
}

namespace sightline::media {
namespace {

struct Container {
  std::string_view muxer;
  std::string_view name;
  std::array<std::string_view, 3> extensions;  ///< the first is the usual one
  std::string_view demuxer;                    ///< part of the libav demuxer's list of names
  std::array<std::string_view, 6> video;
};

// libav reads mp4 and mov with one demuxer, mkv and webm with another: the output's extension distinguishes
// them apart.
constexpr std::array<Container, 5> kContainers = {{
    {"mp4", "mp4", {".mp4", ".m4v", ""}, "mp4", {"h264", "hevc", "vp9", "av1", "mpeg4", ""}},
    {"mov", "mov", {".mov", ".qt", ""}, "mov", {"h264", "hevc", "mpeg4", "", "", ""}},
    {"matroska", "mkv", {".mkv", "", ""}, "matroska", {"h264", "hevc", "vp9", "vp8", "av1", "mpeg4"}},
    {"webm", "webm", {".webm", "", ""}, "webm", {"vp9", "vp8", "av1", "", "", ""}},
    {"mpegts", "ts", {".ts", ".m2ts", ".mts"}, "mpegts", {"h264", "hevc", "mpeg4", "", "", ""}},
}};

const Container* by_muxer(std::string_view muxer) {
  const auto found = std::ranges::find(kContainers, muxer, &Container::muxer);
  return found == kContainers.end() ? nullptr : &*found;
}

/// `ending` in lower case, with its dot. Null where none has it.
const Container* by_ending(std::string_view ending) {
  if (ending.empty()) return nullptr;
  for (const Container& container : kContainers) {
    if (std::ranges::find(container.extensions, ending) != container.extensions.end()) return &container;
  }
  return nullptr;
}

/// ".mp4, .m4v, .mov, ...": all that are written here.
std::string all_endings() {
  std::string list;
  for (const Container& container : kContainers) {
    for (const std::string_view ending : container.extensions) {
      if (!ending.empty()) list += fmt::format("{}{}", list.empty() ? "" : ", ", ending);
    }
  }
  return list;
}

bool in_list(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (list.substr(0, comma) == name) return true;
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return false;
}

/// Null where the input's container is none that is written here.
const Container* of_input(const VideoInfo& info) {
  if (in_list(info.container, "mp4")) return by_muxer("mp4");
  // One demuxer reads mkv and webm: only the output's extension asks for webm.
  if (in_list(info.container, "matroska")) return by_muxer("matroska");
  if (in_list(info.container, "mpegts")) return by_muxer("mpegts");
  return nullptr;
}

bool same_family(const Container& a, const Container& b) {
  const auto family = [](const Container& c) {
    if (c.muxer == "mov") return std::string_view("mp4");
    if (c.muxer == "webm") return std::string_view("matroska");
    return c.muxer;
  };
  return family(a) == family(b);
}

struct AvMemoryOutputDeleter {
  void operator()(AVFormatContext* context) const {
    std::uint8_t* written = nullptr;
    if (context->pb != nullptr) avio_close_dyn_buf(context->pb, &written);
    context->pb = nullptr;
    av_free(written);
    avformat_free_context(context);
  }
};

/// Whether the muxer begins a file that holds this one track.
bool writes_header(const std::string& muxer, const AVStream& stream) {
  AVFormatContext* allocated = nullptr;
  if (avformat_alloc_output_context2(&allocated, nullptr, muxer.c_str(), nullptr) < 0) return false;
  const std::unique_ptr<AVFormatContext, AvMemoryOutputDeleter> context(allocated);
  AVStream* track = avformat_new_stream(context.get(), nullptr);
  if (track == nullptr || avcodec_parameters_copy(track->codecpar, stream.codecpar) < 0) return false;
  track->codecpar->codec_tag = tag_in(*context->oformat, *track->codecpar);
  track->time_base = stream.time_base;
  if (avio_open_dyn_buf(&context->pb) < 0) return false;
  return avformat_write_header(context.get(), nullptr) >= 0;
}

}  // namespace

bool container_takes_video(std::string_view muxer, std::string_view codec) {
  const Container* container = by_muxer(muxer);
  return container != nullptr && !codec.empty() &&
         std::ranges::find(container->video, codec) != container->video.end();
}

std::uint32_t tag_in(const AVOutputFormat& format, const AVCodecParameters& stream) {
  const AVCodecTag* const* tags = format.codec_tag;
  unsigned int tag = 0;
  const bool same = tags == nullptr || av_codec_get_id(tags, stream.codec_tag) == stream.codec_id ||
                    av_codec_get_tag2(tags, stream.codec_id, &tag) == 0;
  return same ? stream.codec_tag : 0;
}

bool container_takes_copy(std::string_view muxer, const AVStream& stream) {
  const std::string name(muxer);
  const AVCodecID codec = stream.codecpar->codec_id;
  const AVOutputFormat* format = av_guess_format(name.c_str(), nullptr, nullptr);
  if (format == nullptr || codec == AV_CODEC_ID_NONE) return false;
  if (muxer != "mpegts") {
    return avformat_query_codec(format, codec, FF_COMPLIANCE_UNOFFICIAL) != 0 && writes_header(name, stream);
  }
  // The TS muxer has no list that could be asked; others than these it writes as private data.
  constexpr std::array kTransportStream = {
      AV_CODEC_ID_AAC,         AV_CODEC_ID_AAC_LATM,   AV_CODEC_ID_MP2,   AV_CODEC_ID_MP3,
      AV_CODEC_ID_AC3,         AV_CODEC_ID_EAC3,       AV_CODEC_ID_DTS,   AV_CODEC_ID_TRUEHD,
      AV_CODEC_ID_OPUS,        AV_CODEC_ID_PCM_BLURAY, AV_CODEC_ID_S302M, AV_CODEC_ID_DVB_SUBTITLE,
      AV_CODEC_ID_DVB_TELETEXT};
  return std::ranges::find(kTransportStream, codec) != kTransportStream.end();
}

std::string container_name(std::string_view muxer) {
  const Container* container = by_muxer(muxer);
  return std::string(container == nullptr ? muxer : container->name);
}

bool is_clip_ending(std::string_view ending) {
  return by_ending(ending) != nullptr;
}

Result<OutputContainer> output_container(const VideoInfo& info, const std::filesystem::path& output) {
  const Container* input = of_input(info);
  const Container* chosen = by_ending(to_lower(output.extension().string()));
  if (chosen == nullptr) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("a clip cannot be written as '{}': end the name of the output in one of {}",
                            output.string(), all_endings()));
  }
  OutputContainer result;
  result.muxer = chosen->muxer;
  result.extension = output.extension().string();
  if (input == nullptr || !same_family(*input, *chosen)) {
    const std::string_view from =
        input != nullptr ? input->name : std::string_view(info.container).substr(0, info.container.find(','));
    result.note = fmt::format("what was {} is written as {}", from, chosen->name);
    if (chosen->muxer == "matroska" || chosen->muxer == "webm") {
      result.note += "; its times are rounded to milliseconds";
    }
  }
  return result;
}

}  // namespace sightline::media
