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

}  // namespace sightline::media
