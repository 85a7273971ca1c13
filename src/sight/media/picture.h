#pragma once
// Still pictures: JPEG, PNG and WebP, decoded to samples and written back in the same format.
//
// Samples keep the file's own colour model (a CMYK JPEG stays CMYK, a 16-bit PNG 16 bit), so that what
// is not painted survives as exactly as the format allows: PNG and lossless WebP bit for bit; a JPEG keeps
// the input's coefficients in every block whose samples did not change, and codes the others with the
// input's own quantisation tables and chroma subsampling. Details: docs/metadata-pictures.md.

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
/// What of the input's metadata the output may carry. `safe` keeps only orientation and ICC profile; `keep`
/// also EXIF, XMP, IPTC and text, but never a second picture (thumbnail, preview, gain map, trailing bytes).
enum class MetadataPolicy { safe, keep };

struct PictureLimits {
  std::int64_t max_pixels = 268'435'456;  ///< 16384 x 16384
  int max_side = 65'500;
};

/// Detects by content (32 bytes suffice), never by name. True also for pictures that Picture::decode refuses
/// with a clear message: GIF, HEIF, AVIF, BMP, TIFF, JPEG XL, JPEG 2000, animated PNG and WebP.
[[nodiscard]] bool looks_like_picture(std::span<const std::uint8_t> head);

/// A decoded picture with what is needed to write it back. Move-only. Not thread-safe.
class Picture {
 public:
  /// `name` is only for error messages. Errors: corrupt, unsupported (animation, HEIF, ...), too_large.
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
  /// The samples as stored (not turned), interleaved, rows without gaps; alpha is the last channel where
  /// there is one. 8 bit, or 16 for a 16-bit PNG. CMYK: 0 = no ink, 255 = full ink, whatever the file says.
  [[nodiscard]] PlaneView samples();
  /// The displayed picture (turned, alpha over grey, CMYK converted) reduced or enlarged to `size`:
  /// area-averaged when reducing, bilinear when enlarging.
  [[nodiscard]] RgbImage to_rgb(Size size) const;
  /// The same of a part, in pixels of the displayed picture. What reaches beyond the border repeats it.
  [[nodiscard]] RgbImage to_rgb(const Box& crop, Size size) const;

  /// In the input's format; not turned, the orientation is written as metadata.
  [[nodiscard]] Result<Bytes> encode(MetadataPolicy policy) const;
  /// The displayed picture as a new file of 8-bit RGB without metadata. PNG and WebP are lossless.
  [[nodiscard]] Result<Bytes> encode_as(PictureFormat format, int jpeg_quality = 90) const;

 private:
  struct Impl;
  explicit Picture(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// A picture file straight to RGB as displayed, in its full size. Errors as Picture::decode.
[[nodiscard]] Result<RgbImage> decode_rgb(std::span<const std::uint8_t> file, std::string_view name,
                                          const PictureLimits& limits = {});

}  // namespace sightline::media
