#include "sight/media/video_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "sight/media/video_frame_impl.h"

/// libx265 3.5 leaks some kilobytes an encoder in its own allocations; nothing else is excused.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libx265\n";
}

namespace sightline::media {
namespace {

using ::testing::HasSubstr;

struct Shape {
  Size size{96, 64};
  AVPixelFormat format = AV_PIX_FMT_YUV420P;
};

/// A textured picture that moves with `number`.
VideoFrame test_frame(const Shape& shape, int number, std::int64_t pts) {
  AvFramePtr frame(av_frame_alloc());
  frame->format = shape.format;
  frame->width = shape.size.width;
  frame->height = shape.size.height;
  EXPECT_EQ(av_frame_get_buffer(frame.get(), 0), 0);
  frame->pts = pts;
  frame->pict_type = AV_PICTURE_TYPE_I;  // as decoders leave it: must not steer the encoder
  VideoFrame wrapped = wrap_frame(std::move(frame));
  for (int p = 0; p < 3; ++p) {
    const PlaneView plane = wrapped.plane(p);
    for (int y = 0; y < plane.height; ++y) {
      for (int x = 0; x < plane.width; ++x) {
        const int value = 40 + (((x + 2 * number) * 7 + y * 3 + ((x * y) % 13) * 5) % 160);
        if (plane.bit_depth == 8) {
          plane.row(y)[x] = static_cast<std::uint8_t>(value);
        } else {
          reinterpret_cast<std::uint16_t*>(plane.row(y))[x] = static_cast<std::uint16_t>(value * 4);
        }
      }
    }
  }
  return wrapped;
}

VideoInfo test_info(const Shape& shape, const std::string& codec) {
  VideoInfo info;
  info.codec = codec;
  info.stored_size = shape.size;
  info.time_base = {1, 90'000};
  info.frame_rate = {25, 1};
  const bool ten_bit = shape.format == AV_PIX_FMT_YUV420P10 || shape.format == AV_PIX_FMT_YUV422P10;
  info.bit_depth = ten_bit ? 10 : 8;
  info.chroma_shift_y = shape.format == AV_PIX_FMT_YUV422P || shape.format == AV_PIX_FMT_YUV422P10 ? 0 : 1;
  return info;
}

struct Encoded {
  EncoderChoice choice;
  Bytes extradata;
  std::vector<EncodedPacket> packets;
};

Result<Encoded> encode_frames(const VideoInfo& info, const Shape& shape, EncoderSettings settings,
                              const std::vector<std::int64_t>& pts) {
  ::setenv("SVT_LOG", "0", 1);  // SVT-AV1 heeds nothing else
  if (settings.codec.empty()) settings.codec = info.codec;
  Encoded result;
  result.choice = TRY(choose_encoder(info, settings, "matroska"));
  VideoEncoder encoder =
      TRY(VideoEncoder::create(info, test_frame(shape, 0, pts[0]), result.choice, settings.threads));
  result.extradata = encoder.extradata();
  const auto take = [&](std::vector<EncodedPacket> packets) {
    std::ranges::move(packets, std::back_inserter(result.packets));
  };
  for (std::size_t i = 0; i < pts.size(); ++i) {
    take(TRY(encoder.encode(test_frame(shape, static_cast<int>(i), pts[i]))));
  }
  take(TRY(encoder.flush()));
  return result;
}

/// Decodes with libav's default decoder: the luma plane of every picture, in display order.
std::vector<VideoFrame> decode(const Encoded& encoded) {
  std::vector<VideoFrame> frames;
  const AVCodec* decoder =
      avcodec_find_decoder_by_name(encoded.choice.codec == "av1" ? "libdav1d" : encoded.choice.codec.c_str());
  AvCodecPtr codec(avcodec_alloc_context3(decoder));
  codec->thread_count = 1;
  codec->extradata =
      static_cast<std::uint8_t*>(av_mallocz(encoded.extradata.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  std::ranges::copy(encoded.extradata, codec->extradata);
  codec->extradata_size = static_cast<int>(encoded.extradata.size());
  EXPECT_EQ(avcodec_open2(codec.get(), decoder, nullptr), 0);
  const auto receive = [&] {
    for (;;) {
      AvFramePtr frame(av_frame_alloc());
      if (avcodec_receive_frame(codec.get(), frame.get()) < 0) return;
      frame->pts = frame->best_effort_timestamp;
      frames.push_back(wrap_frame(std::move(frame)));
    }
  };
  AvPacketPtr packet(av_packet_alloc());
  for (const EncodedPacket& one : encoded.packets) {
    EXPECT_EQ(av_new_packet(packet.get(), static_cast<int>(one.data.size())), 0);
    std::ranges::copy(one.data, packet->data);
    packet->pts = one.pts;
    EXPECT_EQ(avcodec_send_packet(codec.get(), packet.get()), 0);
    av_packet_unref(packet.get());
    receive();
  }
  avcodec_send_packet(codec.get(), nullptr);
  receive();
  return frames;
}

double mean_luma_error(const VideoFrame& a, const VideoFrame& b) {
  const PlaneView first = a.plane(0);
  const PlaneView second = b.plane(0);
  double sum = 0;
  for (int y = 0; y < first.height; ++y) {
    for (int x = 0; x < first.width; ++x) {
      if (first.bit_depth == 8) {
        sum += std::abs(first.row(y)[x] - second.row(y)[x]);
      } else {
        sum += std::abs(reinterpret_cast<std::uint16_t*>(first.row(y))[x] -
                        reinterpret_cast<std::uint16_t*>(second.row(y))[x]) /
               4.0;
      }
    }
  }
  return sum / (first.width * first.height);
}

std::string fast_preset(const std::string& codec) {
  if (codec == "h264" || codec == "hevc") return "ultrafast";
  if (codec == "mpeg4") return "";
  return codec == "av1" ? "8" : "5";
}

// Uneven steps in 1/90000: no encoder may round or reorder them.
const std::vector<std::int64_t> kUnevenTimes = {-7,    0,     3003,   3004,   9000,
                                                90001, 90002, 400000, 400017, 500000};

class EveryCodec : public ::testing::TestWithParam<std::tuple<std::string, Shape>> {};

TEST_P(EveryCodec, KeepsTimesAndPictures) {
  const auto& [codec, shape] = GetParam();
  const VideoInfo info = test_info(shape, codec);
  EncoderSettings settings;
  settings.preset = fast_preset(codec);
  settings.threads = 1;
  const auto encoded = encode_frames(info, shape, settings, kUnevenTimes);
  ASSERT_TRUE(encoded) << encoded.error().message;
  EXPECT_FALSE(encoded->choice.substituted);
  ASSERT_EQ(encoded->packets.size(), kUnevenTimes.size());
  EXPECT_TRUE(encoded->packets[0].keyframe);
  std::vector<std::int64_t> pts;
  for (const EncodedPacket& packet : encoded->packets) pts.push_back(packet.pts);
  std::ranges::sort(pts);
  EXPECT_EQ(pts, kUnevenTimes);

  const std::vector<VideoFrame> decoded = decode(*encoded);
  ASSERT_EQ(decoded.size(), kUnevenTimes.size());
  for (std::size_t i = 0; i < decoded.size(); ++i) {
    const VideoFrame source = test_frame(shape, static_cast<int>(i), kUnevenTimes[i]);
    EXPECT_EQ(decoded[i].stored_size(), shape.size);
    EXPECT_EQ(decoded[i].bit_depth(), source.bit_depth());
    EXPECT_EQ(decoded[i].chroma_shift_y(), source.chroma_shift_y());
    EXPECT_EQ(decoded[i].pts(), kUnevenTimes[i]);
    EXPECT_LT(mean_luma_error(source, decoded[i]), 8.0) << "frame " << i;
  }
}

TEST_P(EveryCodec, SameFramesGiveSameBytes) {
  const auto& [codec, shape] = GetParam();
  const VideoInfo info = test_info(shape, codec);
  for (const int threads : {1, 2}) {
    EncoderSettings settings;
    settings.preset = fast_preset(codec);
    settings.threads = threads;
    const auto once = encode_frames(info, shape, settings, kUnevenTimes);
    const auto again = encode_frames(info, shape, settings, kUnevenTimes);
    ASSERT_TRUE(once && again);
    EXPECT_EQ(once->extradata, again->extradata);
    ASSERT_EQ(once->packets.size(), again->packets.size());
    for (std::size_t i = 0; i < once->packets.size(); ++i) {
      EXPECT_EQ(once->packets[i].data, again->packets[i].data) << "packet " << i << ", threads " << threads;
    }
  }
}

constexpr Shape kEven{{96, 64}, AV_PIX_FMT_YUV420P};
constexpr Shape kOdd{{97, 65}, AV_PIX_FMT_YUV420P};
constexpr Shape kTenBit{{96, 64}, AV_PIX_FMT_YUV420P10};
constexpr Shape kWideChroma{{96, 64}, AV_PIX_FMT_YUV422P};
constexpr Shape kFullRange{{96, 64}, AV_PIX_FMT_YUVJ420P};
INSTANTIATE_TEST_SUITE_P(Encoder, EveryCodec,
                         ::testing::Values(std::tuple("h264", kEven), std::tuple("h264", kTenBit),
                                           std::tuple("h264", kWideChroma), std::tuple("h264", kFullRange),
                                           std::tuple("hevc", kEven), std::tuple("hevc", kTenBit),
                                           std::tuple("hevc", kWideChroma), std::tuple("vp9", kEven),
                                           std::tuple("vp9", kOdd), std::tuple("vp9", kTenBit),
                                           std::tuple("vp8", kOdd), std::tuple("av1", kEven),
                                           std::tuple("av1", kOdd), std::tuple("av1", kTenBit),
                                           std::tuple("mpeg4", kEven), std::tuple("mpeg4", kOdd)));

TEST(VideoEncoder, ChunksStandAloneAndShareTheConfiguration) {
  const Shape shape;
  const VideoInfo info = test_info(shape, "h264");
  std::vector<std::int64_t> first;
  std::vector<std::int64_t> second;
  for (int i = 0; i < 20; ++i) first.push_back(i * 3600);
  for (int i = 20; i < 35; ++i) second.push_back(i * 3600);
  const auto a = encode_frames(info, shape, {}, first);
  const auto b = encode_frames(info, shape, {}, second);
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->extradata, b->extradata);
  EXPECT_TRUE(b->packets[0].keyframe);
  EXPECT_EQ(b->packets[0].pts, second[0]);
  const bool reordered = !std::ranges::is_sorted(a->packets, {}, &EncodedPacket::pts);
  EXPECT_TRUE(reordered) << "the default preset was expected to use B-frames";
  EXPECT_EQ(decode(*b).size(), second.size());
}

TEST(VideoEncoder, RefusesAFrameOfAnotherSize) {
  const Shape shape;
  const VideoInfo info = test_info(shape, "h264");
  const EncoderChoice choice = *choose_encoder(info, {}, "mp4");
  VideoEncoder encoder = *VideoEncoder::create(info, test_frame(shape, 0, 0), choice, 1);
  const auto result = encoder.encode(test_frame({{64, 64}, AV_PIX_FMT_YUV420P}, 0, 0));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::unsupported);
  EXPECT_THAT(result.error().message, HasSubstr("96x64"));
}

TEST(ChooseEncoder, TakesTheInputsCodecElseH264) {
  const auto encoder = [](const std::string& codec, Size size, const std::string& container) {
    const auto choice = choose_encoder(test_info({size, AV_PIX_FMT_YUV420P}, codec), {}, container);
    return choice ? choice->encoder + (choice->substituted ? " instead" : "")
                  : "error: " + choice.error().message;
  };
  EXPECT_EQ(encoder("h264", {640, 360}, "mp4"), "libx264");
  EXPECT_EQ(encoder("hevc", {640, 360}, "mov"), "libx265");
  EXPECT_EQ(encoder("av1", {640, 360}, "mp4"), "libsvtav1");
  EXPECT_EQ(encoder("av1", {640, 361}, "mp4"), "libaom-av1");
  EXPECT_EQ(encoder("mpeg4", {640, 361}, "matroska"), "mpeg4");
  EXPECT_EQ(encoder("vp9", {641, 361}, "webm"), "libvpx-vp9");
  EXPECT_EQ(encoder("prores", {640, 360}, "mov"), "libx264 instead");
  EXPECT_EQ(encoder("wmv3", {640, 361}, "matroska"), "mpeg4 instead");
  EXPECT_EQ(encoder("h264", {640, 360}, "webm"), "libvpx-vp9 instead");
  EXPECT_EQ(encoder("vp9", {640, 360}, "mpegts"), "libx264 instead");
}

TEST(ChooseEncoder, NamesWhatWouldBeValid) {
  const auto message = [](const EncoderSettings& settings, Size size = {640, 360}) {
    const auto choice = choose_encoder(test_info({size, AV_PIX_FMT_YUV420P}, "h264"), settings, "mp4");
    if (choice) return std::string("no error");
    EXPECT_EQ(choice.error().kind, ErrorKind::invalid_argument);
    return choice.error().message;
  };
  EXPECT_THAT(message({.codec = "theora"}), HasSubstr("h264, hevc, vp9, vp8, av1 or mpeg4"));
  EXPECT_THAT(message({.crf = 52}), HasSubstr("1 (best) to 51"));
  EXPECT_THAT(message({.crf = -2}), HasSubstr("-2"));
  EXPECT_THAT(message({.preset = "quick"}), HasSubstr("ultrafast, superfast"));
  EXPECT_THAT(message({.codec = "vp9", .preset = "medium"}), HasSubstr("0 (slow) to 5 (fast)"));
  EXPECT_THAT(message({.codec = "mpeg4", .preset = "fast"}), HasSubstr("no presets"));
  EXPECT_THAT(message({.codec = "vp8"}), HasSubstr("mp4 files cannot hold vp8"));
  EXPECT_THAT(message({.codec = "h265"}, {640, 361}), HasSubstr("odd picture size 640x361; choose vp9"));
  EXPECT_EQ(message({.codec = "x265", .crf = 30, .preset = "slow"}), "no error");
}

}  // namespace
}  // namespace sightline::media
