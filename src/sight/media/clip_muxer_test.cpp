#include "sight/media/clip_muxer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sight/media/clip_round_trip.h"
#include "sight/media/clip_testing.h"
#include "sight/media/packet_testing.h"

namespace sightline::media {
namespace {

using test::ClipFolder;
using test::ffmpeg;
using test::kPicture;
using test::kTone;
using test::packets_of;
using test::probe;
using test::shell;
using test::TrackPackets;
using ::testing::HasSubstr;

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
             both(" -vf settb=1/90000,setpts='PTS+mod(N*N\\,7)/100/TB' -vsync vfr -enc_time_base 1/90000" +
                  std::string(kX264) + "-c:a aac"),
             "out.mp4"},
        Case{"mov", "in.mov", both(std::string(kX264) + "-c:a pcm_s16le"), "out.mov"},
        Case{"mkv", "in.mkv", both(std::string(kX264) + "-c:a aac"), "out.mkv"},
        Case{"mkv_variable", "in.mkv",
             both(" -vf settb=1/90000,setpts='PTS+mod(N*N\\,7)/100/TB' -vsync vfr" + std::string(kX264) +
                  "-c:a libopus"),
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

/// Two sounds, subtitles and chapters: what a film holds.
void make_film(const ClipFolder& folder, const std::string& file, const std::string& subtitle_codec) {
  shell(
      "printf '1\\n00:00:00,100 --> 00:00:00,400\\nHello\\n\\n2\\n00:00:00,600 --> 00:00:00,900\\nthere\\n' "
      "> " +
      (folder / "text.srt"));
  shell(
      "printf ';FFMETADATA1\\n[CHAPTER]\\nTIMEBASE=1/1000\\nSTART=0\\nEND=400\\ntitle=Opening\\n"
      "[CHAPTER]\\nTIMEBASE=1/1000\\nSTART=400\\nEND=1000\\ntitle=Closing\\n' > " +
      (folder / "chapters.txt"));
  ffmpeg(std::string(kPicture) + " " + kTone + " -f lavfi -i sine=f=900:r=48000:d=1 -i " +
         (folder / "text.srt") + " -i " + (folder / "chapters.txt") +
         " -map 0 -map 1 -map 2 -map 3 -map_metadata 4" + kX264 + "-c:a aac -c:s " + subtitle_codec +
         " -metadata:s:a:0 language=eng -metadata:s:a:1 language=deu -metadata:s:s:0 language=fra"
         " -disposition:a:0 0 -disposition:a:1 default -disposition:s:0 forced " +
         file);
}

class Film : public ::testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(Film, KeepsItsTracksAndChapters) {
  const auto& [extension, subtitles] = GetParam();
  const ClipFolder folder;
  const std::string input = folder / ("in." + extension);
  const std::string output = folder / ("out." + extension);
  make_film(folder, input, subtitles);
  const auto result = round_trip(input, output, fast());
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->notes.empty()) << result->notes[0];
  expect_playable(output);
  expect_same_sound(output, input, 0);
  expect_same_sound(output, input, 1);
  const TrackPackets text = packets_of(input, AVMEDIA_TYPE_SUBTITLE);
  EXPECT_GE(text.packets.size(), 2U);
  EXPECT_EQ(packets_of(output, AVMEDIA_TYPE_SUBTITLE).packets, text.packets);

  const std::string entries = "stream=codec_name:stream_tags=language:stream_disposition=default,forced";
  // An mp4's chapter titles are a text track, which ffmpeg lists among the streams of its own output too.
  EXPECT_THAT(probe(input, entries), HasSubstr("deu"));
  EXPECT_EQ(probe(output, entries), probe(input, entries));
  const std::string chapters = probe(output, "chapter=start_time,end_time");
  EXPECT_THAT(chapters, HasSubstr("start_time=0.400000|end_time=1.000000"));
  EXPECT_EQ(chapters, probe(input, "chapter=start_time,end_time"));
}

INSTANTIATE_TEST_SUITE_P(Clip, Film, ::testing::Values(std::pair("mp4", "mov_text"), std::pair("mkv", "srt")),
                         [](const auto& test) { return test.param.first; });

TEST(ClipMuxer, PutsTheIndexOfAnMp4BeforeItsMedia) {
  const ClipFolder folder;
  ffmpeg(std::string(kPicture) + kX264 + (folder / "in.mp4"));
  ASSERT_TRUE(round_trip(folder / "in.mp4", folder / "out.mp4", fast()));
  const Bytes bytes = *read_file(folder / "out.mp4", 1 << 24);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  ASSERT_NE(text.find("moov"), std::string_view::npos);
  EXPECT_LT(text.find("moov"), text.find("mdat"));
}

TEST(ClipMuxer, KeepsOrientationAndPixelShape) {
  for (const char* rotation : {"90", "180", "270"}) {
    const ClipFolder folder;
    ffmpeg(std::string(kPicture) + kX264 + "-vf setsar=4/3 " + (folder / "upright.mp4"));
    ffmpeg("-i " + (folder / "upright.mp4") + " -c copy -metadata:s:v:0 rotate=" + rotation + " " +
           (folder / "in.mp4"));
    const VideoInfo before = VideoReader::open(folder / "in.mp4", 1)->info();
    EXPECT_NE(before.orientation, Orientation{});
    for (const char* output : {"out.mp4", "out.mkv", "out.ts"}) {
      const auto result = round_trip(folder / "in.mp4", folder / output, fast());
      ASSERT_TRUE(result) << result.error().message;
      const VideoInfo after = VideoReader::open(folder / output, 1)->info();
      EXPECT_EQ(after.orientation, before.orientation) << rotation << output;
      EXPECT_EQ(after.sample_aspect, (Rational{4, 3})) << output;
    }
    const auto refused = round_trip(folder / "in.mp4", folder / "out.webm");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("write an mp4 file"));
  }
}

