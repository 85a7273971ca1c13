#include "sight/media/jpeg_error.h"

#include <cstring>

#include <jerror.h>

#include <fmt/format.h>

namespace sightline::media {
namespace {

/// Warnings that mean lost or wrong picture data; the others (stray bytes between markers, an odd colour
/// profile) leave the picture whole.
bool is_damage(int code) {
  switch (code) {
    case JWRN_ARITH_BAD_CODE:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC:
      return true;
    default:
      return false;
  }
}

bool is_unsupported(int code) {
  switch (code) {
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CCIR601_NOTIMPL:
    case JERR_COMPONENT_COUNT:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED:
      return true;
    default:
      return false;
  }
}

}  // namespace

JpegErrors::JpegErrors(Warnings warnings) : warnings_(warnings) {
  jpeg_std_error(&base_);
  base_.error_exit = on_error;
  base_.emit_message = on_message;
  base_.output_message = [](j_common_ptr) {};
}

JpegErrors& JpegErrors::of(j_common_ptr info) {
  // base_ is the first member of a standard-layout class: the two addresses are one.
  static_assert(offsetof(JpegErrors, base_) == 0);
  return *reinterpret_cast<JpegErrors*>(info->err);
}

void JpegErrors::on_error(j_common_ptr info) {
  JpegErrors& self = of(info);
  self.code_ = self.base_.msg_code;
  self.base_.format_message(info, self.message_);
  std::longjmp(self.jump_, 1);  // NOLINT(cert-err52-cpp)
}

void JpegErrors::on_message(j_common_ptr info, int level) {
  JpegErrors& self = of(info);
  if (level >= 0) return;
  if (self.warnings_ == Warnings::damage_is_fatal && is_damage(self.base_.msg_code)) on_error(info);
}

void JpegErrors::stop(const char* message) {
  code_ = 0;
  std::strncpy(message_, message, sizeof(message_) - 1);
  std::longjmp(jump_, 1);  // NOLINT(cert-err52-cpp)
}

Error JpegErrors::error(std::string_view name) const {
  if (code_ == JERR_OUT_OF_MEMORY || code_ == JERR_IMAGE_TOO_BIG) {
    return {ErrorKind::too_large, fmt::format("{}: this JPEG is too large ({})", name, message_)};
  }
  if (is_unsupported(code_)) {
    return {
        ErrorKind::unsupported,
        fmt::format("{}: this kind of JPEG is not supported ({}); save it as an ordinary 8-bit JPEG first",
                    name, message_)};
  }
  return {ErrorKind::corrupt,
          fmt::format("{}: damaged or truncated JPEG ({}); nothing was written, restore the file or save it "
                      "again with a picture editor",
                      name, message_)};
}

}  // namespace sightline::media
