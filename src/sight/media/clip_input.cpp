#include "sight/media/clip_input.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "sight/media/video_frame.h"

namespace sightline::media {
namespace {

// The demuxers that a clip may go through. Everything else that libav has reads playlists, devices,
// network streams, single pictures, sound alone or formats too rare to be worth their attack surface.
constexpr std::array<std::string_view, 16> kClipFormats = {"mov,mp4,m4a,3gp,3g2,mj2",
                                                           "matroska,webm",
                                                           "avi",
                                                           "mpegts",
                                                           "mpeg",
                                                           "flv",
                                                           "ogg",
                                                           "asf",
                                                           "h264",
                                                           "hevc",
                                                           "ivf",
                                                           "av1",
                                                           "obu",
                                                           "mpegvideo",
                                                           "m4v",
                                                           "yuv4mpegpipe"};
constexpr std::array<std::string_view, 7> kPlaylistFormats = {
    "hls", "dash", "concat", "imf", "sdp", "rtsp", "webm_dash_manifest"};
constexpr std::array<std::string_view, 4> kAnimationFormats = {"gif", "apng", "webp_pipe", "jpegxl_anim"};

template <typename List>
bool contains(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

Error refused_format(const std::filesystem::path& path, const AVInputFormat& format) {
  const std::string_view name = format.name;
  if (contains(kPlaylistFormats, name)) {
    return {ErrorKind::unsupported,
            fmt::format("{} is a playlist ({}); give the clip that it refers to", path.string(), name)};
  }
  if (contains(kAnimationFormats, name)) {
    return {ErrorKind::unsupported,
            fmt::format("{} is an animated picture ({}), which is not handled; make a clip of it first: "
                        "ffmpeg -i IN out.mp4",
                        path.string(), name)};
  }
  if (name.ends_with("_pipe") || name == "image2") {
    return {ErrorKind::unsupported, fmt::format("{} is a picture ({}), not a clip", path.string(), name)};
  }
  return {ErrorKind::unsupported,
          fmt::format("{} is no video clip that is handled here (it looks like '{}'); convert it first: "
                      "ffmpeg -i IN out.mkv",
                      path.string(), name)};
}

Error empty_clip(const std::filesystem::path& path) {
  return {ErrorKind::corrupt, fmt::format("{} is empty; copy the clip again", path.string())};
}

Result<void> require_regular_file(const struct stat& status, const std::filesystem::path& path) {
  if (S_ISDIR(status.st_mode)) {
    return fail(ErrorKind::invalid_argument, fmt::format("{} is a folder, not a clip", path.string()));
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("{} is not a regular file; a clip must be a file on disk", path.string()));
  }
  if (status.st_size == 0) return std::unexpected(empty_clip(path));
  return {};
}

Error not_a_clip(const std::filesystem::path& path, std::string_view why) {
  return {ErrorKind::corrupt,
          fmt::format("{} cannot be read as a video clip ({}); is it whole, and an mp4, mov, mkv, webm, avi "
                      "or ts file?",
                      path.string(), why)};
}

// A demuxer that wants another file (external references of mov, parts of a playlist) gets none.
int refuse_to_open(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) {
  return AVERROR(EACCES);
}

/// One set of decoder options per stream, as avformat_find_stream_info wants it.
class ProbeOptions {
 public:
  explicit ProbeOptions(unsigned streams) : dictionaries_(streams, nullptr) {
    for (AVDictionary*& dictionary : dictionaries_) {
      av_dict_set_int(&dictionary, "max_pixels", kMaxClipPixels, 0);
    }
  }
  ProbeOptions(const ProbeOptions&) = delete;
  ProbeOptions& operator=(const ProbeOptions&) = delete;
  ~ProbeOptions() {
    for (AVDictionary*& dictionary : dictionaries_) av_dict_free(&dictionary);
  }
  AVDictionary** get() { return dictionaries_.empty() ? nullptr : dictionaries_.data(); }

