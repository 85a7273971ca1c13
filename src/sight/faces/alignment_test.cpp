#include "sight/faces/alignment.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace sightline::faces {
namespace {

constexpr std::array<media::Point, 5> kPoints = {{{10, 10}, {50, 12}, {30, 30}, {14, 50}, {45, 52}}};

std::array<media::Point, 5> moved(const Placement& placement) {
  std::array<media::Point, 5> points;
  for (std::size_t i = 0; i < points.size(); ++i) points[i] = placement(kPoints[i]);
  return points;
}

/// Brightness rises to the right in red and downwards in green.
media::RgbImage ramps(int width, int height) {
  media::RgbImage image{{width, height}, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.pixels.push_back(static_cast<std::uint8_t>(x * 255 / width));
      image.pixels.push_back(static_cast<std::uint8_t>(y * 255 / height));
      image.pixels.push_back(static_cast<std::uint8_t>((x + y) % 2 == 0 ? 200 : 100));
    }
  }
  return image;
}

TEST(AlignTest, FindsTheTurnScaleAndShiftBetweenPoints) {
  const Placement truth{1.5F * std::cos(0.7F), 1.5F * std::sin(0.7F), 40, -7};
  const auto found = align(kPoints, moved(truth));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_NEAR(found->a, truth.a, 1e-4);
  EXPECT_NEAR(found->b, truth.b, 1e-4);
  EXPECT_NEAR(found->tx, truth.tx, 1e-3);
  EXPECT_NEAR(found->ty, truth.ty, 1e-3);
  EXPECT_NEAR(found->scale(), 1.5, 1e-4);
}

TEST(AlignTest, OnePointThatIsOffMovesTheRestLittle) {
  auto points = moved({2, 0, 0, 0});
  points[2].x += 10;
  const auto found = align(kPoints, points);
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->scale(), 2, 0.1);
}

TEST(AlignTest, PointsInOnePlaceOrNowhereAreRefused) {
  std::array<media::Point, 5> same;
  same.fill({3, 4});
  std::array<media::Point, 5> nowhere = kPoints;
  nowhere[1].x = std::numeric_limits<float>::quiet_NaN();
  std::array<media::Point, 5> far = kPoints;
  far[1].x = std::numeric_limits<float>::infinity();
  for (const auto& points : {same, nowhere, far}) {
    for (const auto& result : {align(kPoints, points), align(points, kPoints)}) {
      ASSERT_FALSE(result);
      EXPECT_EQ(result.error().kind, ErrorKind::invalid_argument);
    }
  }
  EXPECT_FALSE(align(kPoints, std::span(kPoints).first(4)));
}

TEST(ChipTest, APlainChipIsThePartOfThePicture) {
  const media::RgbImage picture = ramps(64, 48);
  const media::RgbImage part = chip(picture, {1, 0, 20, 10}, 16);
  for (int y = 0; y < 16; ++y)
    for (int i = 0; i < 16 * 3; ++i)
      ASSERT_EQ(part.row(y)[i], picture.row(y + 10)[20 * 3 + i]) << y << " " << i;
}

TEST(ChipTest, TurnsAsThePlacementSays) {
  const media::RgbImage picture = ramps(200, 200);
  const media::RgbImage turned = chip(picture, {0, 1, 150, 50}, 100);  // a quarter turn clockwise
  EXPECT_NEAR(turned.row(0)[0], picture.row(50)[149 * 3], 2);
  EXPECT_NEAR(turned.row(0)[99 * 3 + 1], picture.row(149)[149 * 3 + 1], 2);
  EXPECT_NEAR(turned.row(99)[0], picture.row(50)[50 * 3], 2);
}

TEST(ChipTest, ALargeFaceIsAveragedNotPicked) {
  const media::RgbImage picture = ramps(400, 400);
  const media::RgbImage reduced = chip(picture, {8, 0, 0, 0}, 50);
  EXPECT_NEAR(reduced.row(25)[25 * 3], 255.0 * 204 / 400, 3);
  // Single pixels alternate between 100 and 200.
  for (int x = 5; x < 45; ++x) EXPECT_NEAR(reduced.row(25)[x * 3 + 2], 150, 4);
}

TEST(ChipTest, BeyondTheBorderThePictureIsRepeated) {
  const media::RgbImage picture = ramps(32, 32);
  for (const float scale : {1.0F, 3.0F}) {
    const media::RgbImage part = chip(picture, {scale, 0, -1000, -1000}, 8);
    EXPECT_EQ(part.row(7)[7 * 3], picture.row(0)[0]);
  }
}

TEST(ChipTest, BetweenPixelsTheirShareIsBlended) {
  media::RgbImage picture{{2, 2}, {0, 0, 0, 100, 10, 1, 200, 20, 2, 40, 4, 8}};
  // Its middle, and the lower right corner, beyond which there is nothing to blend with.
  EXPECT_EQ(chip(picture, {0.01F, 0, 0.995F, 0.995F}, 1).pixels, (std::vector<std::uint8_t>{85, 9, 3}));
  EXPECT_EQ(chip(picture, {0.01F, 0, 1.99F, 1.99F}, 1).pixels, (std::vector<std::uint8_t>{40, 4, 8}));
}

TEST(ChipTest, MirroredTwiceIsTheSame) {
  const media::RgbImage picture = ramps(31, 7);
  EXPECT_EQ(mirrored(picture).row(3)[0], picture.row(3)[30 * 3]);
  EXPECT_EQ(mirrored(mirrored(picture)).pixels, picture.pixels);
}

}  // namespace
}  // namespace sightline::faces