// Mirrored pictures come from some cameras and from H.264 streams that say so themselves.
TEST(ClipMuxer, KeepsMirroredPictures) {
  for (const char* turn : {"0", "90", "180"}) {
    const ClipFolder folder;
    ffmpeg(std::string(kPicture) + kX264 +
           "-bsf:v h264_metadata=display_orientation=insert:flip=horizontal:rotate=" + turn + " " +
           (folder / "in.mkv"));
    const Orientation before = VideoReader::open(folder / "in.mkv", 1)->info().orientation;
    EXPECT_TRUE(before.mirrored);
    for (const char* output : {"out.mkv", "out.mp4"}) {
      ASSERT_TRUE(round_trip(folder / "in.mkv", folder / output, fast()));
      EXPECT_EQ(VideoReader::open(folder / output, 1)->info().orientation, before) << turn << output;
    }
  }
}

struct Format {
  std::string make;
  std::string output;
  std::string preset;
};

TEST(ClipMuxer, KeepsSizeDepthAndColour) {
  const std::string tags = " -color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv ";
  const std::array formats = {
      Format{"-pix_fmt yuv420p10le -c:v libx265 -preset ultrafast -x265-params log-level=none", "mp4",
             "ultrafast"},
      Format{"-pix_fmt yuv422p -c:v libx264 -preset veryfast", "mkv", "veryfast"},
      Format{"-pix_fmt yuv420p10le -c:v libvpx-vp9 -cpu-used 8 -deadline realtime", "webm", "5"},
      Format{"-pix_fmt yuvj420p -c:v libx264 -preset veryfast", "mp4", "veryfast"},
      Format{"-s 97x65 -pix_fmt yuv420p -c:v libvpx-vp9 -cpu-used 8 -deadline realtime", "mp4", "5"},
      Format{"-c:v libaom-av1 -usage realtime -cpu-used 8", "mkv", "12"},
  };
  ::setenv("SVT_LOG", "0", 1);
  for (const Format& format : formats) {
    const ClipFolder folder;
    const std::string input = folder / ("in." + format.output);
    const std::string output = folder / ("out." + format.output);
    const bool full_range = format.make.find("yuvj") != std::string::npos;
    ffmpeg("-f lavfi -i testsrc2=s=96x64:r=25:d=0.4 " + format.make + (full_range ? " " : tags) + input);
    RoundTripSettings settings;
    settings.encoder.preset = format.preset;
    const auto result = round_trip(input, output, settings);
    ASSERT_TRUE(result) << result.error().message;
    expect_playable(output);
    const std::string entries =
        "stream=codec_name,width,height,pix_fmt,color_range,color_space,color_transfer,"
        "color_primaries,sample_aspect_ratio";
    EXPECT_EQ(probe(output, entries), probe(input, entries)) << format.make;
  }
}

