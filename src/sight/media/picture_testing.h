#pragma once
// Builds picture files in memory for tests: the kinds that Picture itself never writes. Tests only.

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <jpeglib.h>
#include <png.h>
#include <webp/encode.h>

#include "base/file.h"
#include "sight/media/picture.h"
#include "sight/media/raster.h"

namespace sightline::media::test {

using std::string_view_literals::operator""sv;

inline Bytes bytes_of(std::string_view text) {
  return Bytes(text.begin(), text.end());
}

inline Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

inline bool holds(std::span<const std::uint8_t> bytes, std::string_view needle) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.find(needle) != std::string_view::npos;
}

/// A picture without flat areas and without noise: survives lossy coding recognisably.
inline std::uint8_t pattern(int x, int y, int channel) {
  const int value = channel == 0 ? x * 5 + y : channel == 1 ? 255 - y * 4 : (x + y) * 3;
  return static_cast<std::uint8_t>(((value % 510) + 510) % 510 > 255 ? 510 - value % 510 : value % 510);
}

inline RgbImage pattern_image(int width, int height) {
  RgbImage image{{width, height}, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) image.pixels.push_back(pattern(x, y, c));
    }
  }
  return image;
}

struct JpegRecipe {
  int width = 61;
  int height = 43;
  J_COLOR_SPACE samples = JCS_RGB;
  J_COLOR_SPACE coded = JCS_YCbCr;
  int quality = 85;
  int h_samples = 2;
  int v_samples = 2;
  bool progressive = false;
  bool arithmetic = false;
  bool scan_per_component = false;
  bool adobe = true;  ///< only for CMYK
  unsigned restart_interval = 0;
  std::vector<std::pair<int, Bytes>> markers = {};
  Bytes icc = {};
};

inline Bytes make_jpeg(const JpegRecipe& recipe) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &memory, &size);
  info.image_width = static_cast<JDIMENSION>(recipe.width);
  info.image_height = static_cast<JDIMENSION>(recipe.height);
  info.in_color_space = recipe.samples;
  info.input_components = recipe.samples == JCS_GRAYSCALE ? 1 : recipe.samples == JCS_CMYK ? 4 : 3;
  jpeg_set_defaults(&info);
  jpeg_set_colorspace(&info, recipe.coded);
  jpeg_set_quality(&info, recipe.quality, TRUE);
  info.comp_info[0].h_samp_factor = recipe.h_samples;
  info.comp_info[0].v_samp_factor = recipe.v_samples;
  if (recipe.coded == JCS_YCCK) {
    info.comp_info[3].h_samp_factor = recipe.h_samples;
    info.comp_info[3].v_samp_factor = recipe.v_samples;
  }
  if (recipe.progressive) jpeg_simple_progression(&info);
  std::array<jpeg_scan_info, 4> scans{};
  for (int i = 0; i < 4; ++i) scans[static_cast<std::size_t>(i)] = {1, {i, 0, 0, 0}, 0, 63, 0, 0};
  if (recipe.scan_per_component) {
    info.scan_info = scans.data();
    info.num_scans = info.num_components;
  }
  info.arith_code = recipe.arithmetic ? TRUE : FALSE;
  info.restart_interval = recipe.restart_interval;
  if (recipe.samples == JCS_CMYK) info.write_Adobe_marker = recipe.adobe ? TRUE : FALSE;
  jpeg_start_compress(&info, TRUE);
  for (const auto& [marker, data] : recipe.markers) {
    jpeg_write_marker(&info, marker, data.data(), static_cast<unsigned>(data.size()));
  }
  if (!recipe.icc.empty()) {
    jpeg_write_icc_profile(&info, recipe.icc.data(), static_cast<unsigned>(recipe.icc.size()));
  }
  std::vector<std::uint8_t> row(static_cast<std::size_t>(recipe.width * info.input_components));
  while (info.next_scanline < info.image_height) {
    for (int i = 0; i < static_cast<int>(row.size()); ++i) {
      row[static_cast<std::size_t>(i)] =
          pattern(i / info.input_components, static_cast<int>(info.next_scanline), i % info.input_components);
    }
    JSAMPROW pointer = row.data();
    jpeg_write_scanlines(&info, &pointer, 1);
  }
  jpeg_finish_compress(&info);
  Bytes file(memory, memory + size);
  jpeg_destroy_compress(&info);
  std::free(memory);
  return file;
}

