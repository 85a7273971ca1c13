#include "sight/media/png.h"

#include <bit>
#include <csetjmp>
#include <cstring>

#include <png.h>

#include <fmt/format.h>

#include "sight/media/exif.h"
#include "sight/media/png_chunks.h"

namespace sightline::media {
namespace {

constexpr png_alloc_size_t kMaxChunk = 16U << 20;  // bounds what an iCCP chunk may inflate to
constexpr std::size_t kMaxProfile = 4U << 20;
/// Favours speed: level 4 is several times faster than 9 and some per cent larger.
constexpr int kCompression = 4;

/// libpng's error state. libpng leaves through longjmp, so only code without destructors may stand between
/// run() and a libpng call.
struct PngErrors {
  std::jmp_buf jump{};
  char message[128] = {};

  template <typename Step>
  bool run(Step&& step) {
    if (setjmp(jump) != 0) return false;  // NOLINT(cert-err52-cpp): libpng's interface
    step();
    return true;
  }
  static void on_error(png_structp png, png_const_charp text) {
    auto* self = static_cast<PngErrors*>(png_get_error_ptr(png));
    std::strncpy(self->message, text, sizeof(self->message) - 1);
    std::longjmp(self->jump, 1);  // NOLINT(cert-err52-cpp)
  }
  static void on_warning(png_structp, png_const_charp) {}
};

struct PngReader {
  explicit PngReader(PngErrors& errors)
      : png(png_create_read_struct(PNG_LIBPNG_VER_STRING, &errors, PngErrors::on_error,
                                   PngErrors::on_warning)),
        info(png != nullptr ? png_create_info_struct(png) : nullptr) {}
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }
  png_structp png;
  png_infop info;
};

struct PngWriter {
  explicit PngWriter(PngErrors& errors)
      : png(png_create_write_struct(PNG_LIBPNG_VER_STRING, &errors, PngErrors::on_error,
                                    PngErrors::on_warning)),
        info(png != nullptr ? png_create_info_struct(png) : nullptr) {}
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;
  ~PngWriter() { png_destroy_write_struct(&png, &info); }
  png_structp png;
  png_infop info;
};

struct Source {
  std::span<const std::uint8_t> left;
};

void read_bytes(png_structp png, png_bytep out, std::size_t count) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (count > source->left.size()) png_error(png, "the file ends too early");
  std::memcpy(out, source->left.data(), count);
  source->left = source->left.subspan(count);
}

/// Appends; false when memory is short. A function of its own, so that nothing with a destructor is left
/// behind by png_error.
bool append(Bytes& bytes, png_const_bytep data, std::size_t count) noexcept {
  try {
    bytes.insert(bytes.end(), data, data + count);
    return true;
  } catch (...) {
    return false;
  }
}

void write_bytes(png_structp png, png_bytep data, std::size_t count) {
  if (!append(*static_cast<Bytes*>(png_get_io_ptr(png)), data, count)) png_error(png, "out of memory");
}

/// Text and other chunks that are of no use here are skipped unread, compressed ones uninflated.
void read_header(PngReader& reader, Source& source) {
  static constexpr png_byte kIgnored[] = "tEXt\0zTXt\0iTXt\0tIME\0eXIf\0sPLT\0hIST\0pCAL\0sCAL\0oFFs\0bKGD";
  png_set_user_limits(reader.png, 0x7FFF'FFFF, 0x7FFF'FFFF);  // checked against PictureLimits instead
  png_set_chunk_malloc_max(reader.png, kMaxChunk);
  png_set_keep_unknown_chunks(reader.png, PNG_HANDLE_CHUNK_NEVER, kIgnored, sizeof(kIgnored) / 5);
  png_set_read_fn(reader.png, &source, read_bytes);
  png_read_info(reader.png, reader.info);
}

ColorModel model_of(int color_type, bool transparent) {
  if ((color_type & PNG_COLOR_MASK_COLOR) != 0) {
    return transparent ? ColorModel::rgb_alpha : ColorModel::rgb;
  }
  return transparent ? ColorModel::gray_alpha : ColorModel::gray;
}

void set_transforms(PngReader& reader, int bit_depth) {
  png_set_expand(reader.png);  // palettes, depths under 8, tRNS
  if (bit_depth == 16 && std::endian::native == std::endian::little) png_set_swap(reader.png);
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
}

std::vector<png_bytep> rows_of(const PlaneView& view) {
  std::vector<png_bytep> rows(static_cast<std::size_t>(view.height));
  for (int y = 0; y < view.height; ++y) rows[static_cast<std::size_t>(y)] = view.row(y);
  return rows;
}

Bytes profile_of(PngReader& reader) {
  png_charp profile_name = nullptr;
  png_bytep profile = nullptr;
  png_uint_32 length = 0;
  int compression = 0;
  if (png_get_iCCP(reader.png, reader.info, &profile_name, &compression, &profile, &length) == 0) return {};
  if (length > kMaxProfile) return {};
  return clean_icc({profile, length});
}

int color_type_of(ColorModel model) {
  switch (model) {
    case ColorModel::gray:
      return PNG_COLOR_TYPE_GRAY;
    case ColorModel::gray_alpha:
      return PNG_COLOR_TYPE_GRAY_ALPHA;
    case ColorModel::rgb_alpha:
      return PNG_COLOR_TYPE_RGB_ALPHA;
    default:
      return PNG_COLOR_TYPE_RGB;
  }
}

