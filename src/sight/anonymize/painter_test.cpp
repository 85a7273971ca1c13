#include "sight/anonymize/painter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "sight/media/frame_factory.h"

namespace sightline::anonymize {
namespace {

using media::Box;
using media::PlaneView;

int sample(const PlaneView& view, int x, int y, int channel = 0) {
  const int at = x * view.channels + channel;
  if (view.bytes_per_sample() == 1) return view.row(y)[at];
  std::uint16_t wide = 0;
  std::memcpy(&wide, view.row(y) + static_cast<std::ptrdiff_t>(at) * 2, 2);
  return wide;
}

Style solid(std::uint8_t r, std::uint8_t g, std::uint8_t b) {
  Style style;
  style.kind = StyleKind::solid;
  style.fill_rgb = {r, g, b};
  return style;
}

std::vector<std::uint8_t> bytes_of(const media::VideoFrame& frame) {
  std::vector<std::uint8_t> out;
  for (int i = 0; i < 3; ++i) {
    const PlaneView view = frame.plane(i);
    for (int y = 0; y < view.height; ++y) {
      out.insert(out.end(), view.row(y), view.row(y) + view.width * view.bytes_per_sample());
    }
  }
  return out;
}

TEST(FramePainter, FillsWithTheColourInTheFramesOwnModel) {
  for (const int depth : {8, 10}) {
    for (const int shift_y : {0, 1}) {
      auto frame = media::make_frame({65, 49}, depth, 1, shift_y, 0);
      ASSERT_TRUE(frame);
      const std::vector<PaintArea> areas = {{Box{10, 10, 20, 20}, true}};
      ASSERT_TRUE(paint(*frame, {}, areas, {}, solid(255, 255, 255)));
      const int unit = depth == 8 ? 1 : 4;
      EXPECT_EQ(sample(frame->plane(0), 15, 15), 235 * unit);  // limited range white
      EXPECT_EQ(sample(frame->plane(1), 8, shift_y == 1 ? 8 : 15), 128 * unit);
      EXPECT_EQ(sample(frame->plane(0), 40, 40), 16 * unit);
      ASSERT_TRUE(paint(*frame, {}, areas, {}, solid(255, 0, 0)));
      EXPECT_NEAR(sample(frame->plane(2), 8, shift_y == 1 ? 8 : 15), 240 * unit, 1);  // all red
    }
  }
}

TEST(FramePainter, OtherHoldersOfTheFrameKeepTheirSamples) {
  auto frame = media::make_frame({64, 48}, 8, 1, 1, 0);
  ASSERT_TRUE(frame);
  const media::VideoFrame other = *frame;
  const auto before = bytes_of(other);
  const std::vector<PaintArea> areas = {{Box{10, 10, 20, 20}}};
  ASSERT_TRUE(paint(*frame, {}, areas, {}, solid(200, 10, 10)));
  EXPECT_EQ(bytes_of(other), before);
  EXPECT_NE(bytes_of(*frame), before);
}

TEST(FramePainter, NothingToPaintCopiesNothing) {
  auto frame = media::make_frame({64, 48}, 8, 1, 1, 0);
  ASSERT_TRUE(frame);
  const media::VideoFrame other = *frame;
  const std::vector<PaintArea> outside = {{Box{500, 10, 20, 20}}};
  ASSERT_TRUE(paint(*frame, {}, outside, {}, solid(200, 10, 10)));
  EXPECT_EQ(frame->plane(0).data, other.plane(0).data);
}

TEST(FramePainter, RotatedClipsArePaintedWhereTheViewerSeesTheBox) {
  auto frame = media::make_frame({64, 48}, 8, 1, 1, 0);
  ASSERT_TRUE(frame);
  const media::Orientation turned = media::orientation_from_exif(6);  // shown 48 wide, 64 high
  const std::vector<PaintArea> areas = {{Box{40, 2, 6, 8}, true}};    // top right as seen
  ASSERT_TRUE(paint(*frame, turned, areas, {}, solid(255, 255, 255)));
  EXPECT_EQ(sample(frame->plane(0), 4, 4), 235);  // stored top left
  EXPECT_EQ(sample(frame->plane(0), 60, 4), 16);
  EXPECT_EQ(sample(frame->plane(0), 4, 44), 16);
}

media::RgbImage ramp(int width, int height) {
  media::RgbImage image{{width, height}, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c)
        image.pixels.push_back(static_cast<std::uint8_t>((x * 7 + y * 13 + c * 50) % 256));
    }
  }
  return image;
}

TEST(PicturePainter, PngKeepsEveryPixelOutsideThePaint) {
  const media::RgbImage image = ramp(61, 47);
  media::Picture picture = media::Picture::from_rgb(image);
  const std::vector<PaintArea> areas = {{Box{20, 15, 10, 12}}};
  paint(picture, areas, {}, Style{});
  const auto file = picture.encode_as(media::PictureFormat::png);
  ASSERT_TRUE(file);
  const auto decoded = media::decode_rgb(*file, "test");
  ASSERT_TRUE(decoded);
  int changed = 0;
  for (int y = 0; y < 47; ++y) {
    for (int x = 0; x < 61; ++x) {
      const bool same = std::memcmp(decoded->row(y) + x * 3, image.row(y) + x * 3, 3) == 0;
      const bool near = x >= 15 && x < 35 && y >= 9 && y < 33;
      if (!near) {
        ASSERT_TRUE(same) << x << ',' << y;
      }
      changed += same ? 0 : 1;
    }
  }
  EXPECT_GT(changed, 110);
}

}  // namespace
}  // namespace sightline::anonymize
