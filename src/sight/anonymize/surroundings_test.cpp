#include "sight/anonymize/surroundings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "sight/anonymize/plane_testing.h"

namespace sightline::anonymize {
namespace {

using media::Box;
using testing::paint_one;
using testing::style_of;
using testing::TestPlane;

constexpr Box kFace{60, 50, 80, 100};

Style blur(float strength = 1) {
  Style style = style_of(StyleKind::blur);
  style.strength = strength;
  return style;
}

/// A plane of 200 x 200 samples (of 8 bit where nothing else is said) with picture(x, y) on it.
template <typename Picture>
TestPlane plane_of(const Picture& picture, int bit_depth = 8) {
  TestPlane plane(200, 200, 1, bit_depth, 1);
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 200; ++x) plane.set(x, y, picture(x, y) << (bit_depth - 8));
  }
  return plane;
}

/// What lies over `box` after painting.
template <typename Picture>
std::vector<int> painted(const Picture& picture, const std::vector<PaintArea>& areas, const Style& style,
                         const Box& box = kFace, int bit_depth = 8) {
  TestPlane plane = plane_of(picture, bit_depth);
  paint_one(plane, areas, style);
  std::vector<int> out;
  for (int y = static_cast<int>(box.y); y < static_cast<int>(box.bottom()); ++y) {
    for (int x = static_cast<int>(box.x); x < static_cast<int>(box.right()); ++x)
      out.push_back(plane.now(x, y));
  }
  return out;
}

int largest_difference(const std::vector<int>& a, const std::vector<int>& b) {
  int largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

/// The largest step between samples that are neighbours in `values`, rows of `width`.
int largest_step(const std::vector<int>& values, std::size_t width) {
  int largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % width != 0) largest = std::max(largest, std::abs(values[i] - values[i - 1]));
    if (i >= width) largest = std::max(largest, std::abs(values[i] - values[i - width]));
  }
  return largest;
}

bool inside(const Box& box, int x, int y) {
  return static_cast<float>(x) >= box.x && static_cast<float>(x) < box.right() &&
         static_cast<float>(y) >= box.y && static_cast<float>(y) < box.bottom();
}

/// Light and dark, coarse and fine: what a street may be.
int ground(int x, int y) {
  return (x < 90 ? 60 : 180) + (y / 23 % 2) * 40 + (x * 7 + y * 13) % 17;
}

TEST(Surroundings, NothingOfTheFaceIsInThePaint) {
  const auto one = [](int x, int y) {
    return inside(kFace, x, y) ? (x / 9 + y / 11) % 2 * 250 : ground(x, y);
  };
  const auto other = [](int x, int y) { return inside(kFace, x, y) ? 255 - (x + y) % 256 : ground(x, y); };
  for (const int bit_depth : {8, 10, 16}) {
    for (const MaskShape shape : {MaskShape::ellipse, MaskShape::box}) {
      for (const float strength : {0.25F, 1.0F, 4.0F}) {
        Style style = blur(strength);
        style.shape = shape;
        style.margin = 0;  // what is read begins as near to the face as it ever does
        EXPECT_EQ(painted(one, {{kFace}}, style, kFace, bit_depth),
                  painted(other, {{kFace}}, style, kFace, bit_depth));
      }
    }
  }
}

TEST(Surroundings, NothingOfTheFaceIsInItsChroma) {
  const auto chroma_of = [](int face) {
    TestPlane plane(75, 75, 1, 8, 1);
    plane.plane().shift_x = plane.plane().shift_y = 1;
    for (int y = 0; y < 75; ++y) {
      for (int x = 0; x < 75; ++x)
        plane.set(x, y, inside({30, 25, 41, 51}, x, y) ? face + x % 5 : ground(x, y));
    }
    const std::vector<PaintArea> areas = {{Box{61, 51, 79, 99}}};
    paint_planes({&plane.plane(), 1}, {149, 149}, {}, areas, {}, blur());
    std::vector<int> out;
    for (int y = 25; y < 75; ++y) {
      for (int x = 30; x < 70; ++x) out.push_back(plane.now(x, y));
    }
    return out;
  };
  EXPECT_EQ(chroma_of(10), chroma_of(240));
}

TEST(Surroundings, NothingOfANeighboursFaceIsInThePaint) {
  const Box left{30, 60, 60, 75};
  const Box right{95, 50, 70, 90};
  const auto with = [&](int face) {
    return [=](int x, int y) { return inside(right, x, y) ? face + (x * y) % 40 : ground(x, y); };
  };
  EXPECT_EQ(painted(with(0), {{left}, {right}}, blur(), left),
            painted(with(215), {{left}, {right}}, blur(), left));
}

