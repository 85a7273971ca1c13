#include "sight/media/video_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sight/media/clip_testing.h"

namespace sightline::media {
namespace {

using test::bytes_of_file;
using test::ClipRead;
using test::make_clip;
using test::pattern;
using test::read_clip;
using test::write_bytes;

struct ReaderFormat {
  const char* name;
  const char* arguments;
  const char* codec;
  int bit_depth;
};

void PrintTo(const ReaderFormat& format, std::ostream* out) {
  *out << format.name;
}

class Formats : public ::testing::TestWithParam<ReaderFormat> {};

TEST_P(Formats, EveryFrameHasItsTime) {
  const ReaderFormat& format = GetParam();
  const auto path = make_clip(format.name, pattern("160x90", "0.6") + format.arguments);
  const ClipRead read = read_clip(path);
  ASSERT_EQ(read.message(), "");
  EXPECT_EQ(read.damage, "");
  EXPECT_EQ(read.pts.size(), 15U);
  EXPECT_EQ(read.pts, test::ffprobe_pts(path));
  EXPECT_EQ(read.info.codec, format.codec);
  EXPECT_EQ(read.info.bit_depth, format.bit_depth);
  EXPECT_EQ(read.info.stored_size, (Size{160, 90}));
  EXPECT_EQ(read.info.orientation, Orientation{});
  EXPECT_NEAR(read.info.frame_rate.value(), 25, 0.01);
  EXPECT_NEAR(static_cast<double>(read.info.frame_count), 15, 2);
}

constexpr const char* kX264WithBFrames = "-c:v libx264 -preset ultrafast -bf 2 -pix_fmt yuv420p";
INSTANTIATE_TEST_SUITE_P(
    Containers, Formats,
    ::testing::Values(
        ReaderFormat{"h264.mp4", kX264WithBFrames, "h264", 8},
        ReaderFormat{"h264.mov", kX264WithBFrames, "h264", 8},
        ReaderFormat{"h264.mkv", kX264WithBFrames, "h264", 8},
        ReaderFormat{"h264.ts", kX264WithBFrames, "h264", 8},
        ReaderFormat{"h264.flv", kX264WithBFrames, "h264", 8},
        ReaderFormat{"h264-422.mp4", "-c:v libx264 -preset ultrafast -pix_fmt yuv422p", "h264", 8},
        ReaderFormat{"h264-10.mp4", "-c:v libx264 -preset ultrafast -pix_fmt yuv420p10", "h264", 10},
        ReaderFormat{"h264-fragments.mp4",
                     "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -movflags frag_keyframe", "h264", 8},
        ReaderFormat{"hevc.mp4",
                     "-c:v libx265 -preset ultrafast -x265-params log-level=0 -pix_fmt yuv420p10 -bf 2",
                     "hevc", 10},
        ReaderFormat{"hevc.mkv", "-c:v libx265 -preset ultrafast -x265-params log-level=0 -pix_fmt yuv420p",
                     "hevc", 8},
        ReaderFormat{"hevc.ts", "-c:v libx265 -preset ultrafast -x265-params log-level=0 -pix_fmt yuv420p",
                     "hevc", 8},
        ReaderFormat{"vp8.webm", "-c:v libvpx -deadline realtime -cpu-used 8", "vp8", 8},
        ReaderFormat{"vp9.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -pix_fmt yuv420p", "vp9", 8},
        ReaderFormat{"vp9.mp4", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -pix_fmt yuv420p", "vp9", 8},
        ReaderFormat{"av1.mp4", "-c:v libaom-av1 -usage realtime -cpu-used 8 -pix_fmt yuv420p", "av1", 8},
        ReaderFormat{"av1.mkv", "-c:v libaom-av1 -usage realtime -cpu-used 8 -pix_fmt yuv420p", "av1", 8},
        ReaderFormat{"mpeg4.mp4", "-c:v mpeg4 -bf 2", "mpeg4", 8},
        ReaderFormat{"mpeg4.avi", "-c:v mpeg4", "mpeg4", 8}));

const std::string kSmallX264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p ";

std::filesystem::path small_h264() {
  static const auto path = make_clip("small.mp4", pattern("160x90", "0.4") + kSmallX264);
  return path;
}

TEST(VideoReader, VariableFrameRateKeepsEveryTime) {
  for (const std::string name : {"vfr.mp4", "vfr.mkv", "vfr.ts"}) {
    const auto path = make_clip(name, pattern("160x90", "0.8") +
                                          "-vf settb=1/1000,setpts='(N+0.4*mod(N\\,3)+5*floor(N/7))*0.04/TB' "
                                          "-fps_mode passthrough -enc_time_base 1:1000 " +
                                          "-bf 2 " + kSmallX264);
    const ClipRead read = read_clip(path);
    ASSERT_EQ(read.message(), "");
    EXPECT_EQ(read.pts.size(), 20U) << name;
    EXPECT_EQ(read.pts, test::ffprobe_pts(path)) << name;
    EXPECT_NE(read.pts[2] - read.pts[1], read.pts[3] - read.pts[2]) << name;
  }
}

TEST(VideoReader, PicturesWithoutTimesGetThemFromTheRate) {
  const auto raw = make_clip("raw.h264", pattern("160x90", "0.4") + "-bf 2 " + kSmallX264);
  const auto avi = make_clip("b-frames.avi", pattern("160x90", "0.4") + "-c:v mpeg4 -bf 2");
  for (const auto& path : {raw, avi}) {
    const ClipRead read = read_clip(path);
    ASSERT_EQ(read.message(), "");
    ASSERT_EQ(read.pts.size(), 10U) << path;
    for (std::size_t i = 1; i < read.pts.size(); ++i) {
      EXPECT_NEAR(static_cast<double>(read.pts[i] - read.pts[i - 1]) * read.info.time_base.value(), 0.04,
                  1e-6)
          << path << " at " << i;
    }
  }
}

TEST(VideoReader, JoinedRecordingsGoOnAtTheirRate) {
  make_clip("one.ts", pattern("160x90", "0.4") + kSmallX264);
  test::output_of("cat one.ts one.ts > joined.ts");
  const ClipRead read = read_clip(test::clip_folder() / "joined.ts");
  ASSERT_EQ(read.message(), "");
  ASSERT_EQ(read.pts.size(), 20U);
  for (std::size_t i = 1; i < read.pts.size(); ++i) EXPECT_EQ(read.pts[i] - read.pts[i - 1], 3600) << i;
}

TEST(VideoReader, OddSizesAreNotRounded) {
  const std::string even = pattern("642x362", "0.2") + "-vf crop=640:361:1:1:exact=1 ";
  for (const auto& [name, codec] :
       {std::pair<std::string, std::string>{"odd.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8"},
        {"odd-av1.mp4", "-c:v libaom-av1 -usage realtime -cpu-used 8"},
        {"odd-mpeg4.mp4", "-c:v mpeg4"}}) {
    const ClipRead read = read_clip(make_clip(name, even + codec));
    ASSERT_EQ(read.message(), "") << name;
    EXPECT_EQ(read.info.stored_size, (Size{640, 361})) << name;
    EXPECT_EQ(read.head.at(0).stored_size(), (Size{640, 361})) << name;
    EXPECT_EQ(read.head.at(0).plane(1).height, 181) << name;
  }
}

TEST(VideoReader, NonSquarePixelsAndColourTags) {
  const auto path =
      make_clip("sar.mp4", pattern("160x90", "0.2") + "-vf setsar=16/11 -color_range pc -colorspace bt709 " +
                               kSmallX264);
  const ClipRead read = read_clip(path);
  EXPECT_EQ(read.info.sample_aspect, (Rational{16, 11}));
  EXPECT_TRUE(read.head.at(0).full_range());
  EXPECT_EQ(read_clip(small_h264()).info.sample_aspect, (Rational{1, 1}));
  EXPECT_FALSE(read_clip(small_h264()).head.at(0).full_range());
}

/// Replaces the display matrix of the first track header (ISO/IEC 14496-12, 8.3.2, version 0).
std::filesystem::path with_matrix(const std::string& name, int a, int b, int c, int d) {
  auto bytes = bytes_of_file(small_h264());
  const std::string type = "tkhd";
  const auto found = std::search(bytes.begin(), bytes.end(), type.begin(), type.end());
  EXPECT_NE(found, bytes.end());
  std::uint8_t* matrix = &*found + 44;
  const int values[9] = {a * 65536, b * 65536, 0, c * 65536, d * 65536, 0, 0, 0, 1 << 30};
  for (int i = 0; i < 36; ++i) {
    matrix[i] = static_cast<std::uint8_t>(static_cast<std::uint32_t>(values[i / 4]) >> (24 - 8 * (i % 4)));
  }
  return write_bytes(name, bytes);
}

/// The first picture, turned, has the very samples that ffmpeg shows of it.
void expect_shown_as_by_ffmpeg(const std::filesystem::path& path, const ClipRead& read) {
  const LumaImage shown = displayed_luma(read.head.at(0), read.info.orientation, 0);
  const std::string arguments = "-i '" + path.string() + "' -frames:v 1 -pix_fmt yuv420p -f rawvideo";
  auto wanted = bytes_of_file(make_clip("turned.yuv", arguments));
  ASSERT_EQ(wanted.size(), shown.pixels.size() * 3 / 2) << path;
  wanted.resize(shown.pixels.size());
  EXPECT_TRUE(wanted == shown.pixels) << path;
}

TEST(VideoReader, OrientationIsWhatFfmpegShows) {
  // A stored pixel (x, y) is shown at (a x + c y, b x + d y): EXIF orientations 1 to 8 in turn.
  const int matrices[8][4] = {{1, 0, 0, 1}, {-1, 0, 0, 1}, {-1, 0, 0, -1}, {1, 0, 0, -1},
                              {0, 1, 1, 0}, {0, 1, -1, 0}, {0, -1, -1, 0}, {0, -1, 1, 0}};
  for (int exif = 1; exif <= 8; ++exif) {
    const int* m = matrices[exif - 1];
    const auto path = with_matrix("turned-" + std::to_string(exif) + ".mp4", m[0], m[1], m[2], m[3]);
    const ClipRead read = read_clip(path);
    ASSERT_EQ(read.message(), "");
    EXPECT_EQ(read.info.orientation, orientation_from_exif(exif)) << exif;
    expect_shown_as_by_ffmpeg(path, read);
  }
}

TEST(VideoReader, RotateTagIsWhatFfmpegShows) {
  for (const int degrees : {90, 180, 270}) {
    const auto path =
        make_clip("rotate.mp4", "-i '" + small_h264().string() +
                                    "' -c copy -metadata:s:v rotate=" + std::to_string(degrees));
    const ClipRead read = read_clip(path);
    EXPECT_NE(read.info.orientation, Orientation{}) << degrees;
    expect_shown_as_by_ffmpeg(path, read);
    EXPECT_EQ(read.info.displayed_size(), degrees == 180 ? (Size{160, 90}) : (Size{90, 160})) << degrees;
  }
}

TEST(VideoReader, FramesHiddenByAnEditListAreNotDelivered) {
  const auto whole = make_clip("whole.mp4", pattern("160x90", "2") + kSmallX264 + "-g 25 -bf 2");
  const auto cut = make_clip("edited.mp4", "-ss 0.5 -i '" + whole.string() + "' -c copy");
  const ClipRead read = read_clip(cut);
  ASSERT_EQ(read.message(), "");
  EXPECT_EQ(read.pts, test::ffprobe_pts(cut));
  // Packets start at the keyframe at 0; the edit list hides what lies before 0.5 s.
  EXPECT_LT(read.pts.size(), 42U);
  EXPECT_GT(read.pts.size(), 30U);
  EXPECT_NEAR(static_cast<double>(read.info.frame_count), static_cast<double>(read.pts.size()), 3);
  EXPECT_EQ(read.damage, "");
}

TEST(VideoReader, TheCoverPictureIsNotTheClip) {
  const auto cover = make_clip("cover.jpg", "-f lavfi -i color=red:size=640x640 -frames:v 1 -update 1");
  const auto path = make_clip("covered.mp4", "-i '" + cover.string() + "' -i '" + small_h264().string() +
                                                 "' -map 0 -map 1 -c copy -disposition:v:0 attached_pic");
  const ClipRead read = read_clip(path);
  ASSERT_EQ(read.message(), "");
  EXPECT_EQ(read.info.stored_size, (Size{160, 90}));
  EXPECT_EQ(read.pts.size(), 10U);
}

TEST(VideoReader, ToneMetadataIsReported) {
  const std::string hdr =
      "-pix_fmt yuv420p10le -c:v libx265 -preset ultrafast -x265-params log-level=0:hdr10=1:max-cll=1000,400:"
      "master-display='G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)'";
  EXPECT_TRUE(read_clip(make_clip("hdr.mp4", pattern("160x90", "0.2") + hdr)).info.tone_metadata);
  EXPECT_FALSE(read_clip(small_h264()).info.tone_metadata);
}

TEST(VideoReader, SoundDoesNotGetInTheWay) {
  const auto path = make_clip(
      "sound.mkv", pattern("160x90", "0.4") + "-f lavfi -i sine=duration=3 " + kSmallX264 + "-c:a aac");
  const ClipRead read = read_clip(path);
  EXPECT_EQ(read.pts, test::ffprobe_pts(path));
  EXPECT_EQ(read.damage, "") << "sound that goes on longer is no damage";
}

TEST(VideoReader, ThreadsDoNotChangeThePictures) {
  const ClipRead one = read_clip(small_h264(), 1);
  const ClipRead many = read_clip(small_h264(), 4);
  EXPECT_EQ(one.pts, many.pts);
  ASSERT_EQ(one.head.size(), many.head.size());
  for (std::size_t i = 0; i < one.head.size(); ++i) {
    EXPECT_EQ(displayed_luma(one.head[i], {}, 0).pixels, displayed_luma(many.head[i], {}, 0).pixels);
  }
}

TEST(VideoReader, ANameIsOnlyAName) {
  // Names that libav would take for something else than a file: a protocol, a list, a pattern.
  for (const std::string name : {"concat:a.mp4", "http:x.mp4", "frame%03d.png", "it's a ä clip.txt"}) {
    const ClipRead read = read_clip(write_bytes(name, bytes_of_file(small_h264())));
    EXPECT_EQ(read.message(), "") << name;
    EXPECT_EQ(read.pts.size(), 10U) << name;
  }
}

}  // namespace
}  // namespace sightline::media
