#include "sight/media/libav.h"

#include <array>

namespace sightline::media {

std::string av_error_text(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return text.data();
}

void silence_libav() {
  av_log_set_level(AV_LOG_QUIET);
}

AVPixelFormat plain_format(int format) {
  if (format == AV_PIX_FMT_YUVJ420P) return AV_PIX_FMT_YUV420P;
  if (format == AV_PIX_FMT_YUVJ422P) return AV_PIX_FMT_YUV422P;
  return static_cast<AVPixelFormat>(format);
}

}  // namespace sightline::media