void write_chunks(PngWriter& writer, const std::vector<PngChunk>& chunks) {
  for (const PngChunk& chunk : chunks) {
    png_write_chunk(writer.png, reinterpret_cast<png_const_bytep>(chunk.type.data()), chunk.data.data(),
                    chunk.data.size());
  }
}

void write_header(PngWriter& writer, const PictureData& picture, const PngExtras& extras) {
  const PlaneView view = picture.samples.view();
  png_set_user_limits(writer.png, 0x7FFF'FFFF, 0x7FFF'FFFF);
  png_set_compression_level(writer.png, kCompression);
  png_set_IHDR(writer.png, writer.info, static_cast<png_uint_32>(view.width),
               static_cast<png_uint_32>(view.height), view.bit_depth, color_type_of(picture.model),
               picture.png.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (!extras.icc.empty()) {
    // A profile that libpng knows for a slightly wrong sRGB is common, and is the input's own.
    png_set_option(writer.png, PNG_SKIP_sRGB_CHECK_PROFILE, PNG_OPTION_ON);
    png_set_benign_errors(writer.png, 1);
    png_set_iCCP(writer.png, writer.info, "ICC profile", PNG_COMPRESSION_TYPE_BASE, extras.icc.data(),
                 static_cast<png_uint_32>(extras.icc.size()));
  }
  png_write_info(writer.png, writer.info);
  write_chunks(writer, picture.png.color_chunks);
  if (!extras.exif.empty()) {
    png_write_chunk(writer.png, reinterpret_cast<png_const_bytep>("eXIf"), extras.exif.data(),
                    extras.exif.size());
  }
  if (extras.text) write_chunks(writer, picture.png.text_chunks);
  if (view.bit_depth == 16 && std::endian::native == std::endian::little) png_set_swap(writer.png);
}

}  // namespace

Result<PictureData> decode_png(std::span<const std::uint8_t> file, std::string_view name,
                               const PictureLimits& limits) {
  PngSurvey survey = survey_png(file);
  if (survey.animated) {
    return fail(ErrorKind::unsupported,
                fmt::format("{}: animated PNG is not supported as a picture; convert it to a clip first, "
                            "for example with ffmpeg to mp4",
                            name));
  }
  PngErrors errors;
  PngReader reader(errors);
  if (reader.info == nullptr) return fail(ErrorKind::too_large, fmt::format("{}: out of memory", name));
  Source source{file};
  const auto broken = [&] { return std::unexpected(corrupt_picture(name, "PNG", errors.message)); };
  if (!errors.run([&] { read_header(reader, source); })) return broken();
  const Size size{static_cast<int>(png_get_image_width(reader.png, reader.info)),
                  static_cast<int>(png_get_image_height(reader.png, reader.info))};
  TRY(check_picture_size(size.width, size.height, limits, name));
  const int type = png_get_color_type(reader.png, reader.info);
  const bool transparent =
      (type & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(reader.png, reader.info, PNG_INFO_tRNS) != 0;
  const int bit_depth = png_get_bit_depth(reader.png, reader.info) == 16 ? 16 : 8;
  PictureData picture;
  picture.format = PictureFormat::png;
  picture.name = name;
  picture.model = model_of(type, transparent);
  picture.png.interlaced = png_get_interlace_type(reader.png, reader.info) == PNG_INTERLACE_ADAM7;
  picture.samples = TRY(SampleBuffer::create(size, channel_count(picture.model), bit_depth, name));
  if (!errors.run([&] { set_transforms(reader, bit_depth); })) return broken();
  if (png_get_rowbytes(reader.png, reader.info) != picture.samples.stride()) {
    return std::unexpected(corrupt_picture(name, "PNG", "inconsistent header"));
  }
  std::vector<png_bytep> rows = rows_of(picture.samples.view());
  if (!errors.run([&] {
        png_read_image(reader.png, rows.data());
        png_read_end(reader.png, nullptr);
      })) {
    return broken();
  }
  picture.metadata.icc = profile_of(reader);
  picture.metadata.exif = std::move(survey.exif);
  picture.png.color_chunks = std::move(survey.color_chunks);
  picture.png.text_chunks = std::move(survey.text_chunks);
  picture.exif_orientation = exif_orientation(picture.metadata.exif);
  return picture;
}

Result<Bytes> encode_png(const PictureData& picture, const PngExtras& extras) {
  if (picture.model == ColorModel::cmyk) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("{}: PNG cannot hold CMYK; write a JPEG", picture.name));
  }
  Bytes out;
  PngErrors errors;
  PngWriter writer(errors);
  if (writer.info == nullptr)
    return fail(ErrorKind::too_large, fmt::format("{}: out of memory", picture.name));
  png_set_write_fn(writer.png, &out, write_bytes, [](png_structp) {});
  std::vector<png_bytep> rows = rows_of(picture.samples.view());
  if (!errors.run([&] {
        write_header(writer, picture, extras);
        png_write_image(writer.png, rows.data());
        png_write_end(writer.png, nullptr);
      })) {
    return fail(ErrorKind::internal,
                fmt::format("{}: cannot write the PNG: {}", picture.name, errors.message));
  }
  return out;
}

}  // namespace sightline::media
