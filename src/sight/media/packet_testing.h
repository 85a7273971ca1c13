#pragma once
// For tests: what a demuxer sees in a clip.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sight/media/clip_input.h"

namespace sightline::media::test {

/// What a demuxer delivers of one track: the presentation times in seconds, sorted, and each packet's bytes.
struct TrackPackets {
  std::vector<std::string> times;
  std::vector<std::pair<std::string, Bytes>> packets;
};

/// Of the `number`th track of that type. In this process, since starting ffprobe takes longer than all of it.
inline TrackPackets packets_of(const std::string& file, AVMediaType type, int number = 0) {
  TrackPackets result;
  const auto input = open_clip(file);
  if (!input) {
    ADD_FAILURE() << input.error().message;
    return result;
  }
  AVFormatContext& context = *input->context;
  const AVStream* wanted = nullptr;
  for (unsigned i = 0; i < context.nb_streams; ++i) {
    if (context.streams[i]->codecpar->codec_type == type && number-- == 0) wanted = context.streams[i];
  }
  if (wanted == nullptr) return result;
  std::vector<std::int64_t> times;
  AvPacketPtr packet(av_packet_alloc());
  const auto seconds = [&](std::int64_t ticks) {
    return fmt::format("{:.6f}", static_cast<double>(ticks) * av_q2d(wanted->time_base));
  };
  for (; av_read_frame(&context, packet.get()) >= 0; av_packet_unref(packet.get())) {
    if (packet->stream_index != wanted->index) continue;
    times.push_back(packet->pts);
    result.packets.emplace_back(seconds(packet->pts), Bytes(packet->data, packet->data + packet->size));
  }
  std::ranges::sort(times);
  for (const std::int64_t time : times) result.times.push_back(seconds(time));
  return result;
}

}  // namespace sightline::media::test
