// Writing JPEG: whole pictures from samples, and pictures that keep the input's coefficients wherever
// nothing was painted.

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <cstring>

#include "sight/media/jpeg.h"
#include "sight/media/jpeg_error.h"
#include "sight/media/jpeg_mcu.h"

namespace sightline::media {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t kMaxSegment = 65'533;
constexpr int kExifMarker = JPEG_APP0 + 1;
constexpr int kPhotoshopMarker = JPEG_APP0 + 13;

/// Marker payloads with their prefixes, ready to be written.
std::vector<std::pair<int, Bytes>> segments_of(const JpegMarkers& markers) {
  std::vector<std::pair<int, Bytes>> segments;
  const auto add = [&](int marker, std::string_view prefix, const Bytes& data) {
    if (data.empty() || prefix.size() + data.size() > kMaxSegment) return;
    Bytes segment(prefix.begin(), prefix.end());
    segment.insert(segment.end(), data.begin(), data.end());
    segments.emplace_back(marker, std::move(segment));
  };
  add(kExifMarker, "Exif\0\0"sv, markers.exif);
  add(kExifMarker, "http://ns.adobe.com/xap/1.0/\0"sv, markers.xmp);
  add(kPhotoshopMarker, "Photoshop 3.0\0"sv, markers.iptc);
  for (const Bytes& comment : markers.comments) add(JPEG_COM, "", comment);
  return segments;
}

/// Runs between start and the first row or scan. Nothing here has a destructor.
void write_markers(JpegWriter& writer, const std::vector<std::pair<int, Bytes>>& segments, const Bytes& icc) {
  for (const auto& [marker, data] : segments) {
    jpeg_write_marker(&writer.info, marker, data.data(), static_cast<unsigned>(data.size()));
  }
  if (!icc.empty()) jpeg_write_icc_profile(&writer.info, icc.data(), static_cast<unsigned>(icc.size()));
}

J_COLOR_SPACE samples_space(int channels) {
  if (channels == 1) return JCS_GRAYSCALE;
  return channels == 4 ? JCS_CMYK : JCS_RGB;
}

void set_coding(JpegWriter& writer, const PlaneView& view, const JpegCoding& coding) {
  jpeg_compress_struct& info = writer.info;
  info.image_width = static_cast<JDIMENSION>(view.width);
  info.image_height = static_cast<JDIMENSION>(view.height);
  info.input_components = view.channels;
  info.in_color_space = samples_space(view.channels);
  jpeg_set_defaults(&info);
  jpeg_set_colorspace(&info, static_cast<J_COLOR_SPACE>(coding.color_space));
  for (std::size_t i = 0; i < coding.tables.size(); ++i) {
    JQUANT_TBL*& table = info.quant_tbl_ptrs[i];
    if (table == nullptr) table = jpeg_alloc_quant_table(reinterpret_cast<j_common_ptr>(&info));
    std::ranges::copy(coding.tables[i], table->quantval);
    table->sent_table = FALSE;
  }
  for (std::size_t i = 0; i < coding.components.size(); ++i) {
    info.comp_info[i].h_samp_factor = coding.components[i].h_samples;
    info.comp_info[i].v_samp_factor = coding.components[i].v_samples;
    info.comp_info[i].quant_tbl_no = coding.components[i].table;
  }
  info.dct_method = JDCT_ISLOW;
}

/// What the container around the coefficients looks like, in both ways of writing.
void set_stream(JpegWriter& writer, const JpegCoding& coding) {
  jpeg_compress_struct& info = writer.info;
  info.optimize_coding = TRUE;
  info.restart_interval = coding.restart_interval;
  if (coding.progressive) jpeg_simple_progression(&info);
  if (coding.color_space == JCS_CMYK) info.write_Adobe_marker = coding.adobe_marker ? TRUE : FALSE;
  if (coding.jfif) {
    info.density_unit = coding.density_unit;
    info.X_density = coding.x_density;
    info.Y_density = coding.y_density;
  }
}

/// `scratch` holds a row where the samples must be inverted, else it is empty.
void write_rows(JpegWriter& writer, const PlaneView& view, Bytes& scratch) {
  while (writer.info.next_scanline < writer.info.image_height) {
    JSAMPROW row = view.row(static_cast<int>(writer.info.next_scanline));
    if (!scratch.empty()) {
      for (std::size_t i = 0; i < scratch.size(); ++i) scratch[i] = static_cast<std::uint8_t>(255 - row[i]);
      row = scratch.data();
    }
    jpeg_write_scanlines(&writer.info, &row, 1);
  }
  jpeg_finish_compress(&writer.info);
}

Bytes row_scratch(const PlaneView& view, const JpegCoding& coding) {
  const bool inverted = view.channels == 4 && coding.adobe_marker;
  return Bytes(inverted ? static_cast<std::size_t>(view.width) * 4 : 0);
}

Bytes taken(const JpegWriter& writer) {
  return Bytes(writer.memory, writer.memory + writer.size);
}

Result<Bytes> encode_samples(const PictureData& picture, const JpegMarkers& markers) {
  JpegErrors errors(JpegErrors::Warnings::ignore);
  JpegWriter writer(errors);
  const PlaneView view = picture.samples.view();
  const auto segments = segments_of(markers);
  Bytes scratch = row_scratch(view, picture.jpeg);
  if (!errors.run([&] {
        writer.create();
        set_coding(writer, view, picture.jpeg);
        set_stream(writer, picture.jpeg);
        jpeg_start_compress(&writer.info, TRUE);
        write_markers(writer, segments, markers.icc);
        write_rows(writer, view, scratch);
      })) {
    return std::unexpected(errors.error(picture.name));
  }
  return taken(writer);
}

/// The MCUs whose samples differ from the input's, and the smallest rectangle around them.
struct Changes {
  Size grid;
  std::vector<char> changed;
  int left = INT_MAX;
  int top = INT_MAX;
  int right = 0;  ///< one past
  int bottom = 0;
  [[nodiscard]] bool any() const { return right > left; }
};

Changes find_changes(const PictureData& picture, Size mcu) {
  Changes changes;
  const PlaneView view = picture.samples.view();
  changes.grid = mcu_grid({view.width, view.height}, mcu);
  const std::vector<std::uint64_t> now = hash_mcus(view, mcu);
  changes.changed.resize(now.size());
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (now[i] == picture.jpeg.mcu_hashes[i]) continue;
    changes.changed[i] = 1;
    const int x = static_cast<int>(i % static_cast<std::size_t>(changes.grid.width));
    const int y = static_cast<int>(i / static_cast<std::size_t>(changes.grid.width));
    changes.left = std::min(changes.left, x);
    changes.right = std::max(changes.right, x + 1);
    changes.top = std::min(changes.top, y);
    changes.bottom = std::max(changes.bottom, y + 1);
  }
  return changes;
}

