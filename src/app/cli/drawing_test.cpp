#include "app/cli/drawing.h"

#include <gtest/gtest.h>

#include <limits>

namespace sightline::cli {
namespace {

media::RgbImage gray(int width, int height) {
  return {{width, height}, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height * 3), 128)};
}

TEST(DrawFaces, OutlinesTheBoxAndLeavesItsInsideAlone) {
  media::RgbImage image = gray(64, 64);
  const analysis::Face face{{20, 20, 30, 30}, 1, 1, {{{30, 30}, {40, 30}, {35, 35}, {30, 44}, {40, 44}}}};
  draw_faces(image, {&face, 1});
  EXPECT_EQ(image.row(20)[3 * 40 + 1], 255) << "top edge is green";
  EXPECT_EQ(image.row(49)[3 * 40 + 1], 255) << "bottom edge";
  EXPECT_EQ(image.row(30)[3 * 30 + 1], 255) << "left eye";
  EXPECT_EQ(image.row(40)[3 * 25 + 1], 128) << "inside";
  EXPECT_EQ(image.row(60)[3 * 60 + 1], 128) << "outside";
}

TEST(DrawFaces, BoxesBeyondThePictureAreHarmless) {
  media::RgbImage image = gray(16, 16);
  constexpr float kHuge = std::numeric_limits<float>::max();
  const std::array<analysis::Face, 2> faces = {analysis::Face{{-100, -100, 1e9F, 1e9F}, 1, 1, {}},
                                               analysis::Face{{kHuge, kHuge, -kHuge, 4}, 1, 1, {}}};
  draw_faces(image, faces);
  EXPECT_EQ(image.pixels.size(), 16U * 16U * 3U);
}

}  // namespace
}  // namespace sightline::cli
