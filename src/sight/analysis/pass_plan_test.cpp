#include "sight/analysis/pass_plan.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sightline::analysis {
namespace {

std::vector<Pass> plan(media::Size size, Scope scope, float aspect = 1) {
  return plan_passes(size, aspect, picture_options(scope), 32);
}

/// The passes of `all` at one scale that answer for the largest allowed face with this centre, a fraction of
/// the picture.
int answering(const std::vector<Pass>& all, const Pass& scale, float x, float y) {
  const float side = scale.max_side;
  const media::Size base = scale.base;
  int count = 0;
  for (const Pass& pass : all) {
    if (pass.base != base || pass.area.width != scale.area.width) continue;
    const media::Point at{x * static_cast<float>(base.width), y * static_cast<float>(base.height)};
    const bool owns =
        at.x >= pass.core.x && at.x < pass.core.right() && at.y >= pass.core.y && at.y < pass.core.bottom();
    if (!owns) continue;
    ++count;
    // A face that is whole in the picture is whole in the tile that answers for it.
    const auto inside = [&](float low, float high, float start, float end, float limit) {
      return std::max(0.0F, low) >= start - 0.01F && std::min(limit, high) <= end + 0.01F;
    };
    EXPECT_TRUE(inside(at.x - side / 2, at.x + side / 2, pass.area.x, pass.area.right(),
                       static_cast<float>(base.width)));
    EXPECT_TRUE(inside(at.y - side / 2, at.y + side / 2, pass.area.y, pass.area.bottom(),
                       static_cast<float>(base.height)));
  }
  return count;
}

TEST(PassPlanTest, BalancedLooksOnceAtNativeSize) {
  const auto passes = plan({640, 360}, Scope::balanced);
  ASSERT_EQ(passes.size(), 1U);
  EXPECT_EQ(passes[0].input, (media::Size{640, 384}));
}

TEST(PassPlanTest, BalancedLooksAgainForFacesThatFillThePicture) {
  const auto passes = plan({1280, 720}, Scope::balanced);
  ASSERT_EQ(passes.size(), 2U);
  EXPECT_EQ(passes[0].input, (media::Size{1280, 736}));
  EXPECT_EQ(passes[0].min_side, 0);
  EXPECT_EQ(passes[1].input, (media::Size{320, 192}));
  EXPECT_GT(passes[1].min_side, 60);
}

TEST(PassPlanTest, LargePicturesAreReduced) {
  EXPECT_EQ(plan({8000, 4000}, Scope::balanced)[0].input, (media::Size{1920, 960}));
  EXPECT_EQ(plan({4000, 8000}, Scope::fast)[0].input, (media::Size{480, 960}));
}

TEST(PassPlanTest, ClipsAreReducedFurther) {
  const auto passes = plan_passes({1920, 1080}, 1, clip_options(Scope::balanced), 32);
  EXPECT_EQ(passes[0].input, (media::Size{1280, 736}));
}

TEST(PassPlanTest, TheSmallestFaceGrowsWithWhatIsReduced) {
  const auto smallest = [](media::Size size, Scope scope) {
    return smallest_face(size, 1, picture_options(scope));
  };
  EXPECT_EQ(smallest({1280, 720}, Scope::balanced), 20);
  EXPECT_EQ(smallest({3840, 2160}, Scope::balanced), 40);
  EXPECT_EQ(smallest({3840, 2160}, Scope::fast), 80);
  EXPECT_EQ(smallest({3840, 2160}, Scope::thorough), 10);
  EXPECT_EQ(smallest({64, 64}, Scope::balanced), 10);  // enlarged to 128
}

TEST(PassPlanTest, OblongPixelsAreMadeSquare) {
  EXPECT_EQ(plan({720, 576}, Scope::balanced, 16.0F / 11)[0].input, (media::Size{1056, 576}));
}

TEST(PassPlanTest, TinyPicturesAreEnlarged) {
  EXPECT_EQ(plan({20, 20}, Scope::balanced)[0].input, (media::Size{128, 128}));
}

TEST(PassPlanTest, InputsAreBoundedMultiples) {
  for (const media::Size size : {media::Size{1, 1}, {65500, 1}, {1, 65500}, {16384, 16384}, {333, 4001}}) {
    for (const Scope scope : {Scope::fast, Scope::balanced, Scope::thorough}) {
      for (const Pass& pass : plan(size, scope)) {
        EXPECT_EQ(pass.input.width % 32, 0);
        EXPECT_EQ(pass.input.height % 32, 0);
        EXPECT_LE(pass.input.width, 1920);
        EXPECT_LE(pass.input.height, 1920);
        EXPECT_GE(pass.base.width, 1);
        EXPECT_GE(pass.base.height, 1);
      }
    }
  }
}

TEST(PassPlanTest, TilesOfEveryScaleAnswerForEveryPlaceOnce) {
  for (const media::Size size : {media::Size{1300, 900}, {2500, 1700}, {5000, 700}}) {
    const auto passes = plan(size, Scope::thorough);
    EXPECT_GT(passes.size(), 4U);
    for (const Pass& scale : passes)
      for (float y = 0; y < 1; y += 0.0173F)
        for (float x = 0; x < 1; x += 0.0173F) EXPECT_EQ(answering(passes, scale, x, y), 1);
  }
}

TEST(PassPlanTest, ThoroughEnlargesSmallFacesAndReducesLargeOnes) {
  const auto passes = plan({1280, 720}, Scope::thorough);
  EXPECT_LE(std::max(passes.front().input.width, passes.front().input.height), 320);
  const Pass& last = passes.back();
  EXPECT_NEAR(static_cast<float>(last.input.width) / last.area.width, 2, 0.1);
}

}  // namespace
}  // namespace sightline::analysis