PlaneView part_of(PlaneView view, const Changes& changes, Size mcu) {
  const int x = changes.left * mcu.width;
  const int y = changes.top * mcu.height;
  view.data = view.row(y) + std::ptrdiff_t{x} * view.channels;
  view.width = std::min(view.width, changes.right * mcu.width) - x;
  view.height = std::min(view.height, changes.bottom * mcu.height) - y;
  return view;
}

jvirt_barray_ptr* open_coefficients(JpegReader& reader, const unsigned char* bytes, std::size_t size) {
  reader.create();
  jpeg_mem_src(&reader.info, bytes, size);
  jpeg_read_header(&reader.info, TRUE);
  return jpeg_read_coefficients(&reader.info);
}

/// Copies the blocks of the changed MCUs. `patch` holds the rectangle around them.
void splice(JpegReader& whole, jvirt_barray_ptr* into, JpegReader& patch, jvirt_barray_ptr* from,
            const Changes& changes) {
  const auto common = [](JpegReader& reader) { return reinterpret_cast<j_common_ptr>(&reader.info); };
  for (int c = 0; c < whole.info.num_components; ++c) {
    const int h = whole.info.comp_info[c].h_samp_factor;
    const auto v = static_cast<JDIMENSION>(whole.info.comp_info[c].v_samp_factor);
    for (int y = changes.top; y < changes.bottom; ++y) {
      JBLOCKARRAY to =
          whole.info.mem->access_virt_barray(common(whole), into[c], static_cast<JDIMENSION>(y) * v, v, TRUE);
      JBLOCKARRAY source = patch.info.mem->access_virt_barray(
          common(patch), from[c], static_cast<JDIMENSION>(y - changes.top) * v, v, FALSE);
      const char* changed = changes.changed.data() + std::size_t(y) * std::size_t(changes.grid.width);
      for (int x = changes.left; x < changes.right; ++x) {
        if (changed[x] == 0) continue;
        for (JDIMENSION row = 0; row < v; ++row) {
          std::memcpy(to[row] + x * h, source[row] + (x - changes.left) * h, sizeof(JBLOCK) * std::size_t(h));
        }
      }
    }
  }
}

