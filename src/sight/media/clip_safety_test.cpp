// Plants what could identify a person into clips and looks for it in the bytes of what comes out.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "sight/media/clip_metadata.h"
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
using test::shell;
using test::TrackPackets;
using ::testing::HasSubstr;

/// Every planted text begins with this.
constexpr std::string_view kPlanted = "PLANTED";
constexpr const char* kX264LongGop = " -c:v libx264 -preset veryfast -g 50 -bf 2 ";

std::string contents(const std::string& file) {
  const Bytes bytes = *read_file(file, 1 << 26);
  return {bytes.begin(), bytes.end()};
}

void write(const std::string& file, std::string_view text, std::ios::openmode mode = std::ios::trunc) {
  std::ofstream(file, std::ios::binary | mode) << text;
}

/// The texts that begin with kPlanted, one a line; UTF-16 is what some boxes hold.
std::string planted_in(const std::string& file) {
  const std::string all = contents(file);
  std::string found;
  for (std::size_t at = 0; (at = all.find(kPlanted, at)) != std::string::npos; ++at) {
    std::size_t end = at;
    while (end < all.size() && end < at + 60 && std::isprint(static_cast<unsigned char>(all[end])) != 0)
      ++end;
    found += all.substr(at, end - at) + "\n";
  }
  std::string wide;
  for (const char c : kPlanted) wide += std::string({'\0', c});
  if (all.find(wide) != std::string::npos) found += "UTF-16\n";
  return found;
}

Result<RoundTrip> run(const std::string& input, const std::string& output,
                      MetadataPolicy policy = MetadataPolicy::safe) {
  RoundTripSettings settings;
  settings.encoder.preset = output.ends_with("webm") ? "5" : "veryfast";
  settings.mux.metadata = policy;
  return round_trip(input, output, settings);
}

void make_cover(const ClipFolder& folder) {
  ffmpeg("-f lavfi -i testsrc=s=32x32 -frames:v 1 " + (folder / "cover.jpg"));
  write(folder / "cover.jpg", "PLANTED cover picture", std::ios::app);
}

