#pragma once
// Still pictures: JPEG, PNG and WebP, decoded to samples and written back in the same format.
//
// Samples keep the file's own colour model (a CMYK JPEG stays CMYK, a 16-bit PNG 16 bit), so that what
// is not painted survives as exactly as the format allows: PNG and lossless WebP bit for bit; JPEG is
// written with the input's own quantisation tables and chroma subsampling.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"
#include "sight/media/raster.h"

namespace sightline::media {

enum class PictureFormat { jpeg, png, webp };
enum class ColorModel { gray, gray_alpha, rgb, rgb_alpha, cmyk };
/// What of the input's metadata the output may carry. `safe` keeps orientation and ICC profile alone.
enum class MetadataPolicy { safe, keep };

struct PictureLimits {
  std::int64_t max_pixels = 268'435'456;  ///< 16384 x 16384
  int max_side = 65'500;
};

/// Detects by content, never by name. Empty when the bytes start like no supported picture.
/// GIF, HEIF, APNG and animated WebP are recognised and refused by Picture::decode with a clear message.
[[nodiscard]] bool looks_like_picture(std::span<const std::uint8_t> head);

/// A decoded picture with what is needed to write it back. Move-only. Not thread-safe.
class Picture {
 public:
  /// `name` is for error messages alone. Errors: corrupt, unsupported (animation, HEIF, ...), too_large.
  static Result<Picture> decode(std::span<const std::uint8_t> file, std::string_view name,
                                const PictureLimits& limits = {});
  /// A new RGB picture (rows of width*3 bytes), to be encoded as PNG or JPEG: for drawings and thumbnails.
  static Picture from_rgb(const RgbImage& image);

  Picture(Picture&&) noexcept;
  Picture& operator=(Picture&&) noexcept;
  ~Picture();

  [[nodiscard]] PictureFormat format() const;
  [[nodiscard]] ColorModel color_model() const;
  [[nodiscard]] Size stored_size() const;
  [[nodiscard]] Orientation orientation() const;
  [[nodiscard]] Size displayed_size() const { return orientation().displayed(stored_size()); }
  /// The samples as stored (not turned), interleaved; alpha is the last channel where there is one.
  [[nodiscard]] PlaneView samples();
  /// The displayed picture (turned, alpha over grey, CMYK converted) reduced or enlarged to `size`:
  /// area-averaged when reducing, bilinear when enlarging.
  [[nodiscard]] RgbImage to_rgb(Size size) const;

  /// In the input's format. JPEG: the input's tables and subsampling. `safe` writes no metadata but
  /// orientation and ICC profile; `keep` carries the input's EXIF, XMP, IPTC and text over.
  [[nodiscard]] Result<Bytes> encode(MetadataPolicy policy) const;
  [[nodiscard]] Result<Bytes> encode_as(PictureFormat format, int jpeg_quality = 90) const;

 private:
  struct Impl;
  explicit Picture(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sightline::media
