#pragma once
// libjpeg's error handling without exit, print or exceptions. Private to jpeg*.cpp.

#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <jpeglib.h>

#include "base/result.h"

namespace sightline::media {

/// Keeps the first error or damage warning. libjpeg leaves through longjmp, so only code without
/// destructors may stand between JpegErrors::run and a libjpeg call.
class JpegErrors {
 public:
  enum class Warnings { ignore, damage_is_fatal };
  explicit JpegErrors(Warnings warnings);
  JpegErrors(const JpegErrors&) = delete;
  JpegErrors& operator=(const JpegErrors&) = delete;

  jpeg_error_mgr* manager() { return &base_; }

  /// Calls `step`, which must hold nothing that has a destructor. False when libjpeg gave up.
  template <typename Step>
  bool run(Step&& step) {
    if (setjmp(jump_) != 0) return false;  // NOLINT(cert-err52-cpp): libjpeg's interface
    step();
    return true;
  }

  /// Ends the running step as libjpeg's own errors do.
  [[noreturn]] void stop(const char* message);
  /// The error of the last failed run.
  [[nodiscard]] Error error(std::string_view name) const;

  /// Whose step is running.
  static JpegErrors& of(j_common_ptr info);

 private:
  static void on_error(j_common_ptr info);
  static void on_message(j_common_ptr info, int level);

  jpeg_error_mgr base_{};  // first: libjpeg hands back its address
  std::jmp_buf jump_{};
  Warnings warnings_;
  int code_ = 0;
  char message_[JMSG_LENGTH_MAX] = {};
};

/// Owns a decompressor. Not created until create() ran inside JpegErrors::run.
struct JpegReader {
  explicit JpegReader(JpegErrors& errors) { info.err = errors.manager(); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() {
    if (created) jpeg_destroy_decompress(&info);
  }
  void create() {
    jpeg_create_decompress(&info);
    created = true;
  }
  jpeg_decompress_struct info{};
  bool created = false;
};

/// Owns a compressor and the memory that it writes to.
struct JpegWriter {
  explicit JpegWriter(JpegErrors& errors) { info.err = errors.manager(); }
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;
  ~JpegWriter() {
    if (created) jpeg_destroy_compress(&info);
    std::free(memory);
  }
  void create() {
    jpeg_create_compress(&info);
    created = true;
    jpeg_mem_dest(&info, &memory, &size);
  }
  jpeg_compress_struct info{};
  bool created = false;
  unsigned char* memory = nullptr;
  unsigned long size = 0;  // NOLINT(google-runtime-int): libjpeg's type
};

}  // namespace sightline::media
