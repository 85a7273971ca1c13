#include "sight/media/video_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sight/media/test_clips.h"

namespace sightline::media {
namespace {

using ::testing::HasSubstr;
using testing::make_clip;
using testing::pattern;

struct ReadResult {
  VideoInfo info;
  std::vector<std::int64_t> pts;
  std::vector<VideoFrame> frames;
  std::string damage;
  std::string error;
};

ReadResult read_all(const std::filesystem::path& path, int threads = 2) {
  ReadResult result;
  auto reader = VideoReader::open(path, threads);
  if (!reader) {
    result.error = reader.error().message;
    return result;
  }
  result.info = reader->info();
  while (true) {
    auto frame = reader->next();
    if (!frame) {
      result.error = frame.error().message;
      break;
    }
    if (!*frame) break;
    result.pts.push_back((*frame)->pts());
    if (result.frames.size() < 3) result.frames.push_back(**frame);
  }
  result.damage = reader->damage();
  return result;
}

struct Format {
  const char* name;
  const char* arguments;
  const char* codec;
  int bit_depth;
};

void PrintTo(const Format& format, std::ostream* out) {
  *out << format.name;
}

class Formats : public ::testing::TestWithParam<Format> {};

TEST_P(Formats, EveryFrameHasItsTime) {
  const Format& format = GetParam();
  const auto path = make_clip(format.name, pattern("160x90", "0.6") + format.arguments);
  const ReadResult read = read_all(path);
  ASSERT_EQ(read.error, "");
  EXPECT_EQ(read.damage, "");
  EXPECT_EQ(read.pts.size(), 15U);
  EXPECT_EQ(read.pts, testing::ffprobe_pts(path));
  EXPECT_EQ(read.info.codec, format.codec);
  EXPECT_EQ(read.info.bit_depth, format.bit_depth);
  EXPECT_EQ(read.info.stored_size, (Size{160, 90}));
  EXPECT_EQ(read.info.orientation, Orientation{});
  EXPECT_NEAR(read.info.frame_rate.value(), 25, 0.01);
  EXPECT_NEAR(static_cast<double>(read.info.frame_count), 15, 2);
}

constexpr const char* kX264 = "-c:v libx264 -preset ultrafast -bf 2 -pix_fmt yuv420p";
INSTANTIATE_TEST_SUITE_P(
    Containers, Formats,
    ::testing::Values(
        Format{"h264.mp4", kX264, "h264", 8}, Format{"h264.mov", kX264, "h264", 8},
        Format{"h264.mkv", kX264, "h264", 8}, Format{"h264.ts", kX264, "h264", 8},
        Format{"h264.flv", kX264, "h264", 8},
        Format{"h264-422.mp4", "-c:v libx264 -preset ultrafast -pix_fmt yuv422p", "h264", 8},
        Format{"h264-10.mp4", "-c:v libx264 -preset ultrafast -pix_fmt yuv420p10", "h264", 10},
        Format{"h264-fragments.mp4",
               "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -movflags frag_keyframe", "h264", 8},
        Format{"hevc.mp4", "-c:v libx265 -preset ultrafast -x265-params log-level=0 -pix_fmt yuv420p10 -bf 2",
               "hevc", 10},
        Format{"hevc.mkv", "-c:v libx265 -preset ultrafast -x265-params log-level=0 -pix_fmt yuv420p", "hevc",
               8},
        Format{"hevc.ts", "-c:v libx265 -preset ultrafast -x265-params log-level=0 -pix_fmt yuv420p", "hevc",
               8},
        Format{"vp8.webm", "-c:v libvpx -deadline realtime -cpu-used 8", "vp8", 8},
        Format{"vp9.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -pix_fmt yuv420p", "vp9", 8},
        Format{"vp9.mp4", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -pix_fmt yuv420p", "vp9", 8},
        Format{"av1.mp4", "-c:v libaom-av1 -usage realtime -cpu-used 8 -pix_fmt yuv420p", "av1", 8},
        Format{"av1.mkv", "-c:v libaom-av1 -usage realtime -cpu-used 8 -pix_fmt yuv420p", "av1", 8},
        Format{"mpeg4.mp4", "-c:v mpeg4 -bf 2", "mpeg4", 8}, Format{"mpeg4.avi", "-c:v mpeg4", "mpeg4", 8}));

}  // namespace
}  // namespace sightline::media
