#include "sight/media/jpeg.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

#include "sight/media/exif.h"
#include "sight/media/jpeg_error.h"
#include "sight/media/jpeg_mcu.h"

namespace sightline::media {
namespace {

using std::string_view_literals::operator""sv;

constexpr int kApp1 = JPEG_APP0 + 1;
constexpr int kApp2 = JPEG_APP0 + 2;
constexpr int kApp13 = JPEG_APP0 + 13;
constexpr std::string_view kExifPrefix = "Exif\0\0"sv;
constexpr std::string_view kXmpPrefix = "http://ns.adobe.com/xap/1.0/\0"sv;
constexpr std::string_view kPhotoshopPrefix = "Photoshop 3.0\0"sv;

/// A progressive file of a few kilobytes can hold thousands of scans of a huge picture. Real ones have
/// about ten.
void stop_scan_bombs(j_common_ptr common) {
  const auto* info = reinterpret_cast<j_decompress_ptr>(common);
  const auto pixels = std::max<std::int64_t>(std::int64_t{info->image_width} * info->image_height, 1);
  const std::int64_t limit = std::clamp<std::int64_t>((std::int64_t{1} << 31) / pixels, 50, 500);
  if (info->input_scan_number > limit) JpegErrors::of(common).stop("more scans than any real picture has");
}

bool starts_with(std::span<const std::uint8_t> bytes, std::string_view prefix) {
  return bytes.size() >= prefix.size() && std::memcmp(bytes.data(), prefix.data(), prefix.size()) == 0;
}

void collect_marker(const jpeg_marker_struct& marker, PictureMetadata& metadata) {
  const std::span<const std::uint8_t> data(marker.data, marker.data_length);
  const auto after = [&](std::string_view prefix) {
    return Bytes(data.begin() + static_cast<std::ptrdiff_t>(prefix.size()), data.end());
  };
  if (marker.marker == JPEG_COM) {
    metadata.comments.emplace_back(data.begin(), data.end());
  } else if (marker.marker == kApp1 && starts_with(data, kExifPrefix)) {
    if (metadata.exif.empty()) metadata.exif = after(kExifPrefix);
  } else if (marker.marker == kApp1 && starts_with(data, kXmpPrefix)) {
    if (metadata.xmp.empty()) metadata.xmp = after(kXmpPrefix);
  } else if (marker.marker == kApp13 && starts_with(data, kPhotoshopPrefix)) {
    const Bytes blocks = after(kPhotoshopPrefix);  // long ones are spread over several markers
    metadata.photoshop.insert(metadata.photoshop.end(), blocks.begin(), blocks.end());
  }
}

Result<ColorModel> color_model_of(J_COLOR_SPACE space, std::string_view name) {
  switch (space) {
    case JCS_GRAYSCALE:
      return ColorModel::gray;
    case JCS_RGB:
    case JCS_YCbCr:
      return ColorModel::rgb;
    case JCS_CMYK:
    case JCS_YCCK:
      return ColorModel::cmyk;
    default:
      break;
  }
  return fail(
      ErrorKind::unsupported,
      fmt::format("{}: a JPEG of this colour space is not supported; save it as an ordinary RGB JPEG first",
                  name));
}

J_COLOR_SPACE samples_space(ColorModel model) {
  if (model == ColorModel::gray) return JCS_GRAYSCALE;
  return model == ColorModel::cmyk ? JCS_CMYK : JCS_RGB;
}

void invert(std::uint8_t* row, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) row[i] = static_cast<std::uint8_t>(255 - row[i]);
}

Result<JpegCoding> coding_of(const jpeg_decompress_struct& info, std::string_view name) {
  JpegCoding coding;
  coding.color_space = info.jpeg_color_space;
  coding.progressive = info.progressive_mode != 0;
  coding.adobe_marker = info.saw_Adobe_marker != 0;
  coding.restart_interval = info.restart_interval;
  coding.jfif = info.saw_JFIF_marker != 0;
  coding.density_unit = info.density_unit;
  coding.x_density = info.X_density;
  coding.y_density = info.Y_density;
  for (int i = 0; i < info.num_components; ++i) {
    const jpeg_component_info& from = info.comp_info[i];
    std::array<std::uint16_t, 64> table{};
    if (from.quant_table != nullptr) std::ranges::copy(from.quant_table->quantval, table.begin());
    if (std::ranges::find(table, 0) != table.end())
      return std::unexpected(corrupt_picture(name, "JPEG", "a quantisation table holds 0"));
    auto known = std::ranges::find(coding.tables, table);
    if (known == coding.tables.end()) known = coding.tables.insert(known, table);
    coding.components.push_back(
        {from.h_samp_factor, from.v_samp_factor, static_cast<int>(known - coding.tables.begin())});
  }
  return coding;
}

void read_rows(JpegReader& reader, const PlaneView& view, bool inverted) {
  while (reader.info.output_scanline < reader.info.output_height) {
    JSAMPROW row = view.row(static_cast<int>(reader.info.output_scanline));
    jpeg_read_scanlines(&reader.info, &row, 1);
    if (inverted) invert(row, static_cast<std::size_t>(view.width) * static_cast<std::size_t>(view.channels));
  }
}

void collect_metadata(JpegReader& reader, PictureMetadata& metadata, JpegErrors& errors) {
  for (const jpeg_marker_struct* marker = reader.info.marker_list; marker != nullptr; marker = marker->next) {
    collect_marker(*marker, metadata);
  }
  JOCTET* profile = nullptr;
  unsigned length = 0;
  if (errors.run([&] { jpeg_read_icc_profile(&reader.info, &profile, &length); }) && profile != nullptr) {
    metadata.icc = clean_icc({profile, length});
  }
  std::free(profile);
}

}  // namespace