/// The header of a JPEG as a decoder sees it.
struct JpegHeader {
  bool progressive = false;
  bool adobe = false;
  unsigned restart_interval = 0;
  J_COLOR_SPACE color_space = JCS_UNKNOWN;
  int h_samples = 0;
  int v_samples = 0;
  std::array<std::uint16_t, 64> first_table{};
  /// All coefficients, component by component, and per block the MCU it belongs to.
  std::vector<std::int16_t> coefficients;
};

inline JpegHeader read_jpeg(std::span<const std::uint8_t> file) {
  JpegHeader header;
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, file.data(), file.size());
  jpeg_read_header(&info, TRUE);
  jvirt_barray_ptr* arrays = jpeg_read_coefficients(&info);
  header.progressive = info.progressive_mode != 0;
  header.adobe = info.saw_Adobe_marker != 0;
  header.restart_interval = info.restart_interval;
  header.color_space = info.jpeg_color_space;
  header.h_samples = info.comp_info[0].h_samp_factor;
  header.v_samples = info.comp_info[0].v_samp_factor;
  std::copy_n(info.comp_info[0].quant_table->quantval, 64, header.first_table.begin());
  for (int c = 0; c < info.num_components; ++c) {
    for (JDIMENSION y = 0; y < info.comp_info[c].height_in_blocks; ++y) {
      JBLOCKARRAY row =
          info.mem->access_virt_barray(reinterpret_cast<j_common_ptr>(&info), arrays[c], y, 1, FALSE);
      const JCOEF* first = &row[0][0][0];
      header.coefficients.insert(header.coefficients.end(), first,
                                 first + std::size_t{info.comp_info[c].width_in_blocks} * 64);
    }
  }
  jpeg_destroy_decompress(&info);
  return header;
}

inline Bytes big_endian(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
          static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

inline Bytes png_chunk(std::string_view type, const Bytes& data) {
  const Bytes body = joined({bytes_of(type), data});
  std::uint32_t crc = 0xFFFF'FFFF;
  for (const std::uint8_t byte : body) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB8'8320U : 0U);
  }
  return joined({big_endian(static_cast<std::uint32_t>(data.size())), body, big_endian(~crc)});
}

struct PngRecipe {
  int width = 23;
  int height = 17;
  int color_type = PNG_COLOR_TYPE_RGB;
  int bit_depth = 8;
  bool interlaced = false;
  bool transparency = false;  ///< a tRNS chunk, for the colour types without alpha
};

