// What becomes of sound and subtitles on their way from any container into any other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "sight/media/clip_round_trip.h"
#include "sight/media/clip_testing.h"
#include "sight/media/packet_testing.h"

extern "C" {
#include <libavutil/samplefmt.h>
}

namespace sightline::media {
namespace {

using test::ClipFolder;
using test::ffmpeg;
using test::packets_of;
using test::probe;
using test::shell;
using test::TrackPackets;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kVideo = "-f lavfi -i testsrc2=s=96x64:r=25:d=1 ";
/// Silence but for a tone from 0.5 to 0.6 s.
std::string burst(const std::string& rate, const std::string& layout = "stereo") {
  return "-f lavfi -i \"aevalsrc='if(between(t,0.5,0.6),0.5*sin(2*PI*440*t),0)':d=1:s=" + rate + "\" -ac " +
         (layout == "mono" ? "1 " : "2 ");
}

RoundTripSettings quick() {
  RoundTripSettings settings;
  settings.encoder.codec = "";
  return settings;
}

/// What a player gives of the first sound track.
struct Heard {
  std::string codec;
  int rate = 0;
  int channels = 0;
  double begin = 0;          ///< seconds on the clip's clock
  double end = 0;            ///< likewise
  double onset = -1;         ///< of the first loud sample
  double loudness = 0;       ///< root of the mean square
  std::vector<float> peaks;  ///< of each channel
};

float sample_at(const AVFrame& frame, int channel, int index) {
  const auto format = static_cast<AVSampleFormat>(frame.format);
  const bool planar = av_sample_fmt_is_planar(format) != 0;
  const std::uint8_t* plane = frame.extended_data[planar ? channel : 0];
  const int at = planar ? index : index * frame.ch_layout.nb_channels + channel;
  switch (av_get_packed_sample_fmt(format)) {
    case AV_SAMPLE_FMT_S16:
      return static_cast<float>(reinterpret_cast<const std::int16_t*>(plane)[at]) / 32768.0F;
    case AV_SAMPLE_FMT_S32:
      return static_cast<float>(reinterpret_cast<const std::int32_t*>(plane)[at]) / 2147483648.0F;
    case AV_SAMPLE_FMT_FLT:
      return reinterpret_cast<const float*>(plane)[at];
    default:
      ADD_FAILURE() << "sample format " << av_get_sample_fmt_name(format);
      return 0;
  }
}

Heard hear(const std::string& file) {
  Heard heard;
  const auto input = open_clip(file);
  if (!input) {
    ADD_FAILURE() << input.error().message;
    return heard;
  }
  const int number = av_find_best_stream(input->context.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
  if (number < 0) return heard;
  const AVStream& stream = *input->context->streams[number];
  const AVCodec* decoder = avcodec_find_decoder(stream.codecpar->codec_id);
  const AvCodecPtr codec(avcodec_alloc_context3(decoder));
  avcodec_parameters_to_context(codec.get(), stream.codecpar);
  codec->pkt_timebase = stream.time_base;
  EXPECT_EQ(avcodec_open2(codec.get(), decoder, nullptr), 0);
  heard.codec = avcodec_get_name(stream.codecpar->codec_id);
  heard.begin = 1e9;
  double squares = 0;
  std::int64_t samples = 0;
  const AvFramePtr frame(av_frame_alloc());
  const auto listen = [&] {
    while (avcodec_receive_frame(codec.get(), frame.get()) >= 0) {
      heard.rate = frame->sample_rate;
      heard.channels = frame->ch_layout.nb_channels;
      heard.peaks.resize(static_cast<std::size_t>(heard.channels));
      const bool timed = frame->pts != AV_NOPTS_VALUE;
      const double start = timed ? static_cast<double>(frame->pts) * av_q2d(stream.time_base) : heard.end;
      for (int i = 0; i < frame->nb_samples; ++i) {
        const double at = start + static_cast<double>(i) / heard.rate;
        for (int channel = 0; channel < heard.channels; ++channel) {
          const float value = std::abs(sample_at(*frame, channel, i));
          float& peak = heard.peaks[static_cast<std::size_t>(channel)];
          peak = std::max(peak, value);
          squares += static_cast<double>(value) * static_cast<double>(value);
          ++samples;
          if (value > 0.12F && heard.onset < 0) heard.onset = at;
        }
      }
      heard.begin = std::min(heard.begin, start);
      heard.end = start + static_cast<double>(frame->nb_samples) / heard.rate;
    }
  };
  for (AvPacketPtr packet(av_packet_alloc()); av_read_frame(input->context.get(), packet.get()) >= 0;
       av_packet_unref(packet.get())) {
    if (packet->stream_index != number) continue;
    avcodec_send_packet(codec.get(), packet.get());
    listen();
  }
  avcodec_send_packet(codec.get(), nullptr);
  listen();
  heard.loudness = samples == 0 ? 0 : std::sqrt(squares / static_cast<double>(samples));
  return heard;
}

/// When the tone begins, in seconds after the first picture.
double onset(const std::string& file) {
  return hear(file).onset - std::stod(packets_of(file, AVMEDIA_TYPE_VIDEO).times.front());
}

struct Way {
  std::string input;
  std::string make;  ///< ffmpeg's arguments between the sound and the file's name
  std::string output;
  std::string rate = "44100";
  std::string layout = "stereo";
};

std::string name_of(const std::string& input, const std::string& output, const std::string& make) {
  std::string name = input.substr(3) + "_to_" + output.substr(4) + "_" + make.substr(make.find("-c:a ") + 5);
  std::ranges::replace_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}

class Copied : public ::testing::TestWithParam<Way> {};

TEST_P(Copied, SoundStaysAsItIs) {
  const Way& way = GetParam();
  const ClipFolder folder;
  const std::string input = folder / way.input;
  ffmpeg(kVideo + burst(way.rate, way.layout) + way.make + " " + input);
  const auto result = round_trip(input, folder / way.output, quick());
  ASSERT_TRUE(result) << result.error().message;
  for (const std::string& note : result->notes) EXPECT_THAT(note, Not(HasSubstr("audio"))) << note;
  const TrackPackets sound = packets_of(input, AVMEDIA_TYPE_AUDIO);
  const TrackPackets copy = packets_of(folder / way.output, AVMEDIA_TYPE_AUDIO);
  ASSERT_FALSE(sound.packets.empty());
  Bytes before;
  Bytes after;  // muxers may cut the same bytes otherwise
  for (const auto& [time, bytes] : sound.packets) before.insert(before.end(), bytes.begin(), bytes.end());
  for (const auto& [time, bytes] : copy.packets) after.insert(after.end(), bytes.begin(), bytes.end());
  EXPECT_EQ(after, before);
}

constexpr const char* kMpeg4 = "-c:v mpeg4 -c:a ";

INSTANTIATE_TEST_SUITE_P(
    Clip, Copied,
    ::testing::Values(Way{"in.avi", std::string(kMpeg4) + "pcm_s16le", "out.mkv"},
                      Way{"in.avi", std::string(kMpeg4) + "pcm_u8", "out.mkv"},
                      Way{"in.avi", std::string(kMpeg4) + "adpcm_ms", "out.mkv"},
                      Way{"in.avi", std::string(kMpeg4) + "adpcm_ima_wav", "out.mkv"},
                      Way{"in.avi", std::string(kMpeg4) + "pcm_mulaw", "out.mkv", "8000", "mono"},
                      Way{"in.avi", std::string(kMpeg4) + "mp2", "out.mkv"},
                      Way{"in.wmv", std::string(kMpeg4) + "wmav2", "out.mkv"},
                      Way{"in.asf", std::string(kMpeg4) + "wmav1", "out.mkv"},
                      Way{"in.flv", "-c:v flv -c:a libmp3lame", "out.mkv"},
                      Way{"in.flv", "-c:v flv -c:a libspeex", "out.mkv", "16000", "mono"},
                      Way{"in.ogv", "-c:v libtheora -c:a libvorbis", "out.mkv"},
                      Way{"in.ogv", "-c:v libtheora -c:a flac", "out.mkv"},
                      Way{"in.mpg", "-c:v mpeg2video -c:a ac3", "out.mkv"},
                      Way{"in.mov", std::string(kMpeg4) + "pcm_s24le", "out.mov"},
                      Way{"in.mov", std::string(kMpeg4) + "adpcm_ima_qt", "out.mov"},
                      Way{"in.mov", std::string(kMpeg4) + "alac", "out.mp4"},
                      Way{"in.mkv", std::string(kMpeg4) + "dca -strict -2", "out.mkv"},
                      Way{"in.mkv", std::string(kMpeg4) + "wmav2", "out.mkv"},
                      Way{"in.mkv", std::string(kMpeg4) + "ac3", "out.ts"}),
    [](const auto& test) { return name_of(test.param.input, test.param.output, test.param.make); });

struct Conversion {
  Way way;
  std::string codec;
  std::string rate;
};

class Converted : public ::testing::TestWithParam<Conversion> {};

TEST_P(Converted, SoundIsHeardWhenItWas) {
  const auto& [way, codec, rate] = GetParam();
  const ClipFolder folder;
  const std::string input = folder / way.input;
  const std::string output = folder / way.output;
  ffmpeg(kVideo + burst(way.rate, way.layout) + way.make + " " + input);
  const auto result = round_trip(input, output, quick());
  ASSERT_TRUE(result) << result.error().message;
  const auto said = std::ranges::find_if(
      result->notes, [](const std::string& note) { return note.find("audio track") != std::string::npos; });
  ASSERT_NE(said, result->notes.end());
  EXPECT_THAT(*said, HasSubstr("is converted to " + codec));
  const Heard heard = hear(output);
  EXPECT_EQ(heard.codec, codec);
  EXPECT_EQ(heard.rate, std::stoi(rate));
  EXPECT_EQ(heard.channels, way.layout == "mono" ? 1 : 2);
  EXPECT_NEAR(onset(output), onset(input), 0.012);
  EXPECT_NEAR(heard.end - heard.begin, hear(input).end - hear(input).begin, 0.07);
}

INSTANTIATE_TEST_SUITE_P(
    Clip, Converted,
    ::testing::Values(
        Conversion{{"in.mov", std::string(kMpeg4) + "pcm_s16be", "out.mp4"}, "aac", "44100"},
        Conversion{
            {"in.mov", std::string(kMpeg4) + "adpcm_ima_qt", "out.mp4", "8000", "mono"}, "aac", "8000"},
        Conversion{{"in.mkv", std::string(kMpeg4) + "pcm_s24le", "out.mp4", "96000"}, "aac", "96000"},
        Conversion{{"in.wmv", std::string(kMpeg4) + "wmav2", "out.mp4"}, "aac", "44100"},
        Conversion{{"in.mkv", std::string(kMpeg4) + "truehd -strict -2", "out.mp4", "48000"}, "aac", "48000"},
        Conversion{{"in.mkv", std::string(kMpeg4) + "libvorbis", "out.ts"}, "aac", "44100"},
        Conversion{{"in.mkv", std::string(kMpeg4) + "flac", "out.mp4"}, "aac", "44100"},
        Conversion{{"in.flv", "-c:v flv -c:a nellymoser", "out.mkv", "44100", "mono"}, "opus", "48000"},
        Conversion{{"in.flv", "-c:v flv -c:a adpcm_swf", "out.mp4"}, "aac", "44100"},
        Conversion{{"in.mkv", "-c:v libvpx -deadline realtime -c:a aac", "out.webm"}, "opus", "48000"}),
    [](const auto& test) {
      const Way& way = test.param.way;
      return name_of(way.input, way.output, way.make);
    });

/// No encoder for AMR is at hand: frames of pseudo-random bits, which decode to noise.
std::string amr_file(const ClipFolder& folder) {
  std::string bytes = "#!AMR\n";
  std::uint32_t state = 1;
  for (int frame = 0; frame < 50; ++frame) {
    bytes += '\x3C';  // 12.2 kbit/s, 20 ms
    for (int i = 0; i < 31; ++i) {
      state = state * 1'664'525 + 1'013'904'223;
      bytes += static_cast<char>(state >> 24U);
    }
  }
  const std::string path = folder / "noise.amr";
  EXPECT_TRUE(
      write_file_atomically(path, {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, true));
  return path;
}

TEST(SoundConversion, KeepsTheSoundOfPhones) {
  const ClipFolder folder;
  ffmpeg(kVideo + std::string("-i ") + amr_file(folder) + " -c:v mpeg4 -c:a copy " + (folder / "in.3gp"));
  const auto result = round_trip(folder / "in.3gp", folder / "out.mp4", quick());
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(result->notes.back(), HasSubstr("audio track 1 (amr_nb) is converted to aac"));
  const Heard before = hear(folder / "in.3gp");
  const Heard after = hear(folder / "out.mp4");
  EXPECT_EQ(after.rate, 8000);
  EXPECT_EQ(after.channels, 1);
  EXPECT_NEAR(after.end, before.end, 0.03);
  EXPECT_NEAR(after.loudness / before.loudness, 1, 0.4);  // noise, whose top the codec cuts off
}

TEST(SoundConversion, KeepsTheChannelsApart) {
  const ClipFolder folder;
  ffmpeg(kVideo + burst("48000", "mono") +
         "-af \"pan=5.1(side)|FL=0*c0|FR=0*c0|FC=0*c0|LFE=0*c0|SL=c0|SR=0*c0\" -ac 6 -c:v libvpx -deadline "
         "realtime -c:a flac " +
         (folder / "in.mkv"));
  ASSERT_TRUE(round_trip(folder / "in.mkv", folder / "out.webm", quick()));
  const Heard heard = hear(folder / "out.webm");
  ASSERT_EQ(heard.channels, 6);
  for (std::size_t channel = 0; channel < 6; ++channel) {
    EXPECT_EQ(heard.peaks[channel] > 0.2F, channel == 4) << channel << " has " << heard.peaks[channel];
  }
}

TEST(SoundConversion, KeepsAGapAndALateStart) {
  const ClipFolder folder;
  for (const std::string filter : {"aselect='not(between(t,0.2,0.4))'", "asetpts=PTS+0.217/TB"}) {
    ffmpeg(kVideo + burst("48000") + "-af \"" + filter + "\" -c:v mpeg4 -c:a pcm_s16le " +
           (folder / "in.mkv"));
    for (const char* output : {"out.mp4", "out.ts"}) {
      ASSERT_TRUE(round_trip(folder / "in.mkv", folder / output, quick()));
      EXPECT_NEAR(onset(folder / output), onset(folder / "in.mkv"), 0.012) << filter << output;
    }
  }
}

TEST(SoundConversion, TakesTheSpanToTheSample) {
  const ClipFolder folder;
  ffmpeg(kVideo + burst("48000") + "-c:v mpeg4 -c:a pcm_s16le " + (folder / "in.mov"));
  RoundTripSettings settings = quick();
  const Rational base = VideoReader::open(folder / "in.mov", 1)->info().time_base;
  settings.mux.from = base.den * 2 / 5;
  settings.mux.to = base.den * 14 / 25;
  ASSERT_TRUE(round_trip(folder / "in.mov", folder / "out.mp4", settings));
  EXPECT_NEAR(onset(folder / "out.mp4"), 0.1, 0.012);
  const Heard heard = hear(folder / "out.mp4");
  EXPECT_NEAR(heard.begin, 0.4, 0.022);  // priming, and whole coded frames at the end
  EXPECT_NEAR(heard.end, 0.56, 0.025);
}

TEST(SoundConversion, FollowsTheRulesOfMetadata) {
  const ClipFolder folder;
  ffmpeg(kVideo + burst("48000") +
         "-c:v mpeg4 -c:a pcm_s16le -metadata:s:a:0 language=deu -metadata:s:a:0 title=SECRET " +
         (folder / "in.mkv"));
  ASSERT_TRUE(round_trip(folder / "in.mkv", folder / "once.mp4", quick()));
  ASSERT_TRUE(round_trip(folder / "in.mkv", folder / "again.mp4", quick()));
  const Bytes once = *read_file(folder / "once.mp4", 1 << 24);
  EXPECT_EQ(once, *read_file(folder / "again.mp4", 1 << 24));
  const std::string_view text(reinterpret_cast<const char*>(once.data()), once.size());
  EXPECT_EQ(text.find("SECRET"), std::string_view::npos);
  EXPECT_EQ(text.find("Lavc"), std::string_view::npos);
  EXPECT_THAT(probe(folder / "once.mp4", "stream_tags=language"), HasSubstr("deu"));
  RoundTripSettings silent = quick();
  silent.mux.audio = false;
  ASSERT_TRUE(round_trip(folder / "in.mkv", folder / "silent.mp4", silent));
  EXPECT_TRUE(packets_of(folder / "silent.mp4", AVMEDIA_TYPE_AUDIO).packets.empty());
}

struct Text {
  std::string codec;  ///< of the input
  std::string input;
  std::string output;
  std::string becomes;
};

TEST(SubtitleConversion, KeepsTextAndTimes) {
  const ClipFolder folder;
  shell(
      "printf '1\\n00:00:00,100 --> 00:00:00,400\\nHello\\n\\n2\\n00:00:00,600 --> 00:00:00,900\\nthere\\n' "
      "> " +
      (folder / "text.srt"));
  const auto read = [&](const std::string& file) {
    return shell("ffmpeg -nostdin -v error -i " + file + " -map 0:s:0 -f srt -");
  };
  const std::string wanted = read(folder / "text.srt");
  for (const Text& way :
       {Text{"srt", "in.mkv", "out.mp4", "mov_text"}, Text{"ass", "in.mkv", "out.mov", "mov_text"},
        Text{"mov_text", "in.mp4", "out.mkv", "subrip"}, Text{"srt", "in.mkv", "out.webm", "webvtt"}}) {
    const std::string video = way.output == "out.webm" ? "-c:v libvpx -deadline realtime " : "-c:v mpeg4 ";
    ffmpeg(kVideo + std::string("-i ") + (folder / "text.srt") + " -map 0 -map 1 " + video + "-c:s " +
           way.codec + " -metadata:s:s:0 language=fra " + (folder / way.input));
    const auto result = round_trip(folder / way.input, folder / way.output, quick());
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_THAT(result->notes.back(), HasSubstr("is converted to " + way.becomes));
    EXPECT_EQ(read(folder / way.output), wanted) << way.codec << " to " << way.output;
    EXPECT_THAT(probe(folder / way.output, "stream_tags=language"), HasSubstr("fra"));
  }
}

struct Colour {
  std::string input;
  std::string make;
  std::string output;
};

TEST(Colour, IsTheSameInEveryContainer) {
  const std::string tags =
      " -color_primaries smpte170m -color_trc smpte170m -colorspace smpte170m -color_range tv ";
  for (const Colour& way :
       {Colour{"in.3gp", "-c:v libx264 -preset veryfast", "out.mp4"},
        Colour{"in.3gp", "-c:v libx264 -preset veryfast", "out.mkv"},
        Colour{"in.mkv", "-c:v mpeg4", "out.mp4"},
        Colour{"in.mp4", "-c:v libx265 -preset ultrafast -x265-params log-level=none", "out.ts"},
        Colour{"in.mkv", "-c:v libvpx -deadline realtime", "out.webm"},
        Colour{"in.mkv", "-c:v libvpx -deadline realtime", "out.ts"},
        Colour{"in.mkv", "-c:v mpeg4", "out.ts"}}) {
    const ClipFolder folder;
    ffmpeg("-f lavfi -i testsrc2=s=96x64:r=25:d=0.2 " + way.make + tags + (folder / way.input));
    const auto result = round_trip(folder / way.input, folder / way.output, quick());
    ASSERT_TRUE(result) << result.error().message;
    const ColourTags before = VideoReader::open(folder / way.input, 1)->info().colour;
    EXPECT_EQ(before.primaries, 6) << way.make;
    EXPECT_EQ(before.matrix, 6) << way.make;
    ColourTags after = VideoReader::open(folder / way.output, 1)->info().colour;
    // H.264 and HEVC have a default for it, VP8 has none.
    if (before.chroma_location == 0) after.chroma_location = 0;
    EXPECT_EQ(after, before) << way.make << " to " << way.output;
  }
}

// A phone's file may name the matrix and nothing else.
TEST(Colour, TagsAreKeptOneByOne) {
  const ClipFolder folder;
  ffmpeg("-f lavfi -i testsrc2=s=96x64:r=25:d=0.2 -c:v mpeg4 -colorspace bt709 -movflags write_colr " +
         (folder / "in.mp4"));
  ASSERT_TRUE(round_trip(folder / "in.mp4", folder / "out.mp4", quick()));
  const ColourTags tags = VideoReader::open(folder / "out.mp4", 1)->info().colour;
  EXPECT_EQ(tags.matrix, 1);
  EXPECT_EQ(tags.primaries, 2);
}

}  // namespace
}  // namespace sightline::media