Result<PictureData> decode_jpeg(std::span<const std::uint8_t> file, std::string_view name,
                                const PictureLimits& limits) {
  JpegErrors errors(JpegErrors::Warnings::damage_is_fatal);
  jpeg_progress_mgr progress{};
  progress.progress_monitor = stop_scan_bombs;
  JpegReader reader(errors);
  const auto read_header = [&] {
    reader.create();
    reader.info.progress = &progress;
    for (const int marker : {kApp1, kApp2, kApp13, JPEG_COM}) jpeg_save_markers(&reader.info, marker, 0xFFFF);
    jpeg_mem_src(&reader.info, file.data(), file.size());
    jpeg_read_header(&reader.info, TRUE);
  };
  if (!errors.run(read_header)) return std::unexpected(errors.error(name));
  TRY(check_picture_size(reader.info.image_width, reader.info.image_height, limits, name));
  if (reader.info.arith_code) {
    return fail(
        ErrorKind::unsupported,
        fmt::format("{}: arithmetic-coded JPEG is not supported; save it as an ordinary JPEG first", name));
  }
  PictureData picture;
  picture.format = PictureFormat::jpeg;
  picture.name = name;
  picture.model = TRY(color_model_of(reader.info.jpeg_color_space, name));
  const Size size{static_cast<int>(reader.info.image_width), static_cast<int>(reader.info.image_height)};
  picture.samples = TRY(SampleBuffer::create(size, channel_count(picture.model), 8, name));
  const PlaneView view = picture.samples.view();
  const bool inverted = picture.model == ColorModel::cmyk && reader.info.saw_Adobe_marker;
  reader.info.out_color_space = samples_space(picture.model);
  reader.info.dct_method = JDCT_ISLOW;
  if (!errors.run([&] {
        jpeg_start_decompress(&reader.info);
        read_rows(reader, view, inverted);
      })) {
    return std::unexpected(errors.error(name));
  }
  // libjpeg forgets tables and markers at jpeg_finish_decompress.
  picture.jpeg = TRY(coding_of(reader.info, name));
  collect_metadata(reader, picture.metadata, errors);
  if (!errors.run([&] { jpeg_finish_decompress(&reader.info); })) return std::unexpected(errors.error(name));
  picture.jpeg.file.assign(file.begin(), file.end());
  picture.jpeg.mcu_hashes = hash_mcus(view, mcu_size(picture.jpeg));
  picture.exif_orientation = exif_orientation(picture.metadata.exif);
  return picture;
}

}  // namespace sightline::media