void make_chapters(const ClipFolder& folder) {
  write(folder / "chapters.txt",
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=400\ntitle=PLANTED chapter\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=400\nEND=1000\ntitle=PLANTED last chapter\n");
}

constexpr const char* kTags =
    " -metadata title='PLANTED title' -metadata comment='PLANTED comment' -metadata artist='PLANTED artist'"
    " -metadata description='PLANTED description' -metadata date='PLANTED date'"
    " -metadata make='PLANTED make' -metadata model='PLANTED model' -metadata "
    "creation_time=2021-03-04T05:06:07Z -metadata:s:v:0 title='PLANTED track title'"
    " -metadata:s:a:0 title='PLANTED sound title' -metadata:s:v:0 handler_name='PLANTED handler'"
    " -metadata:s:a:0 handler_name='PLANTED sound handler' -metadata:s:v:0 encoder='PLANTED encoder' ";

/// A clip with every kind of thing that an mp4 can carry beside its picture and sound.
void make_mp4(const ClipFolder& folder, const std::string& file) {
  make_cover(folder);
  make_chapters(folder);
  write(folder / "telemetry.srt", "1\n00:00:00,100 --> 00:00:00,900\nPLANTED telemetry\n");
  ffmpeg(std::string(kPicture) + " " + kTone + " -i " + (folder / "cover.jpg") + " -i " +
         (folder / "telemetry.srt") + " -i " + (folder / "chapters.txt") +
         " -map 0 -map 1 -map 2 -map 3 -map_metadata:g -1 -map_chapters 4" + kTags + kX264LongGop +
         "-c:v:1 copy -disposition:v:1 attached_pic -c:a aac -c:s mov_text"
         " -bsf:v:0 h264_metadata=sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+PLANTEDsei " +
         file);
  // ffmpeg cannot write a camera's telemetry: a subtitle track becomes one.
  std::string bytes = contents(file);
  for (const auto& [from, to] : {std::pair("tx3g", "gpmd"), std::pair("sbtl", "meta")}) {
    ASSERT_NE(bytes.find(from), std::string::npos);
    for (std::size_t at = 0; (at = bytes.find(from, at)) != std::string::npos;) bytes.replace(at, 4, to);
  }
  write(file, bytes);
  // A box of a user's own, a free one and what motion photos append.
  using namespace std::string_view_literals;
  write(file, "\0\0\0\x2Auuid0123456789abcdefPLANTED uuid box  "sv, std::ios::app);
  write(file,
        "\0\0\0\x18"
        "freePLANTED free box "sv,
        std::ios::app);
  write(file, "MotionPhoto_DataPLANTED trailing bytes", std::ios::app);
}

TEST(ClipSafety, NothingPlantedInAnMp4ComesThrough) {
  const ClipFolder folder;
  make_mp4(folder, folder / "in.mp4");
  const std::string planted = planted_in(folder / "in.mp4");
  for (const char* what : {"title", "comment", "artist", "handler", "chapter", "cover picture", "telemetry",
                           "sei", "uuid box", "free box", "trailing bytes"}) {
    EXPECT_THAT(planted, HasSubstr(what)) << "was not planted";
  }
  for (const char* output : {"out.mp4", "out.mov", "out.mkv"}) {
    const auto result = run(folder / "in.mp4", folder / output);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(planted_in(folder / output), "") << output;
    const std::string shown =
        shell("ffprobe -v error -show_format -show_streams -show_chapters " + (folder / output));
    EXPECT_EQ(shown.find("creation_time"), std::string::npos) << shown;
    EXPECT_EQ(shown.find("2021"), std::string::npos) << shown;
    EXPECT_THAT(shown, HasSubstr("end_time=0.400000"));
    EXPECT_EQ(packets_of(folder / output, AVMEDIA_TYPE_AUDIO).packets.size(),
              packets_of(folder / "in.mp4", AVMEDIA_TYPE_AUDIO).packets.size());
    EXPECT_TRUE(packets_of(folder / output, AVMEDIA_TYPE_VIDEO, 1).packets.empty());
  }
}

TEST(ClipSafety, KeepCarriesMetadataAndCover) {
  const ClipFolder folder;
  make_mp4(folder, folder / "in.mp4");
  const auto result = run(folder / "in.mp4", folder / "out.mp4", MetadataPolicy::keep);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(result->notes, ::testing::Contains(HasSubstr("it may show faces")));
  const std::string kept = planted_in(folder / "out.mp4");
  for (const char* what : {"PLANTED title", "PLANTED artist", "PLANTED chapter", "PLANTED cover picture"}) {
    EXPECT_THAT(kept, HasSubstr(what));
  }
  // Never: what lies outside the tracks, or in the picture's own stream, which is new.
  for (const char* what : {"uuid box", "free box", "trailing bytes", "sei"}) {
    EXPECT_EQ(kept.find(what), std::string::npos) << what;
  }
  const std::string shown = shell("ffprobe -v error -show_format " + (folder / "out.mp4"));
  EXPECT_THAT(shown, HasSubstr("2021-03-04T05:06:07"));
}

void make_mkv(const ClipFolder& folder, const std::string& file) {
  make_chapters(folder);
  write(folder / "letter.txt", "PLANTED attachment");
  write(folder / "text.ass",
        "[Script Info]\nTitle: PLANTED script title\n; PLANTED script comment\nScriptType: v4.00+\nPlayResX: "
        "384\n"
        "PlayResY: 288\nOriginal Script: PLANTED author\n\n[Aegisub Project Garbage]\nAudio File: PLANTED "
        "path\n\n"
        "[V4+ Styles]\nFormat: Name, Fontname, Fontsize\nStyle: Default,Sans,16\n\n"
        "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        "Dialogue: 0,0:00:00.10,0:00:00.50,Default,,0,0,0,,spoken words\n");
  ffmpeg(std::string(kPicture) + " " + kTone + " -i " + (folder / "text.ass") + " -i " +
         (folder / "chapters.txt") + " -map 0 -map 1 -map 2 -map_metadata:g -1 -map_chapters 3" + kTags +
         " -metadata:s:a:0 language=eng -metadata:s:s:0 language=PLANTEDlanguage -attach " +
         (folder / "letter.txt") +
         " -metadata:s:t mimetype=text/plain -metadata:s:t filename='PLANTED file name'" + kX264LongGop +
         "-c:a libvorbis -c:s copy " + file);
}

TEST(ClipSafety, NothingPlantedInAnMkvComesThrough) {
  const ClipFolder folder;
  make_mkv(folder, folder / "in.mkv");
  const std::string planted = planted_in(folder / "in.mkv");
  for (const char* what : {"title", "artist", "sound title", "chapter", "attachment", "file name",
                           "script title", "author", "path", "language"}) {
    EXPECT_THAT(planted, HasSubstr(what)) << "was not planted";
  }
  const auto result = run(folder / "in.mkv", folder / "out.mkv");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(planted_in(folder / "out.mkv"), "");
  EXPECT_THAT(contents(folder / "out.mkv"), HasSubstr("spoken words"));
  EXPECT_THAT(contents(folder / "out.mkv"), HasSubstr("Style: Default,Sans,16"));
  const std::string shown =
      shell("ffprobe -v error -show_format -show_streams -show_chapters " + (folder / "out.mkv"));
  EXPECT_THAT(shown, HasSubstr("TAG:language=eng"));
  EXPECT_THAT(shown, HasSubstr("end_time=0.400000"));
  EXPECT_EQ(shown.find("2021"), std::string::npos) << shown;
  EXPECT_EQ(packets_of(folder / "out.mkv", AVMEDIA_TYPE_AUDIO).packets,
            packets_of(folder / "in.mkv", AVMEDIA_TYPE_AUDIO).packets);
}

TEST(ClipSafety, KeepCarriesAttachments) {
  const ClipFolder folder;
  make_mkv(folder, folder / "in.mkv");
  ASSERT_TRUE(run(folder / "in.mkv", folder / "out.mkv", MetadataPolicy::keep));
  const std::string kept = planted_in(folder / "out.mkv");
  for (const char* what : {"PLANTED title", "PLANTED attachment", "PLANTED file name", "PLANTED chapter",
                           "PLANTED sound title"}) {
    EXPECT_THAT(kept, HasSubstr(what));
  }
}

TEST(ClipSafety, NothingPlantedInATransportStreamComesThrough) {
  const ClipFolder folder;
  ffmpeg(std::string(kPicture) + " " + kTone + " -metadata service_name='PLANTED service'" +
         " -metadata service_provider='PLANTED provider'" + kX264LongGop + "-c:a aac " + (folder / "in.ts"));
  EXPECT_THAT(planted_in(folder / "in.ts"), HasSubstr("PLANTED service"));
  ASSERT_TRUE(run(folder / "in.ts", folder / "out.ts"));
  EXPECT_EQ(planted_in(folder / "out.ts"), "");
}

TEST(ClipSafety, PlaceAndTimecodeOfACameraStayBehind) {
  const ClipFolder folder;
  ffmpeg(std::string(kPicture) + kX264LongGop +
         "-timecode 12:34:56:07 -metadata location='+48.8577+002.2950/' " + (folder / "in.mov"));
  ASSERT_THAT(shell("ffprobe -v error -show_streams " + (folder / "in.mov")), HasSubstr("12:34:56:07"));
  ASSERT_THAT(contents(folder / "in.mov"), HasSubstr("+48.8577"));
  ASSERT_TRUE(run(folder / "in.mov", folder / "out.mov"));
  const std::string shown = shell("ffprobe -v error -show_format -show_streams " + (folder / "out.mov"));
  EXPECT_EQ(shown.find("12:34:56"), std::string::npos);
  EXPECT_EQ(contents(folder / "out.mov").find("tmcd"), std::string::npos);
  EXPECT_EQ(contents(folder / "out.mov").find("48.8577"), std::string::npos);
}

// The first 0.4 s are played by nobody, but the file still holds them; their sound samples spell a text.
TEST(ClipSafety, SoundAndPicturesHiddenByAnEditListStayBehind) {
  const ClipFolder folder;
  constexpr std::size_t kSecond = 2 * 8000;  // 16-bit mono at 8 kHz
  std::string samples;
  while (samples.size() < kSecond * 35 / 100) samples += "PLANTED sound...";
  samples.resize(kSecond, '\1');
  write(folder / "sound.raw", samples);
  ffmpeg(std::string(kPicture) + " -f s16le -ar 8000 -ac 1 -i " + (folder / "sound.raw") + kX264LongGop +
         "-c:a pcm_s16le " + (folder / "whole.mov"));
  ffmpeg("-itsoffset -0.4 -i " + (folder / "whole.mov") + " -c copy -copyts -avoid_negative_ts disabled " +
         (folder / "in.mov"));
  ASSERT_THAT(planted_in(folder / "in.mov"), HasSubstr("PLANTED sound"));
  for (const MetadataPolicy policy : {MetadataPolicy::safe, MetadataPolicy::keep}) {
    const auto result = run(folder / "in.mov", folder / "out.mov", policy);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(planted_in(folder / "out.mov"), "");
    const TrackPackets pictures = packets_of(folder / "out.mov", AVMEDIA_TYPE_VIDEO);
    EXPECT_EQ(pictures.times.size(), 15U);
    EXPECT_EQ(pictures.times.front(), "0.000000");
    const TrackPackets sound = packets_of(folder / "out.mov", AVMEDIA_TYPE_AUDIO);
    EXPECT_NEAR(std::stod(sound.times.back()), 0.5, 0.1);
    EXPECT_GT(std::stod(sound.times.front()), -0.13);
  }
}

TEST(SafeCodecConfiguration, KeepsWhatDecodersNeed) {
  const Bytes flac = [] {
    Bytes bytes = {'f', 'L', 'a', 'C', 0, 0, 0, 34};
    for (std::uint8_t i = 0; i < 34; ++i) bytes.push_back(i);
    for (const char c : std::string_view("\x84\0\0\x07PLANTED", 11))
      bytes.push_back(static_cast<std::uint8_t>(c));
    return bytes;
  }();
  EXPECT_EQ(safe_codec_configuration(AV_CODEC_ID_FLAC, flac), Bytes(flac.begin() + 8, flac.begin() + 42));
  const Bytes aac = {0x12, 0x10};
  EXPECT_EQ(safe_codec_configuration(AV_CODEC_ID_AAC, aac), aac);
}

TEST(SafeCodecConfiguration, EmptiesTheCommentOfVorbis) {
  const std::string identification = "\1vorbis" + std::string(23, 'i');
  const std::string comment = "\3vorbis" + std::string(400, ' ') + "TITLE=PLANTED";
  const std::string setup = "\5vorbis" + std::string(900, 's');
  const auto bytes = [](const std::string& text) { return Bytes(text.begin(), text.end()); };
  const std::string laced =
      std::string("\2\x1E\xFF") + static_cast<char>(comment.size() - 255) + identification + comment + setup;
  const auto length = [](const std::string& text) {
    return std::string({static_cast<char>(text.size() / 256), static_cast<char>(text.size() % 256)}) + text;
  };
  const std::string with_lengths = length(identification) + length(comment) + length(setup);
  const Bytes expected =
      bytes(std::string("\2\x1E\x10") + identification + "\3vorbis" + std::string(8, '\0') + "\1" + setup);
  EXPECT_EQ(safe_codec_configuration(AV_CODEC_ID_VORBIS, bytes(laced)), expected);
  EXPECT_EQ(safe_codec_configuration(AV_CODEC_ID_VORBIS, bytes(with_lengths)), expected);
}

TEST(SafeCodecConfiguration, WithstandsDamagedVorbisHeaders) {
  const std::vector<Bytes> damaged = {
      {}, {2}, {2, 255, 255}, {2, 30, 200, 1}, {0, 30}, {0, 1, 1, 255, 255, 0}};
  for (const Bytes& bytes : damaged) {
    EXPECT_TRUE(safe_codec_configuration(AV_CODEC_ID_VORBIS, bytes).empty());
  }
}

}  // namespace
}  // namespace sightline::media
