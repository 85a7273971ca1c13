#include "sight/media/video_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "base/words.h"
#include "sight/media/clip_input.h"
#include "sight/media/container_extent.h"
#include "sight/media/stream_info.h"
#include "sight/media/video_frame_impl.h"

namespace sightline::media {
namespace {

constexpr int kMaxDecoderThreads = 16;
// A decoder that only ever answers with errors is given up after this many in a row without new input.
constexpr int kMaxErrorsWithoutInput = 256;
// The same for a demuxer that neither delivers nor ends.
constexpr int kMaxReadRetries = 256;

/// Makes a strictly increasing sequence of the timestamps that libav's decoder reports.
class Timeline {
 public:
  void set_step(std::int64_t step) { step_ = std::max<std::int64_t>(1, step); }

  /// What the file says is kept wherever it lies after the frame before.
  std::int64_t place(const AVFrame& frame) {
    const std::int64_t step = frame.pkt_duration > 0 ? std::min(frame.pkt_duration, kLimit) : step_;
    const std::int64_t said = frame.best_effort_timestamp;
    std::int64_t pts = 0;
    if (said == AV_NOPTS_VALUE) {
      pts = started_ ? last_ + last_step_ : 0;
    } else if (!started_ || said > last_) {
      pts = std::clamp(said, -kLimit, kLimit);
    } else {
      // A repeated or slightly late one moves by a tick, so that its neighbours keep their times; after a
      // jump back (joined recordings) the clip goes on at its frame rate.
      pts = said > last_ - last_step_ ? last_ + 1 : last_ + last_step_;
    }
    if (started_) pts = std::max(pts, last_ + 1);
    started_ = true;
    last_ = pts;
    last_step_ = step;
    return pts;
  }
  [[nodiscard]] std::int64_t end() const { return started_ ? last_ + last_step_ : 0; }

 private:
  static constexpr std::int64_t kLimit = std::int64_t{1} << 60;
  std::int64_t step_ = 1;
  std::int64_t last_ = 0;
  std::int64_t last_step_ = 1;
  bool started_ = false;
};

}  // namespace

struct VideoReader::Impl {
  std::filesystem::path path;  // empty where a descriptor is read
  int descriptor = -1;
  std::string name;  // for messages
  ClipInput input;
  AVStream* stream = nullptr;  // owned by input
  AvCodecPtr codec;
  AvPacketPtr packet;
  VideoInfo info;
  VideoFrame first;  // decoded at open, delivered by the first next()
  AVPixelFormat format = AV_PIX_FMT_NONE;
  Timeline timeline;
  std::int64_t first_pts = 0;
  std::int64_t decoded = 0;
  std::int64_t skipped_packets = 0;
  bool patched = false;  // no count: libav's frame threads do not agree on one from run to run
  int errors_without_input = 0;
  int read_error = 0;
  bool drained = false;
  bool ended = false;
  std::optional<Error> failure;
  std::string damage;

