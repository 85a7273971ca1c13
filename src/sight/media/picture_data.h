#pragma once
// What the codecs of this folder and Picture exchange: samples, and what is needed to write them back.
// Private to sight/media.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "sight/media/picture.h"

namespace sightline::media {

/// Sample memory: rows stand side by side without gaps. Not initialised.
class SampleBuffer {
 public:
  /// ErrorKind::too_large when the memory is not to be had.
  static Result<SampleBuffer> create(Size size, int channels, int bit_depth, std::string_view name);
  [[nodiscard]] PlaneView view() const { return view_; }
  [[nodiscard]] std::size_t stride() const { return static_cast<std::size_t>(view_.stride); }
  [[nodiscard]] std::size_t byte_count() const { return stride() * static_cast<std::size_t>(view_.height); }

 private:
  std::unique_ptr<std::uint8_t[]> memory_;
  PlaneView view_;
};

/// Metadata of the input. What of it is written is decided by MetadataPolicy, at encoding.
struct PictureMetadata {
  Bytes icc;   ///< colour profile, checked by clean_icc
  Bytes exif;  ///< a TIFF stream, without "Exif\0\0"
  Bytes xmp;
  Bytes photoshop;              ///< JPEG APP13: image resource blocks, without their "Photoshop 3.0\0"
  std::vector<Bytes> comments;  ///< JPEG COM
};

/// How a JPEG was coded, so that it can be coded again alike.
struct JpegCoding {
  struct Component {
    int h_samples = 1;
    int v_samples = 1;
    int table = 0;  ///< index into tables
  };
  int color_space = 0;  ///< a J_COLOR_SPACE
  std::vector<Component> components;
  std::vector<std::array<std::uint16_t, 64>> tables;
  bool progressive = false;
  bool adobe_marker = false;
  unsigned restart_interval = 0;
  bool jfif = false;
  std::uint8_t density_unit = 0;
  std::uint16_t x_density = 1;
  std::uint16_t y_density = 1;
  /// The input as it came and a hash per MCU of the samples decoded from it: blocks whose samples are
  /// still the same keep their coefficients. Empty for a new picture.
  Bytes file;
  std::vector<std::uint64_t> mcu_hashes;
};

/// A PNG chunk carried over as it is.
struct PngChunk {
  std::array<char, 5> type{};  ///< zero-terminated
  Bytes data;
};

struct PngCoding {
  bool interlaced = false;
  std::vector<PngChunk> color_chunks;  ///< gAMA, cHRM, sRGB, cICP, ..., pHYs: fixed lengths, CRC checked
  std::vector<PngChunk> text_chunks;   ///< written back only by MetadataPolicy::keep
};

struct WebpCoding {
  bool lossless = false;
};

/// A picture in memory. Move-only.
struct PictureData {
  PictureFormat format = PictureFormat::png;
  ColorModel model = ColorModel::rgb;
  std::string name;  ///< for error messages
  SampleBuffer samples;
  int exif_orientation = 1;
  PictureMetadata metadata;
  JpegCoding jpeg;
  PngCoding png;
  WebpCoding webp;
};

[[nodiscard]] int channel_count(ColorModel model);
/// too_large or corrupt (0 pixels), in words.
[[nodiscard]] Result<void> check_picture_size(std::int64_t width, std::int64_t height,
                                              const PictureLimits& limits, std::string_view name);
[[nodiscard]] Error corrupt_picture(std::string_view name, std::string_view format, std::string_view what);

}  // namespace sightline::media