/// Every sample is a number of its own as far as the depth allows; a palette holds 2^depth colours.
inline Bytes make_png(const PngRecipe& recipe) {
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  Bytes file;
  png_set_write_fn(
      png, &file,
      [](png_structp target, png_bytep data, std::size_t count) {
        auto* out = static_cast<Bytes*>(png_get_io_ptr(target));
        out->insert(out->end(), data, data + count);
      },
      [](png_structp) {});
  png_set_IHDR(png, info, static_cast<png_uint_32>(recipe.width), static_cast<png_uint_32>(recipe.height),
               recipe.bit_depth, recipe.color_type, recipe.interlaced ? 1 : 0, 0, 0);
  std::array<png_color, 256> palette{};
  for (int i = 0; i < 256; ++i) {
    const auto byte = static_cast<png_byte>(i);
    palette[static_cast<std::size_t>(i)] = {byte, static_cast<png_byte>(255 - i),
                                            static_cast<png_byte>(i ^ 0x5A)};
  }
  const bool indexed = recipe.color_type == PNG_COLOR_TYPE_PALETTE;
  if (indexed) png_set_PLTE(png, info, palette.data(), 1 << recipe.bit_depth);
  const std::array<png_byte, 2> alphas = {0, 128};
  png_color_16 key{};
  key.gray = key.red = key.green = key.blue = 1;
  if (recipe.transparency) png_set_tRNS(png, info, indexed ? alphas.data() : nullptr, indexed ? 2 : 0, &key);
  png_write_info(png, info);
  const std::size_t row_bytes = png_get_rowbytes(png, info);
  Bytes samples(row_bytes * static_cast<std::size_t>(recipe.height));
  std::uint32_t state = 1;
  for (std::uint8_t& byte : samples)
    byte = static_cast<std::uint8_t>((state = state * 1'664'525 + 1'013'904'223) >> 24);
  std::vector<png_bytep> rows;
  for (int y = 0; y < recipe.height; ++y)
    rows.push_back(samples.data() + row_bytes * static_cast<std::size_t>(y));
  png_write_image(png, rows.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return file;
}

/// The picture as libpng's simplified interface reads it: RGBA, 8 bit or, of 16-bit files, 16 bit linear.
inline Bytes read_png_rgba(std::span<const std::uint8_t> file) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&image, file.data(), file.size()) == 0) return {};
  image.format = (image.format & PNG_FORMAT_FLAG_LINEAR) != 0 ? PNG_FORMAT_LINEAR_RGB_ALPHA : PNG_FORMAT_RGBA;
  Bytes pixels(PNG_IMAGE_SIZE(image));
  png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr);
  return pixels;
}

/// Inserts `chunks` before the first chunk named `before`.
inline Bytes with_png_chunks(const Bytes& png, std::string_view before, const Bytes& chunks) {
  const std::string_view text(reinterpret_cast<const char*>(png.data()), png.size());
  const auto at = static_cast<std::ptrdiff_t>(text.find(before)) - 4;
  return joined({Bytes(png.begin(), png.begin() + at), chunks, Bytes(png.begin() + at, png.end())});
}

enum class WebpKind { lossy, lossless };

inline Bytes make_webp(const Bytes& rgba, int width, int height, WebpKind coding) {
  WebPConfig config{};
  WebPConfigInit(&config);
  config.lossless = coding == WebpKind::lossless;
  config.exact = 1;
  WebPPicture picture{};
  WebPPictureInit(&picture);
  picture.use_argb = config.lossless;
  picture.width = width;
  picture.height = height;
  WebPMemoryWriter writer{};
  WebPMemoryWriterInit(&writer);
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &writer;
  WebPPictureImportRGBA(&picture, rgba.data(), width * 4);
  WebPEncode(&config, &picture);
  Bytes file(writer.mem, writer.mem + writer.size);
  WebPMemoryWriterClear(&writer);
  WebPPictureFree(&picture);
  return file;
}

/// The left half is transparent, with colours beneath.
inline Bytes rgba_pattern(int width, int height) {
  Bytes rgba;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) rgba.push_back(pattern(x, y, c));
      rgba.push_back(static_cast<std::uint8_t>(x < width / 2 ? 0 : 255 - y));
    }
  }
  return rgba;
}

/// A TIFF stream with orientation in IFD0, in either byte order.
inline Bytes exif_with_orientation(int orientation, bool little) {
  const auto low = static_cast<std::uint8_t>(orientation);
  if (little) {
    return joined(
        {bytes_of("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"sv), {low, 0, 0, 0}, {0, 0, 0, 0}});
  }
  return joined({bytes_of("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01"sv), {0, low, 0, 0}, {0, 0, 0, 0}});
}

/// Decodes what a test made itself; throws where it cannot.
inline Picture decoded(const Bytes& file) {
  auto picture = Picture::decode(file, "test");
  if (!picture) throw std::runtime_error(picture.error().message);
  return std::move(*picture);
}

/// A copy of the picture's rows, padding included.
inline Bytes samples_of(Picture& picture) {
  const PlaneView view = picture.samples();
  return Bytes(view.data, view.data + view.stride * view.height);
}

}  // namespace sightline::media::test