Result<Bytes> encode_spliced(const PictureData& picture, const JpegMarkers& markers) {
  const Size mcu = mcu_size(picture.jpeg);
  const Changes changes = find_changes(picture, mcu);
  const PlaneView part = changes.any() ? part_of(picture.samples.view(), changes, mcu) : PlaneView{};
  const auto segments = segments_of(markers);
  Bytes scratch = row_scratch(part, picture.jpeg);
  JpegErrors errors(JpegErrors::Warnings::ignore);
  JpegReader whole(errors);
  JpegWriter patch_file(errors);
  JpegReader patch(errors);
  JpegWriter writer(errors);
  if (!errors.run([&] {
        jvirt_barray_ptr* blocks =
            open_coefficients(whole, picture.jpeg.file.data(), picture.jpeg.file.size());
        if (changes.any()) {
          patch_file.create();
          set_coding(patch_file, part, picture.jpeg);
          jpeg_start_compress(&patch_file.info, TRUE);
          write_rows(patch_file, part, scratch);
          splice(whole, blocks, patch, open_coefficients(patch, patch_file.memory, patch_file.size), changes);
        }
        writer.create();
        jpeg_copy_critical_parameters(&whole.info, &writer.info);
        set_stream(writer, picture.jpeg);
        jpeg_write_coefficients(&writer.info, blocks);
        write_markers(writer, segments, markers.icc);
        jpeg_finish_compress(&writer.info);
      })) {
    return std::unexpected(errors.error(picture.name));
  }
  return taken(writer);
}

}  // namespace

Result<JpegCoding> new_jpeg_coding(ColorModel model, int quality) {
  if (model != ColorModel::gray && model != ColorModel::rgb) {
    return fail(ErrorKind::invalid_argument, "only grey and RGB pictures are written as new JPEG files");
  }
  JpegErrors errors(JpegErrors::Warnings::ignore);
  JpegWriter writer(errors);
  JpegCoding coding;
  coding.color_space = model == ColorModel::gray ? JCS_GRAYSCALE : JCS_YCbCr;
  coding.tables.resize(model == ColorModel::gray ? 1 : 2);
  coding.components = {{2, 2, 0}, {1, 1, 1}, {1, 1, 1}};
  if (model == ColorModel::gray) coding.components = {{1, 1, 0}};
  if (!errors.run([&] {
        writer.create();
        writer.info.input_components = 3;
        writer.info.in_color_space = JCS_RGB;
        jpeg_set_defaults(&writer.info);
        jpeg_set_quality(&writer.info, quality, TRUE);
      })) {
    return std::unexpected(errors.error("new JPEG"));
  }
  for (std::size_t i = 0; i < coding.tables.size(); ++i) {
    std::ranges::copy(writer.info.quant_tbl_ptrs[i]->quantval, coding.tables[i].begin());
  }
  return coding;
}

Result<Bytes> encode_jpeg(const PictureData& picture, const JpegMarkers& markers) {
  if (!picture.jpeg.mcu_hashes.empty()) {
    // Fails on streams that change a quantisation table between scans, for one: those are coded anew.
    if (auto spliced = encode_spliced(picture, markers)) return spliced;
  }
  return encode_samples(picture, markers);
}

}  // namespace sightline::media