 private:
  std::vector<AVDictionary*> dictionaries_;
};

constexpr int kReadAtOnce = 64 * 1024;
/// Each gets a decoder while the clip is opened, some 2 ms; broadcasts have some dozens.
constexpr int kMostStreams = 200;

int read_descriptor(void* opaque, std::uint8_t* into, int length) {
  auto& from = *static_cast<DescriptorIo*>(opaque);
  ssize_t read = 0;
  do {
    read = ::pread(from.fd, into, static_cast<std::size_t>(std::max(0, length)), from.position);
  } while (read < 0 && errno == EINTR);
  if (read < 0) return AVERROR(errno);
  if (read == 0) return AVERROR_EOF;
  from.position += read;
  return static_cast<int>(read);
}

std::int64_t seek_descriptor(void* opaque, std::int64_t offset, int whence) {
  auto& in = *static_cast<DescriptorIo*>(opaque);
  switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE:
      return in.size;
    case SEEK_SET:
      break;
    case SEEK_CUR:
      if (offset > std::numeric_limits<std::int64_t>::max() - in.position) return AVERROR(EINVAL);
      offset += in.position;
      break;
    case SEEK_END:
      if (offset > 0) return AVERROR(EINVAL);
      offset += in.size;
      break;
    default:
      return AVERROR(EINVAL);
  }
  if (offset < 0) return AVERROR(EINVAL);
  return in.position = offset;
}

/// Finds out what `io` holds. `input` has it already.
Result<ClipInput> probe_clip(ClipInput input, AVIOContext* io, const std::filesystem::path& path) {
  const AVInputFormat* format = nullptr;
  int code = av_probe_input_buffer2(io, &format, "", nullptr, 0, 0);
  if (code < 0 || format == nullptr) return std::unexpected(not_a_clip(path, "its format is not known"));
  if (!contains(kClipFormats, format->name)) return std::unexpected(refused_format(path, *format));

  AVFormatContext* context = avformat_alloc_context();
  if (context == nullptr) return fail(ErrorKind::internal, "not enough memory to open a clip");
  context->pb = io;
  context->io_open = refuse_to_open;
  context->max_streams = kMostStreams;
  (void)too_many_streams_said();                              // of another file
  code = avformat_open_input(&context, "", format, nullptr);  // frees the context where it fails
  if (too_many_streams_said()) {
    return std::unexpected(not_a_clip(path, fmt::format("it has more than {} streams", kMostStreams)));
  }
  if (code == AVERROR(ENOMEM)) return std::unexpected(not_a_clip(path, "it wants too much memory"));
  if (code < 0) return std::unexpected(not_a_clip(path, av_error_text(code)));
  input.context.reset(context);

  ProbeOptions options(context->nb_streams);
  code = avformat_find_stream_info(context, options.get());
  if (code < 0) return std::unexpected(not_a_clip(path, av_error_text(code)));
  return input;
}

}  // namespace

void DescriptorIoDeleter::operator()(AVIOContext* io) const {
  av_freep(static_cast<void*>(&io->buffer));  // libav may have replaced the one that was given
  avio_context_free(&io);
}

Result<ClipInput> open_clip(const std::filesystem::path& path) {
  silence_libav();
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return std::unexpected(system_error("open", path, errno));
  TRY(require_regular_file(status, path));
  ClipInput input;
  AVIOContext* io = nullptr;
  // The prefix keeps names such as "concat:a|b" and "http://host" from meaning anything but a file.
  const int code = avio_open2(&io, ("file:" + path.string()).c_str(), AVIO_FLAG_READ, nullptr, nullptr);
  if (code < 0) return std::unexpected(system_error("open", path, AVUNERROR(code)));
  input.io.reset(io);
  return probe_clip(std::move(input), io, path);
}

Result<ClipInput> open_clip(int descriptor, const std::string& name) {
  silence_libav();
  // Not fstat, which is a call by path on some systems, and denied to a confined process.
  const off_t size = ::lseek(descriptor, 0, SEEK_END);
  if (size < 0) return std::unexpected(system_error("read", name, errno));
  if (size == 0) return std::unexpected(empty_clip(name));
  ClipInput input;
  input.descriptor = std::make_unique<DescriptorIo>(DescriptorIo{descriptor, size});
  auto* buffer = static_cast<unsigned char*>(av_malloc(kReadAtOnce));
  AVIOContext* io = buffer == nullptr ? nullptr
                                      : avio_alloc_context(buffer, kReadAtOnce, 0, input.descriptor.get(),
                                                           read_descriptor, nullptr, seek_descriptor);
  if (io == nullptr) {
    av_free(buffer);
    return fail(ErrorKind::internal, "not enough memory to open a clip");
  }
  input.descriptor_io.reset(io);
  return probe_clip(std::move(input), io, name);
}

Result<ClipInput> drawn_clip() {
  ClipInput input;
  input.context.reset(avformat_alloc_context());
  AVStream* stream = input.context == nullptr ? nullptr : avformat_new_stream(input.context.get(), nullptr);
  if (stream == nullptr) return fail(ErrorKind::internal, "not enough memory to make a clip");
  AVCodecParameters& par = *stream->codecpar;
  par.codec_type = AVMEDIA_TYPE_VIDEO;
  par.format = AV_PIX_FMT_YUV420P;
  return input;
}

std::vector<AVStream*> video_streams(AVFormatContext& context) {
  constexpr int kNoClip = AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS;
  std::vector<AVStream*> streams;
  for (unsigned i = 0; i < context.nb_streams; ++i) {
    AVStream* stream = context.streams[i];
    const bool video = stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
    if (video && (stream->disposition & kNoClip) == 0) streams.push_back(stream);
  }
  return streams;
}

AVStream* find_video_stream(AVFormatContext& context) {
  const auto rank = [](const AVStream& stream) {
    const auto& par = *stream.codecpar;
    return std::pair(static_cast<std::int64_t>(par.width) * par.height,
                     (stream.disposition & AV_DISPOSITION_DEFAULT) != 0);
  };
  AVStream* best = nullptr;
  for (AVStream* stream : video_streams(context)) {
    if (best == nullptr || rank(*stream) > rank(*best)) best = stream;
  }
  return best;
}

}  // namespace sightline::media
