#pragma once
// A clip read, encoded and written without any paint: for tests and measurements, with all in memory.

#include <algorithm>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "sight/media/clip_muxer.h"
#include "sight/media/video_reader.h"

namespace sightline::media {

struct RoundTrip {
  std::vector<std::string> notes;
  OutputContainer container;
  EncoderChoice choice;
};

struct RoundTripSettings {
  EncoderSettings encoder;
  MuxSettings mux;
  int chunk_frames = 0;  ///< 0: one chunk
  int threads = 1;       ///< of the decoder and of the encoder
  std::stop_token stop;
};

/// Reads, encodes and writes a clip unpainted: the whole path of an anonymised clip but for the paint.
inline Result<RoundTrip> round_trip(const std::filesystem::path& input, const std::filesystem::path& output,
                                    RoundTripSettings settings = {}) {
  VideoReader reader = TRY(VideoReader::open(input, settings.threads));
  EncodedVideo video;
  video.info = reader.info();
  RoundTrip result;
  result.container = TRY(output_container(video.info, output));
  result.choice = video.choice = TRY(choose_encoder(video.info, settings.encoder, result.container.muxer));
  std::vector<EncodedPacket> packets;
  std::vector<EncodedPacket> chunk;
  std::optional<VideoEncoder> encoder;
  int frames = 0;
  const auto take = [&](std::vector<EncodedPacket> more) {
    for (EncodedPacket& packet : more) chunk.push_back(std::move(packet));
  };
  const auto end_chunk = [&]() -> Result<void> {
    take(TRY(encoder->flush()));
    video.reorder_depth = std::max(video.reorder_depth, reorder_depth(chunk));
    for (EncodedPacket& packet : chunk) packets.push_back(std::move(packet));
    chunk.clear();
    frames = 0;
    encoder.reset();
    return {};
  };
  for (;;) {
    const std::optional<VideoFrame> frame = TRY(reader.next());
    if (!frame) break;
    if (settings.mux.from && frame->pts() < *settings.mux.from) continue;
    if (settings.mux.to && frame->pts() >= *settings.mux.to) break;
    if (!encoder) {
      encoder = TRY(VideoEncoder::create(video.info, *frame, video.choice, settings.threads));
      video.extradata = encoder->extradata();
    }
    video.pts.push_back(frame->pts());
    take(TRY(encoder->encode(*frame)));
    if (++frames == settings.chunk_frames) TRY(end_chunk());
  }
  if (encoder) TRY(end_chunk());
  std::size_t next = 0;
  video.packets = [&]() -> Result<std::optional<EncodedPacket>> {
    if (next == packets.size()) return std::nullopt;
    return packets[next++];
  };
  result.notes = TRY(write_clip(input, video, result.container, settings.mux, output, settings.stop));
  return result;
}

}  // namespace sightline::media
