#include "sight/media/clip_muxer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sight/media/clip_test_support.h"

namespace sightline::media {
namespace {

using ::testing::HasSubstr;

constexpr const char* kPicture = "-f lavfi -i testsrc2=s=96x64:r=25:d=1";
constexpr const char* kTone = "-f lavfi -i sine=r=44100:d=1";
constexpr const char* kX264 = " -c:v libx264 -preset veryfast -g 12 -bf 2 ";

RoundTripSettings fast() {
  RoundTripSettings settings;
  settings.encoder.preset = "veryfast";
  return settings;
}

/// Every picture decodes, at its time, and nothing is damaged.
void expect_playable(const std::string& file) {
  auto reader = VideoReader::open(file, 1);
  ASSERT_TRUE(reader) << reader.error().message;
  std::size_t frames = 0;
  for (;;) {
    const auto frame = reader->next();
    ASSERT_TRUE(frame) << frame.error().message;
    if (!*frame) break;
    ++frames;
  }
  EXPECT_EQ(reader->damage(), "") << file;
  EXPECT_EQ(frames, packets_of(file, AVMEDIA_TYPE_VIDEO).times.size());
}

void expect_same_sound(const std::string& output, const std::string& input, int number = 0) {
  const TrackPackets sound = packets_of(input, AVMEDIA_TYPE_AUDIO, number);
  EXPECT_EQ(packets_of(output, AVMEDIA_TYPE_AUDIO, number).packets, sound.packets);
}

struct Case {
  std::string name;
  std::string input;   ///< file name
  std::string make;    ///< ffmpeg's arguments before the file name
  std::string output;  ///< file name
  std::string preset = "veryfast";
};

class Times : public ::testing::TestWithParam<Case> {};

TEST_P(Times, AreThoseOfTheInput) {
  const ClipFolder folder;
  const std::string input = folder / GetParam().input;
  const std::string output = folder / GetParam().output;
  ffmpeg(GetParam().make + " " + input);
  RoundTripSettings settings = fast();
  settings.encoder.preset = GetParam().preset;
  const auto result = round_trip(input, output, settings);
  ASSERT_TRUE(result) << result.error().message;
  expect_playable(output);
  const auto times = packets_of(input, AVMEDIA_TYPE_VIDEO).times;
  EXPECT_GT(times.size(), 20U);
  EXPECT_EQ(packets_of(output, AVMEDIA_TYPE_VIDEO).times, times);
  expect_same_sound(output, input);
}

std::string both(const std::string& more) {
  return std::string(kPicture) + " " + kTone + more;
}

INSTANTIATE_TEST_SUITE_P(
    Clip, Times,
    ::testing::Values(
        Case{"mp4", "in.mp4", both(std::string(kX264) + "-c:a aac"), "out.mp4"},
        Case{"mp4_odd_scale", "in.mp4", both(" -r 30000/1001" + std::string(kX264) + "-c:a aac"), "out.mp4"},
        Case{"mp4_late_video", "in.mp4",
             std::string(kTone) + " -itsoffset 0.333 " + kPicture + " -map 0 -map 1 -copyts" + kX264 +
                 "-c:a aac",
             "out.mp4"},
        Case{"mp4_late_audio", "in.mp4",
             std::string(kPicture) + " -itsoffset 0.217 " + kTone + kX264 + "-c:a aac", "out.mp4"},
        Case{"mp4_variable", "in.mp4",
             both(" -vf setpts='PTS+mod(N*N\\,7)/100/TB' -vsync vfr -enc_time_base 1/90000" +
                  std::string(kX264) + "-c:a aac"),
             "out.mp4"},
        Case{"mov", "in.mov", both(std::string(kX264) + "-c:a pcm_s16le"), "out.mov"},
        Case{"mkv", "in.mkv", both(std::string(kX264) + "-c:a aac"), "out.mkv"},
        Case{"mkv_variable", "in.mkv",
             both(" -vf setpts='PTS+mod(N*N\\,7)/100/TB' -vsync vfr" + std::string(kX264) + "-c:a libopus"),
             "out.mkv"},
        Case{"webm", "in.webm", both(" -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus"),
             "out.webm", "5"},
        Case{"ts", "in.ts", both(std::string(kX264) + "-c:a aac"), "out.ts"},
        Case{"ts_mpeg4", "in.ts", both(" -c:v mpeg4 -c:a mp2"), "out.ts", ""},
        Case{"mp4_hevc", "in.mp4",
             both(" -c:v libx265 -preset ultrafast -x265-params log-level=none -c:a aac"), "out.mp4"},
        Case{"mp4_mpeg4_odd", "in.mp4", "-f lavfi -i testsrc2=s=97x65:r=25:d=1 -c:v mpeg4 -bf 2", "out.mp4",
             ""},
        Case{"mp4_to_mov", "in.mp4", both(std::string(kX264) + "-c:a aac"), "out.mov"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace sightline::media