TEST(Surroundings, ThePaintIsSmooth) {
  const auto busy = [](int x, int y) { return (x / 3 + y / 3) % 2 == 0 ? 0 : 255; };
  EXPECT_LE(largest_step(painted(busy, {{kFace}}, blur()), 80), 3);
  const auto halves = [](int x, int) { return x < 100 ? 0 : 255; };
  EXPECT_LE(largest_step(painted(halves, {{kFace}}, blur()), 80), 12);
  // And without waves: from dark to light it only rises.
  const std::vector<int> ramp = painted([](int x, int) { return x; }, {{kFace}}, blur());
  for (std::size_t i = 1; i < ramp.size(); ++i) {
    if (i % 80 != 0) {
      ASSERT_GE(ramp[i], ramp[i - 1]) << i;
    }
  }
}

TEST(Surroundings, OnOneColourThePaintIsThatColour) {
  for (const int bit_depth : {8, 10}) {
    const auto even = [](int x, int y) { return inside(kFace, x, y) ? (x + y) % 200 : 140; };
    for (const int value : painted(even, {{kFace}}, blur(), kFace, bit_depth))
      ASSERT_EQ(value, 140 << (bit_depth - 8));
  }
  TestPlane rgb(100, 100, 3, 8, 3);
  rgb.plane().channels = {FromRgb{1, 0, 0, 0}, FromRgb{0, 1, 0, 0}, FromRgb{0, 0, 1, 0}};
  constexpr int kColour[] = {200, 100, 80};
  for (int y = 0; y < 100; ++y) {
    for (int x = 0; x < 300; ++x) rgb.set(x, y, kColour[x % 3]);
  }
  paint_one(rgb, {{Box{30, 30, 40, 40}}}, blur());
  for (int x = 0; x < 300; ++x) ASSERT_EQ(rgb.now(x, 50), kColour[x % 3]);
}

TEST(Surroundings, TheEdgeBlendsIn) {
  // All that paint may change is black, all around it 200: along the middle row the paint rises gently.
  const auto picture = [](int x, int y) { return x >= 29 && x < 171 && y >= 11 && y < 189 ? 0 : 200; };
  TestPlane plane = plane_of(picture);
  paint_one(plane, {{kFace}}, blur());
  std::set<int> levels;
  for (int x = 29; x < 60; ++x) {
    ASSERT_GE(plane.now(x + 1, 100), plane.now(x, 100)) << x;
    ASSERT_LE(plane.now(x + 1, 100) - plane.now(x, 100), 50) << x;
    levels.insert(plane.now(x, 100));
  }
  EXPECT_GE(levels.size(), 5U);
  for (int x = 60; x < 140; ++x) ASSERT_GE(plane.now(x, 100), 195) << x;  // the face itself wholly
}

TEST(Surroundings, AStaticSceneIsPaintedAlikeInEveryFrame) {
  EXPECT_EQ(painted(ground, {{kFace}}, blur()), painted(ground, {{kFace}}, blur()));
  // A camera's noise is averaged away.
  const auto noisy = [](int x, int y) { return ground(x, y) + (x * 31 + y * 17) % 11 - 5; };
  EXPECT_LE(largest_difference(painted(ground, {{kFace}}, blur()), painted(noisy, {{kFace}}, blur())), 1);
  // A box that trembles by a pixel shifts the paint, and hardly changes it.
  const Box moved{61, 51, 80, 100};
  EXPECT_LE(largest_difference(painted(ground, {{kFace}}, blur()), painted(ground, {{moved}}, blur())), 12);
}

TEST(Surroundings, AFaceThatLeavesThePictureChangesGradually) {
  const Box middle{0, 90, 8, 20};
  std::vector<int> last;
  for (float x = 30; x > -78; x -= 1) {
    std::vector<int> now = painted(ground, {{Box{x, 50, 80, 100}}, {Box{-20, 40, 40, 100}}}, blur(), middle);
    if (!last.empty()) {
      ASSERT_LE(largest_difference(now, last), 12) << x;
    }
    last = std::move(now);
  }
}

TEST(Surroundings, AFaceInsideAnothersPaintLeavesNoBlot) {
  const std::vector<int> whole = painted(ground, {{kFace}}, blur());
  const std::vector<int> twice = painted(ground, {{kFace}, {Box{80, 80, 30, 40}}}, blur());
  EXPECT_LE(largest_difference(whole, twice), 2);
}

TEST(Surroundings, WhereNothingIsFreeThePaintIsGrey) {
  const std::vector<PaintArea> areas = {{Box{0, 0, 200, 200}, true}, {kFace}};
  for (const int value : painted(ground, areas, blur())) ASSERT_EQ(value, 128);
}

TEST(Surroundings, StrongerIsSmoother) {
  // Near the border, where the paint follows what is around it.
  const auto step = [](float strength) {
    Style style = blur(strength);
    style.shape = MaskShape::box;
    const auto halves = [](int x, int) { return x < 100 ? 0 : 255; };
    return largest_step(painted(halves, {{kFace}}, style, {42, 30, 116, 140}), 116);
  };
  EXPECT_GT(step(0.25F), step(1));
  EXPECT_GT(step(1), step(4));
}

}  // namespace
}  // namespace sightline::anonymize
