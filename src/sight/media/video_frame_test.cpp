#include "sight/media/video_frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "sight/media/frame_factory.h"

namespace sightline::media {
namespace {

VideoFrame frame_of(Size size, int depth = 8, int shift_y = 1) {
  auto frame = make_frame(size, depth, 1, shift_y, 7);
  EXPECT_TRUE(frame.has_value());
  return *frame;
}

int sample(const PlaneView& plane, int x, int y) {
  if (plane.bit_depth == 8) return plane.row(y)[x];
  std::uint16_t value = 0;
  std::memcpy(&value, plane.row(y) + 2 * x, sizeof value);
  return value;
}

void fill_noise(const VideoFrame& frame) {
  std::mt19937 random(5);
  const PlaneView plane = frame.plane(0);
  const auto top = static_cast<unsigned>((1 << plane.bit_depth) - 1);
  for (int y = 0; y < plane.height; ++y) {
    for (int x = 0; x < plane.width; ++x) {
      const auto value = static_cast<std::uint16_t>(random() % (top + 1));
      std::memcpy(plane.row(y) + x * plane.bytes_per_sample(), &value,
                  static_cast<std::size_t>(plane.bytes_per_sample()));
    }
  }
}

/// The stored pixel that a displayed one shows, from the definition in geometry.h.
Point stored_pixel(const Orientation& orientation, Size stored, int x, int y) {
  const Box box = orientation.to_stored({static_cast<float>(x), static_cast<float>(y), 1, 1}, stored);
  return {box.x, box.y};
}

struct LumaCase {
  Size size;
  int depth;
  int levels;
};

TEST(DisplayedLuma, AveragesBlocksOfTheDisplayedPicture) {
  for (const LumaCase& c : {LumaCase{{37, 23}, 8, 0}, LumaCase{{37, 23}, 8, 1}, LumaCase{{37, 23}, 10, 1},
                            LumaCase{{64, 48}, 8, 2}, LumaCase{{61, 50}, 8, 3}, LumaCase{{61, 50}, 10, 4},
                            LumaCase{{3, 2}, 8, 4}, LumaCase{{1, 1}, 10, 0}}) {
    const VideoFrame frame = frame_of(c.size, c.depth);
    fill_noise(frame);
    const PlaneView plane = frame.plane(0);
    for (int exif = 1; exif <= 8; ++exif) {
      const Orientation orientation = orientation_from_exif(exif);
      const LumaImage luma = displayed_luma(frame, orientation, c.levels);
      const Size full = orientation.displayed(c.size);
      const int side = 1 << c.levels;
      ASSERT_EQ(luma.size, (Size{(full.width + side - 1) / side, (full.height + side - 1) / side}));
      for (int y = 0; y < luma.size.height; ++y) {
        for (int x = 0; x < luma.size.width; ++x) {
          double sum = 0;
          int count = 0;
          for (int v = y * side; v < std::min((y + 1) * side, full.height); ++v) {
            for (int u = x * side; u < std::min((x + 1) * side, full.width); ++u, ++count) {
              const Point at = stored_pixel(orientation, c.size, u, v);
              sum += sample(plane, static_cast<int>(at.x), static_cast<int>(at.y));
            }
          }
          const double mean = sum / count / (1 << (c.depth - 8));
          ASSERT_NEAR(luma.row(y)[x], std::min(255.0, mean), 0.5001)
              << "exif " << exif << " levels " << c.levels << " depth " << c.depth << " at " << x << ',' << y;
        }
      }
    }
  }
}

RgbImage four_corners(Size size) {
  RgbImage image{size, std::vector<std::uint8_t>(static_cast<std::size_t>(size.width * size.height) * 3)};
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      std::uint8_t* pixel = image.row(y) + 3 * x;
      const bool right = x >= size.width / 2;
      const bool bottom = y >= size.height / 2;
      pixel[0] = right ? 20 : 220;
      pixel[1] = bottom ? 200 : 40;
      pixel[2] = right != bottom ? 180 : 30;
    }
  }
  return image;
}

void expect_pixel(const RgbImage& image, int x, int y, const std::uint8_t* wanted, int tolerance) {
  for (int c = 0; c < 3; ++c) {
    ASSERT_NEAR(image.row(y)[3 * x + c], wanted[c], tolerance) << "channel " << c << " at " << x << ',' << y;
  }
}

