#include "sight/faces/face_quality.h"

#include <gmock/gmock.h>

#include "sight/faces/alignment.h"
#include "sight/faces/faces_testing.h"

namespace sightline::faces {
namespace {

using ::testing::ElementsAre;
using testing::portrait;

analysis::Face scaled_portrait_face(float scale = 1) {
  analysis::Face face;
  face.confidence = 0.99F;
  face.box = {178 * scale, 62 * scale, 92 * scale, 122 * scale};
  face.landmarks = testing::kPortraitPoints;
  for (media::Point& point : face.landmarks) point = {point.x * scale, point.y * scale};
  return face;
}

TEST(QualityTest, DarkerIsLessBright) {
  media::RgbImage picture = portrait();
  const Quality lit = *measure_quality(picture, scaled_portrait_face());
  for (std::uint8_t& sample : picture.pixels) sample = static_cast<std::uint8_t>(sample / 4);
  const Quality dark = *measure_quality(picture, scaled_portrait_face());
  EXPECT_GT(lit.brightness, 60);
  EXPECT_NEAR(dark.brightness, lit.brightness / 2, 3);
}

TEST(QualityTest, SmallFacesAndBlurredOnesAreLessSharp) {
  const media::RgbImage picture = portrait();
  const Quality sharp = *measure_quality(picture, scaled_portrait_face());
  EXPECT_GT(sharp.sharpness, 60);
  const Quality small = *measure_quality(chip(picture, {4, 0, 0, 0}, 128), scaled_portrait_face(0.25F));
  const Quality blurred =
      *measure_quality(chip(chip(picture, {4, 0, 0, 0}, 128), {0.25F, 0, 0, 0}, 512), scaled_portrait_face());
  EXPECT_LT(small.sharpness, sharp.sharpness - 20);
  EXPECT_LT(blurred.sharpness, sharp.sharpness - 20);
  const Quality tiny = *measure_quality(chip(picture, {8, 0, 0, 0}, 64), scaled_portrait_face(0.125F));
  EXPECT_LT(tiny.sharpness, small.sharpness + 1);
}

TEST(QualityTest, PicturesWithoutPixelsAreRefused) {
  EXPECT_FALSE(measure_quality({}, scaled_portrait_face()));
}

TEST(WeaknessTest, EveryWayBelowTheBarIsTold) {
  const Quality good{70, 90};
  EXPECT_THAT(weaknesses(scaled_portrait_face(), Pose{}, good, QualityBar::high), ElementsAre());
  EXPECT_THAT(weaknesses(scaled_portrait_face(), Pose{0, -80, 0}, good, QualityBar::low),
              ElementsAre(Weakness::extreme_pose));
  EXPECT_THAT(weaknesses(scaled_portrait_face(), Pose{90, 0, 60}, good, QualityBar::low),
              ElementsAre(Weakness::extreme_pose));
  EXPECT_THAT(weaknesses(scaled_portrait_face(0.2F), Pose{}, Quality{5, 2}, QualityBar::low),
              ElementsAre(Weakness::small_box, Weakness::low_brightness, Weakness::low_sharpness));
  EXPECT_THAT(weaknesses(scaled_portrait_face(), std::nullopt, good, QualityBar::low),
              ElementsAre(Weakness::extreme_pose));
  analysis::Face doubtful = scaled_portrait_face();
  doubtful.confidence = 0.6F;
  EXPECT_THAT(weaknesses(doubtful, Pose{}, good, QualityBar::low), ElementsAre());
  EXPECT_THAT(weaknesses(doubtful, Pose{}, good, QualityBar::medium), ElementsAre(Weakness::low_confidence));
  EXPECT_THAT(weaknesses(scaled_portrait_face(0.01F), Pose{0, 180, 0}, Quality{}, QualityBar::none),
              ElementsAre());
}

}  // namespace
}  // namespace sightline::faces