TEST(ClipMuxer, JoinsChunksWithoutASeam) {
  const ClipFolder folder;
  ffmpeg(
      "-f lavfi -i testsrc2=s=96x64:r=25:d=2 -vf settb=1/90000,setpts='PTS+mod(N*N\\,7)/100/TB' -vsync vfr"
      " -enc_time_base 1/90000" +
      std::string(kX264) + (folder / "in.mp4"));
  for (const char* output : {"out.mp4", "out.mkv", "out.ts"}) {
    RoundTripSettings settings = fast();
    settings.chunk_frames = 13;
    const auto result = round_trip(folder / "in.mp4", folder / output, settings);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(shell("ffmpeg -nostdin -v error -i " + (folder / output) +
                    " -vsync passthrough -enc_time_base 1/90000 -f null - 2>&1"),
              "");
    expect_playable(folder / output);
  }
  EXPECT_EQ(packets_of(folder / "out.mp4", AVMEDIA_TYPE_VIDEO).times,
            packets_of(folder / "in.mp4", AVMEDIA_TYPE_VIDEO).times);
}

TEST(ClipMuxer, KeepsOnlyTheSpanAsked) {
  const ClipFolder folder;
  ffmpeg(both(std::string(kX264) + "-c:a aac ") + (folder / "in.mp4"));
  RoundTripSettings settings = fast();
  const Rational base = VideoReader::open(folder / "in.mp4", 1)->info().time_base;
  settings.mux.from = base.den * 2 / 5;
  settings.mux.to = base.den * 4 / 5;
  ASSERT_TRUE(round_trip(folder / "in.mp4", folder / "out.mp4", settings));
  const auto video = packets_of(folder / "out.mp4", AVMEDIA_TYPE_VIDEO).times;
  ASSERT_EQ(video.size(), 10U);
  EXPECT_EQ(video.front(), "0.400000");
  const TrackPackets sound = packets_of(folder / "out.mp4", AVMEDIA_TYPE_AUDIO);
  EXPECT_GE(std::stod(sound.times.front()), 0.4);
  EXPECT_LT(std::stod(sound.times.back()), 0.8);
  const auto all = packets_of(folder / "in.mp4", AVMEDIA_TYPE_AUDIO).packets;
  EXPECT_NE(std::ranges::find(all, sound.packets.front()), all.end());
}

TEST(ClipMuxer, LeavesSoundOutWhenAsked) {
  const ClipFolder folder;
  make_film(folder, folder / "in.mkv", "srt");
  RoundTripSettings settings = fast();
  settings.mux.audio = false;
  ASSERT_TRUE(round_trip(folder / "in.mkv", folder / "out.mkv", settings));
  EXPECT_TRUE(packets_of(folder / "out.mkv", AVMEDIA_TYPE_AUDIO).packets.empty());
  EXPECT_EQ(packets_of(folder / "out.mkv", AVMEDIA_TYPE_SUBTITLE).packets.size(), 2U);
}

/// Two cameras of other size, rate and clock, each with the sound between.
void make_two_videos(const std::string& file) {
  ffmpeg(std::string(kPicture) + " " + kTone +
         " -f lavfi -i testsrc2=s=64x48:r=30:d=0.9 -map 0 -map 1 -map 2" + kX264 + "-c:a aac " + file);
}

TEST(ClipMuxer, LeavesOutTheVideosThatWereNotEncoded) {
  const ClipFolder folder;
  make_two_videos(folder / "in.mkv");
  for (const MetadataPolicy policy : {MetadataPolicy::safe, MetadataPolicy::keep}) {
    RoundTripSettings settings = fast();
    settings.mux.metadata = policy;
    const auto result = round_trip(folder / "in.mkv", folder / "out.mkv", settings);
    ASSERT_TRUE(result);
    EXPECT_TRUE(packets_of(folder / "out.mkv", AVMEDIA_TYPE_VIDEO, 1).packets.empty());
  }
}