  Result<void> open(int threads, int track);
  Result<void> choose_stream(int track);
  Result<void> open_decoder(int threads);
  Result<AvFramePtr> decode();
  void feed();
  int read_packet();
  Result<void> check_like_first(const AVFrame& frame) const;
  Result<VideoFrame> deliver(AvFramePtr frame);
  Result<std::optional<VideoFrame>> next();
  std::optional<MissingBytes> missing(std::string_view container) const {
    return descriptor < 0 ? missing_bytes(path, container) : missing_bytes(descriptor, container);
  }
  std::string describe_damage() const;
  Error nothing_decoded() const;
};

Result<void> VideoReader::Impl::choose_stream(int track) {
  const std::vector<AVStream*> streams = video_streams(*input.context);
  if (streams.empty()) {
    return fail(ErrorKind::unsupported, fmt::format("{} holds no video; give a clip with a picture", name));
  }
  if (track < 0 || track > std::ssize(streams)) {
    return fail(ErrorKind::invalid_argument, fmt::format("{} has {}, but track {} is asked for", name,
                                                         counted(streams.size(), "video track"), track));
  }
  stream = track == 0 ? find_video_stream(*input.context) : streams[static_cast<std::size_t>(track - 1)];
  info.track = static_cast<int>(std::ranges::find(streams, stream) - streams.begin()) + 1;
  info.tracks = static_cast<int>(streams.size());
  if (info.tracks > 1) name += fmt::format(" (video track {})", info.track);
  return {};
}

Result<void> VideoReader::Impl::open(int threads, int track) {
  input = descriptor < 0 ? TRY(open_clip(path)) : TRY(open_clip(descriptor, name));
  TRY(choose_stream(track));
  TRY(check_stream(*stream, name));
  for (unsigned i = 0; i < input.context->nb_streams; ++i) {
    AVStream* other = input.context->streams[i];
    if (other != stream) other->discard = AVDISCARD_ALL;
  }
  TRY(open_decoder(threads));
  AvFramePtr frame = TRY(decode());
  if (frame == nullptr) return std::unexpected(nothing_decoded());
  describe(*input.context, *stream, *frame, info);
  format = static_cast<AVPixelFormat>(frame->format);
  if (info.frame_rate.num > 0) {
    const AVRational per_frame{static_cast<int>(info.frame_rate.den), static_cast<int>(info.frame_rate.num)};
    timeline.set_step(av_rescale_q(1, per_frame, stream->time_base));
  }
  first = TRY(deliver(std::move(frame)));
  first_pts = first.pts();
  return {};
}

Result<void> VideoReader::Impl::open_decoder(int threads) {
  const AVCodec* decoder = avcodec_find_decoder(stream->codecpar->codec_id);
  codec.reset(avcodec_alloc_context3(decoder));
  packet.reset(av_packet_alloc());
  if (codec == nullptr || packet == nullptr) {
    return fail(ErrorKind::internal, fmt::format("{}: not enough memory for a decoder", name));
  }
  int code = avcodec_parameters_to_context(codec.get(), stream->codecpar);
  if (code >= 0) {
    codec->pkt_timebase = stream->time_base;
    codec->max_pixels = kMaxClipPixels;
    codec->thread_count = std::clamp(threads, 0, kMaxDecoderThreads);
    codec->thread_type = FF_THREAD_FRAME | FF_THREAD_SLICE;
    code = avcodec_open2(codec.get(), decoder, nullptr);
  }
  if (code < 0) {
    return fail(ErrorKind::corrupt, fmt::format("{}: its {} video cannot be decoded ({}); is the file whole?",
                                                name, decoder->name, av_error_text(code)));
  }
  return {};
}

int VideoReader::Impl::read_packet() {
  for (int i = 0; i < kMaxReadRetries; ++i) {
    av_packet_unref(packet.get());
    const int code = av_read_frame(input.context.get(), packet.get());
    if (code != AVERROR(EAGAIN)) return code;
  }
  return AVERROR_EOF;
}

/// Gives the decoder one more packet of the stream, or tells it that there are no more.
void VideoReader::Impl::feed() {
  int code = 0;
  do {
    code = read_packet();
  } while (code >= 0 && packet->stream_index != stream->index);
  if (code < 0) {
    if (code != AVERROR_EOF) read_error = code;
    drained = true;
    avcodec_send_packet(codec.get(), nullptr);
    return;
  }
  errors_without_input = 0;
  if (avcodec_send_packet(codec.get(), packet.get()) < 0) ++skipped_packets;
}

/// The next picture as the decoder gave it; null at the end.
Result<AvFramePtr> VideoReader::Impl::decode() {
  AvFramePtr frame(av_frame_alloc());
  if (frame == nullptr) return fail(ErrorKind::internal, "not enough memory for a video frame");
  while (true) {
    const int code = avcodec_receive_frame(codec.get(), frame.get());
    if (code == AVERROR_EOF) return AvFramePtr();
    if (code == AVERROR(EAGAIN)) {
      if (drained) return AvFramePtr();
      feed();
      continue;
    }
    if (code < 0) {
      ++skipped_packets;
      if (++errors_without_input > kMaxErrorsWithoutInput) return AvFramePtr();
      continue;
    }
    TRY(check_frame(*frame, name));
    return frame;
  }
}

Result<void> VideoReader::Impl::check_like_first(const AVFrame& frame) const {
  const Size size{frame.width, frame.height};
  if (size != info.stored_size) {
    return fail(
        ErrorKind::unsupported,
        fmt::format("{} changes its picture size midway (from {}x{} to {}x{}), which is not handled; cut it "
                    "there, or scale it first: ffmpeg -i IN -vf scale={}:{} OUT",
                    name, info.stored_size.width, info.stored_size.height, size.width, size.height,
                    info.stored_size.width, info.stored_size.height));
  }
  if (frame.format != format) {
    return fail(
        ErrorKind::unsupported,
        fmt::format("{} changes its pixel format midway, which is not handled; convert it first: ffmpeg -i "
                    "IN -pix_fmt yuv420p OUT",
                    name));
  }
  return {};
}

Result<VideoFrame> VideoReader::Impl::deliver(AvFramePtr frame) {
  TRY(check_like_first(*frame));
  constexpr int kBroken =
      FF_DECODE_ERROR_INVALID_BITSTREAM | FF_DECODE_ERROR_CONCEALMENT_ACTIVE | FF_DECODE_ERROR_DECODE_SLICES;
  if ((frame->decode_error_flags & kBroken) != 0 || (frame->flags & AV_FRAME_FLAG_CORRUPT) != 0) {
    patched = true;
  }
  ++decoded;
  frame->pts = timeline.place(*frame);
  // What an encoder would otherwise copy: the input's picture types and all that rides along with a frame.
  frame->pict_type = AV_PICTURE_TYPE_NONE;
  frame->key_frame = 0;
  while (frame->nb_side_data > 0) av_frame_remove_side_data(frame.get(), frame->side_data[0]->type);
  av_dict_free(&frame->metadata);
  return wrap_frame(std::move(frame));
}

Result<std::optional<VideoFrame>> VideoReader::Impl::next() {
  if (failure) return std::unexpected(*failure);
  if (!first.empty()) return std::optional(std::exchange(first, VideoFrame()));
  if (ended) return std::nullopt;
  auto frame = decode();
  if (frame && *frame == nullptr) {
    ended = true;
    damage = describe_damage();
    return std::nullopt;
  }
  auto delivered = frame ? deliver(std::move(*frame)) : Result<VideoFrame>(std::unexpected(frame.error()));
  if (!delivered) {
    failure = delivered.error();
    return std::unexpected(*failure);
  }
  return std::optional(std::move(*delivered));
}

std::string VideoReader::Impl::describe_damage() const {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
  if (const auto short_by = missing(info.container)) {
    const double tick = info.time_base.value();
    const double read = static_cast<double>(timeline.end() - first_pts) * tick;
    const double whole = static_cast<double>(info.duration) * tick;
    if (whole > read) {
      add(fmt::format("the file ends early: {:.1f} s of {:.1f} s could be read", read, whole));
    } else {
      add(fmt::format("the file ends early: {} of {} bytes are there", short_by->present,
                      short_by->announced));
    }
  } else if (read_error != 0) {
    add(fmt::format("reading stopped before the end ({})", av_error_text(read_error)));
  }
  if (skipped_packets == 1) add("1 damaged packet was skipped");
  if (skipped_packets > 1) add(fmt::format("{} damaged packets were skipped", skipped_packets));
  if (patched) add("damaged pictures were patched up");
  return text;
}

Error VideoReader::Impl::nothing_decoded() const {
  std::string why = "is the file whole?";
  if (const auto short_by = missing(input.context->iformat->name)) {
    why =
        fmt::format("the file ends early: {} of {} bytes are there", short_by->present, short_by->announced);
  } else if (skipped_packets > 0) {
    why = "all of its video is damaged";
  }
  return {ErrorKind::corrupt, fmt::format("{}: no picture could be decoded; {}", name, why)};
}

VideoReader::VideoReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VideoReader::VideoReader(VideoReader&&) noexcept = default;
VideoReader& VideoReader::operator=(VideoReader&&) noexcept = default;
VideoReader::~VideoReader() = default;

Result<VideoReader> VideoReader::open(const std::filesystem::path& path, int threads, int track) {
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  impl->name = path.string();
  TRY(impl->open(threads, track));
  return VideoReader(std::move(impl));
}

Result<VideoReader> VideoReader::open(int descriptor, const std::string& name, int threads) {
  auto impl = std::make_unique<Impl>();
  impl->descriptor = descriptor;
  impl->name = name;
  TRY(impl->open(threads, 0));
  return VideoReader(std::move(impl));
}

const VideoInfo& VideoReader::info() const {
  return impl_->info;
}
Result<std::optional<VideoFrame>> VideoReader::next() {
  return impl_->next();
}
const std::string& VideoReader::damage() const {
  return impl_->damage;
}

}  // namespace sightline::media
