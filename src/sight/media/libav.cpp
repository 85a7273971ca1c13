#include "sight/media/libav.h"

#include <array>
#include <cstdarg>
#include <string_view>
#include <utility>

namespace sightline::media {

std::string av_error_text(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return text.data();
}

namespace {

// Not a bool that begins as false: a program whose only thread-local data is zero can get from mold 1.10 a
// segment that the loader cannot protect (GNU_RELRO then begins a page before the memory that is mapped).
enum class StreamCount : char { allowed = 1, too_many = 2 };
thread_local StreamCount stream_count = StreamCount::allowed;

void hear_libav(void*, int, const char* format, va_list) {
  if (std::string_view(format).starts_with("Number of streams exceeds")) stream_count = StreamCount::too_many;
}

}  // namespace

void silence_libav() {
  av_log_set_level(AV_LOG_QUIET);
  av_log_set_callback(hear_libav);
}

bool too_many_streams_said() {
  return std::exchange(stream_count, StreamCount::allowed) == StreamCount::too_many;
}

AVPixelFormat plain_format(int format) {
  if (format == AV_PIX_FMT_YUVJ420P) return AV_PIX_FMT_YUV420P;
  if (format == AV_PIX_FMT_YUVJ422P) return AV_PIX_FMT_YUV422P;
  return static_cast<AVPixelFormat>(format);
}

}  // namespace sightline::media