TEST(ClipMuxer, WritesSeveralVideosEachWithItsTimes) {
  const ClipFolder folder;
  for (const std::string extension : {"mp4", "mkv", "ts"}) {
    const std::string input = folder / ("in." + extension);
    const std::string output = folder / ("out." + extension);
    make_two_videos(input);
    RoundTripSettings settings = fast();
    settings.all_videos = true;
    const auto result = round_trip(input, output, settings);
    ASSERT_TRUE(result) << result.error().message;
    const std::string entries = "stream=index,codec_type,width,height,r_frame_rate,start_time";
    EXPECT_EQ(probe(output, entries), probe(input, entries));
    for (int number = 0; number < 2; ++number) {
      const auto times = packets_of(input, AVMEDIA_TYPE_VIDEO, number).times;
      EXPECT_EQ(times.size(), number == 0 ? 25U : 27U);
      EXPECT_EQ(packets_of(output, AVMEDIA_TYPE_VIDEO, number).times, times) << extension << number;
    }
    expect_same_sound(output, input);
    EXPECT_EQ(shell("ffmpeg -nostdin -v error -i " + output + " -map 0:v -f null - 2>&1"), "");
  }
}

TEST(ClipMuxer, LeavesOutWhatTheContainerCannotHold) {
  const ClipFolder folder;
  make_film(folder, folder / "in.mkv", "srt");
  const auto result = round_trip(folder / "in.mkv", folder / "out.ts", fast());
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(
      result->notes,
      ::testing::Contains(HasSubstr("subtitle track 3 (subrip) is left out: ts files cannot hold it")));
  expect_playable(folder / "out.ts");
}

TEST(ClipMuxer, StopsOnRequest) {
  const ClipFolder folder;
  ffmpeg(std::string(kPicture) + kX264 + (folder / "in.mp4"));
  std::stop_source source;
  source.request_stop();
  RoundTripSettings settings = fast();
  settings.stop = source.get_token();
  const auto result = round_trip(folder / "in.mp4", folder / "out.mp4", settings);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::cancelled);
}

TEST(ClipMuxer, SaysThatTheDiskIsFull) {
  const ClipFolder folder;
  ffmpeg(std::string(kPicture) + kX264 + (folder / "in.mkv"));
  std::filesystem::create_symlink("/dev/full", folder / "out.mkv");
  const auto result = round_trip(folder / "in.mkv", folder / "out.mkv", fast());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::no_space) << result.error().message;
}

TEST(ClipMuxer, GivesTheSameFileTwice) {
  const ClipFolder folder;
  make_film(folder, folder / "in.mkv", "srt");
  for (const std::string extension : {".mkv", ".mp4"}) {
    ASSERT_TRUE(round_trip(folder / "in.mkv", folder / ("once" + extension), fast()));
    ASSERT_TRUE(round_trip(folder / "in.mkv", folder / ("again" + extension), fast()));
    EXPECT_EQ(*read_file(folder / ("once" + extension), 1 << 24),
              *read_file(folder / ("again" + extension), 1 << 24));
  }
}

TEST(OutputContainer, IsWhatTheNameSays) {
  const auto chosen = [](const std::string& demuxer, const std::string& name) {
    VideoInfo info;
    info.container = demuxer;
    const auto container = output_container(info, name);
    if (!container) return "error: " + container.error().message;
    return container->muxer + " " + container->extension +
           (container->note.empty() ? "" : ": " + container->note);
  };
  const std::string mp4 = "mov,mp4,m4a,3gp,3g2,mj2";
  EXPECT_EQ(chosen(mp4, "a.mp4"), "mp4 .mp4");
  EXPECT_EQ(chosen(mp4, "a.MOV"), "mov .MOV");
  EXPECT_EQ(chosen("matroska,webm", "a.webm"), "webm .webm");
  EXPECT_EQ(chosen("mpegts", "a.m2ts"), "mpegts .m2ts");
  EXPECT_EQ(chosen(mp4, "a.mkv"),
            "matroska .mkv: what was mp4 is written as mkv; its times are rounded to milliseconds");
  EXPECT_EQ(chosen("mpegts", "a.mp4"), "mp4 .mp4: what was ts is written as mp4");
  EXPECT_THAT(chosen("avi", "a.mkv"), HasSubstr("matroska .mkv: what was avi is written as mkv"));
  for (const char* name : {"a.flv", "a.avi", "a.jpg", "a.gif", "a.h264", "a", "mp4", ".mp4"}) {
    EXPECT_THAT(chosen(mp4, name), HasSubstr("error: a clip cannot be written as"));
    EXPECT_THAT(chosen(mp4, name), HasSubstr(".mp4, .m4v, .mov, .qt, .mkv, .webm, .ts, .m2ts, .mts"));
  }
}

}  // namespace
}  // namespace sightline::media
