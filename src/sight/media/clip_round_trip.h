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
  int chunk_frames = 0;     ///< 0: one chunk
  int threads = 1;          ///< of the decoder and of the encoder
  bool all_videos = false;  ///< not only the main video track
  std::stop_token stop;
};

/// One video track read and encoded; `from` and `to` of the settings are in its own ticks.
inline Result<EncodedVideo> encode_unpainted(VideoReader& reader, const EncoderChoice& choice,
                                             const RoundTripSettings& settings) {
  EncodedVideo video;
  video.info = reader.info();
  video.choice = choice;
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
  video.packets = [packets = std::move(packets),
                   next = std::size_t{0}]() mutable -> Result<std::optional<EncodedPacket>> {
    if (next == packets.size()) return std::nullopt;
    return packets[next++];
  };
  return video;
}

/// Reads, encodes and writes a clip unpainted: the whole path of an anonymised clip but for the paint.
inline Result<RoundTrip> round_trip(const std::filesystem::path& input, const std::filesystem::path& output,
                                    RoundTripSettings settings = {}) {
  const int first = settings.all_videos ? 1 : 0;
  int last = first;
  RoundTrip result;
  std::vector<EncodedVideo> videos;
  for (int track = first; track <= last; ++track) {
    VideoReader reader = TRY(VideoReader::open(input, settings.threads, track));
    if (settings.all_videos) last = reader.info().tracks;
    result.container = TRY(output_container(reader.info(), output));
    result.choice = TRY(choose_encoder(reader.info(), settings.encoder, result.container.muxer));
    videos.push_back(TRY(encode_unpainted(reader, result.choice, settings)));
  }
  result.notes = TRY(write_clip(input, videos, result.container, settings.mux, output, settings.stop));
  return result;
}

}  // namespace sightline::media
