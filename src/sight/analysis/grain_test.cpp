#include "sight/analysis/grain.h"

#include <gtest/gtest.h>

#include "sight/analysis/dots_testing.h"
#include "sight/analysis/model_testing.h"

namespace sightline::analysis {
namespace {

TEST(GrainTest, PhotographsHaveNone) {
  for (const char* name : {"astronaut.png", "camera.png", "coffee.png", "rocket.jpg"})
    EXPECT_EQ(grain_of(testing::demo_image(name)), 1) << name;
}

TEST(GrainTest, DitheredToTwoTonesOrScreenedForPrintAPictureHasThatOfItsDots) {
  const media::RgbImage photograph = testing::demo_image("astronaut.png");
  EXPECT_EQ(grain_of(testing::dithered(photograph)), 2);
  EXPECT_EQ(grain_of(testing::screened(photograph, 4)), 2);
  EXPECT_EQ(grain_of(testing::screened(photograph, 6)), 4);
  EXPECT_EQ(grain_of(testing::screened(photograph, 10)), 8);
}

TEST(GrainTest, PicturesSmallerThanABlockHaveNone) {
  for (const media::Size size : {media::Size{1, 1}, {1, 40}, {40, 1}, {3, 5}}) {
    const media::RgbImage image{
        size, std::vector<std::uint8_t>(
                  static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height) * 3, 200)};
    EXPECT_EQ(grain_of(image), 1);
    EXPECT_EQ(smoothed(image, 8).pixels, image.pixels);
  }
}

}  // namespace
}  // namespace sightline::analysis
