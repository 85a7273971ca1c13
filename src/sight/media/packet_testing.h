#pragma once
// For tests alone: clips made with the ffmpeg program, and what a demuxer sees in a clip.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "sight/media/clip_input.h"
#include "sight/media/clip_round_trip.h"

namespace sightline::media {

// What ffmpeg makes small clips of.
inline constexpr const char* kPicture = "-f lavfi -i testsrc2=s=96x64:r=25:d=1";
inline constexpr const char* kTone = "-f lavfi -i sine=r=44100:d=1";

/// A folder of its own for one test, removed with all it holds.
class ClipFolder {
 public:
  ClipFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sightline-clips-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ClipFolder(const ClipFolder&) = delete;
  ClipFolder& operator=(const ClipFolder&) = delete;
  ~ClipFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The command's output, standard error included where the command says so.
inline std::string shell(const std::string& command) {
  std::string output;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return "popen failed";
  std::array<char, 4096> buffer{};
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    output.append(buffer.data(), n);
  }
  const int status = ::pclose(pipe);
  EXPECT_EQ(status, 0) << command << "\n" << output;
  return output;
}

inline std::string ffmpeg(const std::string& arguments) {
  return shell("ffmpeg -nostdin -v error -y " + arguments + " 2>&1");
}

/// What ffprobe says of `entries`, a line for each.
inline std::string probe(const std::string& file, const std::string& entries) {
  return shell("ffprobe -v error -show_entries " + entries + " -of compact " + file);
}

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

}  // namespace sightline::media
