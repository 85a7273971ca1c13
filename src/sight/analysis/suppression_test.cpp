#include "sight/analysis/suppression.h"

#include <gtest/gtest.h>

#include "sight/analysis/calibration.h"

namespace sightline::analysis {
namespace {

Face face(float x, float y, float side, float score) {
  Face made;
  made.box = {x, y, side, side};
  made.score = score;
  return made;
}

TEST(SuppressionTest, TheBestOfOverlappingOnesStays) {
  const auto kept =
      suppress_overlaps({face(0, 0, 10, 0.5F), face(1, 1, 10, 0.9F), face(50, 50, 10, 0.4F)}, 0.3F);
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_FLOAT_EQ(kept[0].score, 0.9F);
  EXPECT_FLOAT_EQ(kept[1].score, 0.4F);
}

TEST(SuppressionTest, NeighboursThatTouchStay) {
  EXPECT_EQ(suppress_overlaps({face(0, 0, 10, 0.5F), face(9, 0, 10, 0.9F)}, 0.3F).size(), 2U);
}

TEST(SuppressionTest, TheOrderGivenDoesNotMatter) {
  const Face a = face(0, 0, 10, 0.5F);
  const Face b = face(4, 0, 10, 0.5F);
  EXPECT_EQ(suppress_overlaps({a, b}, 0.3F)[0].box, suppress_overlaps({b, a}, 0.3F)[0].box);
}

TEST(CalibrationTest, LinearBetweenKnotsAndFlatOutside) {
  const std::vector<std::pair<float, float>> knots{{0.2F, 0.4F}, {0.6F, 0.8F}};
  EXPECT_FLOAT_EQ(calibrated(knots, 0.0F), 0.4F);
  EXPECT_FLOAT_EQ(calibrated(knots, 0.4F), 0.6F);
  EXPECT_FLOAT_EQ(calibrated(knots, 0.6F), 0.8F);
  EXPECT_FLOAT_EQ(calibrated(knots, 1.0F), 0.8F);
}

TEST(CalibrationTest, NeverFalls) {
  const std::vector<std::pair<float, float>> knots{{0.1F, 0.1F}, {0.3F, 0.1F}, {0.5F, 0.9F}, {0.9F, 0.95F}};
  float before = 0;
  for (int i = 0; i <= 1000; ++i) {
    const float now = calibrated(knots, static_cast<float>(i) / 1000);
    EXPECT_GE(now, before);
    before = now;
  }
}

TEST(CalibrationTest, WithoutKnotsTheRawScore) {
  EXPECT_FLOAT_EQ(calibrated({}, 0.7F), 0.7F);
}

}  // namespace
}  // namespace sightline::analysis