TEST(FrameConverter, ReturnsTheColoursAtEverySizeAndOrientation) {
  const RgbImage picture = four_corners({96, 64});
  auto frame = frame_from_rgb(picture, 0);
  ASSERT_TRUE(frame.has_value());
  FrameConverter converter;
  for (int exif = 1; exif <= 8; ++exif) {
    const Orientation orientation = orientation_from_exif(exif);
    // 85 wide: rows that swscale's vectors do not fill evenly. The last two are enlarged and stretched.
    for (const Size stored :
         {Size{96, 64}, Size{85, 57}, Size{48, 32}, Size{31, 20}, Size{200, 130}, Size{96, 150}}) {
      const Size size = orientation.displayed(stored);
      auto shown = converter.to_rgb(*frame, orientation, size);
      ASSERT_TRUE(shown.has_value());
      ASSERT_EQ(shown->size, size);
      for (const float fy : {0.1F, 0.3F, 0.7F, 0.97F}) {
        for (const float fx : {0.1F, 0.3F, 0.7F, 0.97F}) {
          const int x = static_cast<int>(fx * static_cast<float>(size.width));
          const int y = static_cast<int>(fy * static_cast<float>(size.height));
          const Point at = stored_pixel(orientation, stored, x, y);
          const int px = static_cast<int>((at.x + 0.5F) * 96 / static_cast<float>(stored.width));
          const int py = static_cast<int>((at.y + 0.5F) * 64 / static_cast<float>(stored.height));
          expect_pixel(*shown, x, y, picture.row(py) + 3 * px, 4);
        }
      }
    }
  }
}

TEST(FrameConverter, EveryColumnAndRowIsWritten) {
  RgbImage white{{128, 128}, std::vector<std::uint8_t>(128 * 128 * 3, 255)};
  const auto frame = frame_from_rgb(white, 0);
  ASSERT_TRUE(frame.has_value());
  FrameConverter converter;
  for (int width = 1; width <= 130; ++width) {
    const auto shown = converter.to_rgb(*frame, {}, {width, 131 - width});
    ASSERT_TRUE(shown.has_value());
    ASSERT_GE(*std::min_element(shown->pixels.begin(), shown->pixels.end()), 248) << width;
  }
}

TEST(FrameConverter, TenBitAndFourTwoTwoShowGrey) {
  for (const int depth : {8, 10}) {
    for (const int shift_y : {0, 1}) {
      const VideoFrame frame = frame_of({64, 48}, depth, shift_y);
      const PlaneView luma = frame.plane(0);
      const auto grey = static_cast<std::uint16_t>(126 << (depth - 8));
      for (int y = 0; y < luma.height; ++y) {
        for (int x = 0; x < luma.width; ++x) {
          std::memcpy(luma.row(y) + x * luma.bytes_per_sample(), &grey,
                      static_cast<std::size_t>(luma.bytes_per_sample()));
        }
      }
      FrameConverter converter;
      for (const Size size : {Size{64, 48}, Size{32, 24}}) {
        const auto shown = converter.to_rgb(frame, {}, size);
        ASSERT_TRUE(shown.has_value());
        const std::uint8_t wanted[3] = {128, 128, 128};
        expect_pixel(*shown, size.width / 2, size.height / 2, wanted, 3);
      }
    }
  }
}

TEST(VideoFrame, WritingToACopyLeavesTheOriginalAlone) {
  const VideoFrame original = frame_of({32, 32});
  VideoFrame copy = original;
  ASSERT_TRUE(copy.make_writable().has_value());
  copy.plane(0).row(3)[4] = 200;
  EXPECT_EQ(original.plane(0).row(3)[4], 16);
  EXPECT_EQ(copy.pts(), original.pts());

  std::uint8_t* before = copy.plane(0).data;
  ASSERT_TRUE(copy.make_writable().has_value());
  EXPECT_EQ(copy.plane(0).data, before) << "a sole owner need not be copied";
}

TEST(MakeFrame, RefusesWhatNoFrameCanBe) {
  EXPECT_EQ(make_frame({0, 4}, 8, 1, 1, 0).error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(make_frame({4, 20000}, 8, 1, 1, 0).error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(make_frame({4, 4}, 12, 1, 1, 0).error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(make_frame({4, 4}, 8, 0, 0, 0).error().kind, ErrorKind::invalid_argument);
  const VideoFrame odd = frame_of({5, 3}, 10, 0);
  EXPECT_EQ(odd.plane(1).width, 3);
  EXPECT_EQ(odd.plane(1).height, 3);
  EXPECT_EQ(odd.plane(2).bit_depth, 10);
}

}  // namespace
}  // namespace sightline::media
