#pragma once
// Ownership of libav's objects, private to this module (never included by a public header).

#include <memory>
#include <string>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/dict.h>
#include <libavutil/frame.h>
#include <libswscale/swscale.h>
}

namespace sightline::media {

struct AvIoDeleter {
  void operator()(AVIOContext* io) const { avio_closep(&io); }
};
struct AvInputDeleter {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};
/// Closes the file that the context opened itself (pb, without AVFMT_NOFILE), too. What the close could
/// not write is lost silently: a muxer flushes and checks pb->error before it lets go.
struct AvOutputDeleter {
  void operator()(AVFormatContext* context) const {
    if (context->pb != nullptr && (context->oformat->flags & AVFMT_NOFILE) == 0) avio_closep(&context->pb);
    avformat_free_context(context);
  }
};
struct AvCodecDeleter {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
struct AvFrameDeleter {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
struct AvPacketDeleter {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
struct SwsDeleter {
  void operator()(SwsContext* context) const { sws_freeContext(context); }
};

using AvIoPtr = std::unique_ptr<AVIOContext, AvIoDeleter>;
using AvInputPtr = std::unique_ptr<AVFormatContext, AvInputDeleter>;
using AvOutputPtr = std::unique_ptr<AVFormatContext, AvOutputDeleter>;
using AvCodecPtr = std::unique_ptr<AVCodecContext, AvCodecDeleter>;
using AvFramePtr = std::unique_ptr<AVFrame, AvFrameDeleter>;
using AvPacketPtr = std::unique_ptr<AVPacket, AvPacketDeleter>;
using SwsPtr = std::unique_ptr<SwsContext, SwsDeleter>;

/// Options for libav calls that take and change an AVDictionary**.
class AvOptions {
 public:
  AvOptions() = default;
  AvOptions(const AvOptions&) = delete;
  AvOptions& operator=(const AvOptions&) = delete;
  ~AvOptions() { av_dict_free(&dictionary_); }
  void set(const char* key, const char* value) { av_dict_set(&dictionary_, key, value, 0); }
  [[nodiscard]] AVDictionary** get() { return &dictionary_; }
  /// The first option that the call did not understand; empty when it took them all.
  [[nodiscard]] std::string unused() const {
    const AVDictionaryEntry* entry = av_dict_get(dictionary_, "", nullptr, AV_DICT_IGNORE_SUFFIX);
    return entry == nullptr ? std::string() : entry->key;
  }

 private:
  AVDictionary* dictionary_ = nullptr;
};

/// The format without its range: the J formats are old names for full range, which most encoders do not know
/// and swscale takes from elsewhere.
[[nodiscard]] AVPixelFormat plain_format(int format);

/// Seconds a tick of the video's times.
template <typename Info>
[[nodiscard]] AVRational libav_time_base(const Info& info) {
  return {static_cast<int>(info.time_base.num), static_cast<int>(info.time_base.den)};
}

/// libav's words for an AVERROR code.
[[nodiscard]] std::string av_error_text(int code);

/// Keeps libav (and with it x264 and the like) from writing to stderr: what matters is in our own errors.
/// The level is the process's; every create() and open() of this module calls it. Thread-safe.
void silence_libav();
/// Whether libav has said on this thread, since this was last called, that a file has more streams than it
/// may: its error is the one of a lack of memory.
[[nodiscard]] bool too_many_streams_said();

}  // namespace sightline::media
