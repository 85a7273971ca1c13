#include "sight/media/webp.h"

#include <cstdlib>
#include <memory>

#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include <fmt/format.h>

#include "sight/media/exif.h"

namespace sightline::media {
namespace {

constexpr int kMaxSide = 16'383;
/// docs/benchmarks/pictures.md has the measurement behind it.
constexpr float kLossyQuality = 90;
constexpr float kLosslessEffort = 50;

struct DemuxDelete {
  void operator()(WebPDemuxer* demux) const { WebPDemuxDelete(demux); }
};
struct MuxDelete {
  void operator()(WebPMux* mux) const { WebPMuxDelete(mux); }
};
using Demux = std::unique_ptr<WebPDemuxer, DemuxDelete>;
using Mux = std::unique_ptr<WebPMux, MuxDelete>;

struct EncoderPicture {
  EncoderPicture() { valid = WebPPictureInit(&raw) != 0; }
  EncoderPicture(const EncoderPicture&) = delete;
  EncoderPicture& operator=(const EncoderPicture&) = delete;
  ~EncoderPicture() { WebPPictureFree(&raw); }
  WebPPicture raw{};
  bool valid = false;
};

struct MemoryWriter {
  MemoryWriter() { WebPMemoryWriterInit(&raw); }
  MemoryWriter(const MemoryWriter&) = delete;
  MemoryWriter& operator=(const MemoryWriter&) = delete;
  ~MemoryWriter() { WebPMemoryWriterClear(&raw); }
  WebPMemoryWriter raw{};
};

struct MuxOutput {
  MuxOutput() { WebPDataInit(&raw); }
  MuxOutput(const MuxOutput&) = delete;
  MuxOutput& operator=(const MuxOutput&) = delete;
  ~MuxOutput() { WebPDataClear(&raw); }
  WebPData raw{};
};

std::span<const std::uint8_t> chunk_of(const WebPDemuxer* demux, const char* fourcc) {
  WebPChunkIterator iterator{};
  std::span<const std::uint8_t> found;
  if (WebPDemuxGetChunk(demux, fourcc, 1, &iterator) != 0)
    found = {iterator.chunk.bytes, iterator.chunk.size};
  WebPDemuxReleaseChunkIterator(&iterator);
  return found;  // points into the file
}

void collect_metadata(const WebPDemuxer* demux, PictureData& picture) {
  picture.metadata.icc = clean_icc(chunk_of(demux, "ICCP"));
  const auto exif = without_exif_prefix(chunk_of(demux, "EXIF"));
  picture.metadata.exif.assign(exif.begin(), exif.end());
  const auto xmp = chunk_of(demux, "XMP ");
  picture.metadata.xmp.assign(xmp.begin(), xmp.end());
  picture.exif_orientation = exif_orientation(picture.metadata.exif);
}

Result<void> add_chunk(WebPMux* mux, const char* fourcc, const Bytes& data, std::string_view name) {
  if (data.empty()) return {};
  const WebPData chunk{data.data(), data.size()};
  if (WebPMuxSetChunk(mux, fourcc, &chunk, 1) == WEBP_MUX_OK) return {};
  return fail(ErrorKind::internal, fmt::format("{}: cannot write the {} chunk of the WebP", name, fourcc));
}

Result<Bytes> with_chunks(const WebPMemoryWriter& coded, const WebpExtras& extras, std::string_view name) {
  if (extras.icc.empty() && extras.exif.empty() && extras.xmp.empty()) {
    return Bytes(coded.mem, coded.mem + coded.size);
  }
  const Mux mux(WebPMuxNew());
  const WebPData image{coded.mem, coded.size};
  if (!mux || WebPMuxSetImage(mux.get(), &image, 0) != WEBP_MUX_OK) {
    return fail(ErrorKind::internal, fmt::format("{}: cannot put the WebP together", name));
  }
  TRY(add_chunk(mux.get(), "ICCP", extras.icc, name));
  TRY(add_chunk(mux.get(), "EXIF", extras.exif, name));
  TRY(add_chunk(mux.get(), "XMP ", extras.xmp, name));
  MuxOutput output;
  if (WebPMuxAssemble(mux.get(), &output.raw) != WEBP_MUX_OK) {
    return fail(ErrorKind::internal, fmt::format("{}: cannot put the WebP together", name));
  }
  return Bytes(output.raw.bytes, output.raw.bytes + output.raw.size);
}

}  // namespace

Result<PictureData> decode_webp(std::span<const std::uint8_t> file, std::string_view name,
                                const PictureLimits& limits) {
  WebPBitstreamFeatures features{};
  const VP8StatusCode status = WebPGetFeatures(file.data(), file.size(), &features);
  if (status != VP8_STATUS_OK) {
    return std::unexpected(corrupt_picture(
        name, "WebP", status == VP8_STATUS_NOT_ENOUGH_DATA ? "the file ends too early" : "a bad header"));
  }
  if (features.has_animation != 0) {
    return fail(
        ErrorKind::unsupported,
        fmt::format("{}: animated WebP is not supported as a picture; convert it to a clip first, for "
                    "example to mp4",
                    name));
  }
  TRY(check_picture_size(features.width, features.height, limits, name));
  const WebPData data{file.data(), file.size()};
  const Demux demux(WebPDemux(&data));
  if (!demux)
    return std::unexpected(corrupt_picture(name, "WebP", "the file ends too early or its chunks are broken"));

  PictureData picture;
  picture.format = PictureFormat::webp;
  picture.name = name;
  picture.webp.lossless = features.format == 2;
  picture.model = features.has_alpha != 0 ? ColorModel::rgb_alpha : ColorModel::rgb;
  picture.samples =
      TRY(SampleBuffer::create({features.width, features.height}, channel_count(picture.model), 8, name));
  const PlaneView view = picture.samples.view();
  const auto* decoded = picture.model == ColorModel::rgb
                            ? WebPDecodeRGBInto(file.data(), file.size(), view.data,
                                                picture.samples.byte_count(), static_cast<int>(view.stride))
                            : WebPDecodeRGBAInto(file.data(), file.size(), view.data,
                                                 picture.samples.byte_count(), static_cast<int>(view.stride));
  if (decoded == nullptr)
    return std::unexpected(corrupt_picture(name, "WebP", "bad or missing picture data"));
  collect_metadata(demux.get(), picture);
  return picture;
}

Result<Bytes> encode_webp(const PictureData& picture, const WebpExtras& extras) {
  const PlaneView view = picture.samples.view();
  const bool rgb = picture.model == ColorModel::rgb;
  if ((!rgb && picture.model != ColorModel::rgb_alpha) || view.bit_depth != 8) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("{}: only 8-bit RGB pictures are written as WebP", picture.name));
  }
  if (view.width > kMaxSide || view.height > kMaxSide) {
    return fail(ErrorKind::too_large,
                fmt::format("{}: WebP holds at most {} pixels a side; write a PNG", picture.name, kMaxSide));
  }
  WebPConfig config{};
  EncoderPicture encoder;
  MemoryWriter writer;
  if (!encoder.valid || WebPConfigInit(&config) == 0) {
    return fail(ErrorKind::unavailable, "this libwebp does not suit the one that the program was built with");
  }
  config.lossless = picture.webp.lossless ? 1 : 0;
  config.exact = 1;  // keeps the colour of invisible pixels
  config.quality = picture.webp.lossless ? kLosslessEffort : kLossyQuality;
  encoder.raw.use_argb = config.lossless;
  encoder.raw.width = view.width;
  encoder.raw.height = view.height;
  encoder.raw.writer = WebPMemoryWrite;
  encoder.raw.custom_ptr = &writer.raw;
  const int stride = static_cast<int>(view.stride);
  const int imported = rgb ? WebPPictureImportRGB(&encoder.raw, view.data, stride)
                           : WebPPictureImportRGBA(&encoder.raw, view.data, stride);
  if (imported == 0 || WebPEncode(&config, &encoder.raw) == 0) {
    return fail(ErrorKind::too_large, fmt::format("{}: cannot code the WebP (libwebp error {})", picture.name,
                                                  static_cast<int>(encoder.raw.error_code)));
  }
  return with_chunks(writer.raw, extras, picture.name);
}

}  // namespace sightline::media
