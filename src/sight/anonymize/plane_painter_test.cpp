#include "sight/anonymize/plane_painter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "sight/anonymize/plane_testing.h"

namespace sightline::anonymize {
namespace {

using media::Box;
using media::Orientation;
using media::Size;

using testing::paint_one;
using testing::style_of;
using testing::TestPlane;

constexpr StyleKind kPaintingStyles[] = {StyleKind::blur, StyleKind::pixelate, StyleKind::solid,
                                         StyleKind::image};

TEST(PlanePainter, SolidCoversTheWholeBoxAtFullStrengthWithEitherShapeAndAnyMargin) {
  for (const MaskShape shape : {MaskShape::ellipse, MaskShape::box}) {
    for (const float margin : {0.0F, 0.05F, 0.15F, 0.5F, 2.0F}) {
      for (const Box& box :
           {Box{60.3F, 40.7F, 37.5F, 49.1F}, Box{80, 60, 3.2F, 4.1F}, Box{70.5F, 70.5F, 0.4F, 0.4F}}) {
        TestPlane plane(200, 160, 1, 8, 1);
        Style style = style_of(StyleKind::solid);
        style.shape = shape;
        style.margin = margin;
        paint_one(plane, {{box}}, style);
        for (int y = static_cast<int>(box.y); y < static_cast<int>(std::ceil(box.bottom())); ++y) {
          for (int x = static_cast<int>(box.x); x < static_cast<int>(std::ceil(box.right())); ++x) {
            ASSERT_EQ(plane.now(x, y), 100) << x << ',' << y << " margin " << margin;
          }
        }
      }
    }
  }
}

TEST(PlanePainter, PaintStaysNearTheBoxAndTheRestIsBitIdentical) {
  const Box box{60, 40, 40, 50};
  for (const StyleKind kind : kPaintingStyles) {
    TestPlane plane(200, 160, 1, 8, 1);
    paint_one(plane, {{box}}, style_of(kind));
    // Half the box times 1.3; a blur's edge goes on to 1.77.
    const int by_x = kind == StyleKind::blur ? 16 : 7;
    const int by_y = kind == StyleKind::blur ? 20 : 9;
    int changed = 0;
    for (int y = 0; y < 160; ++y) {
      for (int x = 0; x < 200; ++x) {
        const bool near = x >= 60 - by_x && x < 100 + by_x && y >= 40 - by_y && y < 90 + by_y;
        if (!near) {
          ASSERT_EQ(plane.now(x, y), plane.was(x, y)) << x << ',' << y;
        }
        if (plane.now(x, y) != plane.was(x, y)) ++changed;
      }
    }
    EXPECT_TRUE(plane.padding_intact());
    EXPECT_GT(changed, 2000 * 0.97) << style_name(kind);
    // The outer superellipse's area is 1.57 boxes, a blur's 2.9.
    EXPECT_LT(changed, 2000 * (kind == StyleKind::blur ? 2.97 : 1.6)) << style_name(kind);
  }
}

TEST(PlanePainter, TheEdgeIsSoftForFacesAndHardForRegions) {
  TestPlane face(200, 200, 1, 8, 1);
  paint_one(face, {{Box{50, 50, 100, 100}}}, style_of(StyleKind::solid));
  std::set<int> strengths;  // along the middle row, left border, on the darker samples of the pattern
  for (int x = 30; x < 50; ++x) strengths.insert(std::abs(face.now(x, 100) - face.was(x, 100)) / 8);
  EXPECT_GE(strengths.size(), 4U);

  TestPlane region(200, 200, 1, 8, 1);
  paint_one(region, {{Box{50, 50, 100, 100}, true}}, style_of(StyleKind::solid));
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 200; ++x) {
      const bool inside = x >= 50 && x < 150 && y >= 50 && y < 150;
      ASSERT_EQ(region.now(x, y), inside ? 100 : region.was(x, y)) << x << ',' << y;
    }
  }
}

TEST(PlanePainter, PixelateDrawsTheAskedNumberOfBlocks) {
  TestPlane plane(260, 260, 1, 8, 1);
  for (int y = 0; y < 260; ++y) {
    for (int x = 0; x < 260; ++x) plane.set(x, y, (x / 2 + y) % 200);
  }
  Style style = style_of(StyleKind::pixelate);
  style.shape = MaskShape::box;
  paint_one(plane, {{Box{80, 80, 100, 100}}}, style);  // painted: 65..195
  std::set<int> values;
  int edges = 0;
  for (int x = 80; x < 180; ++x) {
    values.insert(plane.now(x, 130));
    edges += x > 80 && plane.now(x, 130) != plane.now(x - 1, 130) ? 1 : 0;
  }
  EXPECT_EQ(edges, 7);  // cells of 13 samples: 100 samples of the middle hold 8 of the 10
  EXPECT_LE(values.size(), 8U);
}

TEST(PlanePainter, ImageLiesUprightInTheDisplayedPicture) {
  for (int exif = 1; exif <= 8; ++exif) {
    const Orientation orientation = media::orientation_from_exif(exif);
    TestPlane plane(120, 90, 1, 8, 1);
    Style style = style_of(StyleKind::image);
    const Size stored = plane.size();
    const Box box{20, 20, 40, 40};  // displayed
    paint_one(plane, {{box, true}}, style, {}, orientation);
    const Box quarters[4] = {{25, 25, 1, 1}, {55, 25, 1, 1}, {25, 55, 1, 1}, {55, 55, 1, 1}};
    const int expected[4] = {10, 80, 150, 220};
    for (int i = 0; i < 4; ++i) {
      const Box at = orientation.to_stored(quarters[i], stored);
      EXPECT_EQ(plane.now(static_cast<int>(at.x), static_cast<int>(at.y)), expected[i]) << exif << ' ' << i;
    }
  }
}

TEST(PlanePainter, ChromaUnderAnyPaintedLumaSampleIsPainted) {
  // 4:2:0 of an odd size: chroma rounds up.
  TestPlane luma(121, 91, 1, 8, 1);
  TestPlane chroma(61, 46, 1, 8, 1);
  chroma.plane().shift_x = 1;
  chroma.plane().shift_y = 1;
  PaintPlane planes[] = {luma.plane(), chroma.plane()};
  const std::vector<PaintArea> areas = {{Box{90.5F, 60.5F, 40, 40}}, {Box{11, 13, 17, 19}, true}};
  paint_planes(planes, luma.size(), {}, areas, {}, style_of(StyleKind::solid));
  for (int y = 0; y < 91; ++y) {
    for (int x = 0; x < 121; ++x) {
      if (luma.now(x, y) == 100 && luma.was(x, y) != 100) {
        ASSERT_EQ(chroma.now(x / 2, y / 2), 100) << x << ',' << y;
      }
    }
  }
  EXPECT_EQ(chroma.now(20, 4), chroma.was(20, 4));
}

TEST(PlanePainter, TenBitSixteenBitAndInterleavedSamples) {
  for (const int depth : {10, 16}) {
    TestPlane plane(100, 80, 1, depth, 1);
    paint_one(plane, {{Box{30, 30, 20, 20}}}, style_of(StyleKind::solid));
    EXPECT_EQ(plane.now(40, 40), std::lround(100.0 / 255 * ((1 << depth) - 1)));
    EXPECT_EQ(plane.now(5, 5), plane.was(5, 5));
    EXPECT_TRUE(plane.padding_intact());
  }
  for (const int depth : {8, 16}) {
    TestPlane rgba(100, 80, 4, depth, 3);
    paint_one(rgba, {{Box{30, 30, 20, 20}}}, style_of(StyleKind::blur));
    for (int y = 0; y < 80; ++y) {
      for (int x = 0; x < 100; ++x) {
        ASSERT_EQ(rgba.now(x * 4 + 3, y), rgba.was(x * 4 + 3, y));  // alpha
      }
    }
    int changed = 0;
    for (int channel = 0; channel < 3; ++channel) {
      changed += rgba.now(40 * 4 + channel, 40) != rgba.was(40 * 4 + channel, 40) ? 1 : 0;
    }
    EXPECT_EQ(changed, 3);
  }
}

TEST(PlanePainter, OverlapsShowNeitherSeamNorFace) {
  // Two faces side by side, boxes overlapping; the fine pattern must be gone from their union.
  for (const StyleKind kind : {StyleKind::blur, StyleKind::solid}) {
    TestPlane plane(240, 160, 1, 8, 1);
    const std::vector<PaintArea> areas = {
        {Box{60, 40, 60, 70}}, {Box{100, 50, 60, 70}}, {Box{90, 90, 30, 30}}};
    paint_one(plane, areas, style_of(kind));
    for (const PaintArea& area : areas) {
      for (int y = static_cast<int>(area.box.y); y < static_cast<int>(area.box.bottom()) - 1; ++y) {
        for (int x = static_cast<int>(area.box.x); x < static_cast<int>(area.box.right()) - 1; ++x) {
          ASSERT_LE(std::abs(plane.now(x, y) - plane.now(x + 1, y)), 24) << x << ',' << y;
        }
      }
    }
  }
}

TEST(PlanePainter, TheOrderOfAreasDoesNotMatter) {
  const std::vector<PaintArea> areas = {
      {Box{60, 40, 60, 70}}, {Box{100, 50, 60, 70}}, {Box{90, 90, 30, 30}, true}};
  const std::vector<PaintArea> turned(areas.rbegin(), areas.rend());
  TestPlane one(240, 160, 1, 8, 1);
  TestPlane two(240, 160, 1, 8, 1);
  paint_one(one, areas, style_of(StyleKind::blur));
  paint_one(two, turned, style_of(StyleKind::blur));
  for (int y = 0; y < 160; ++y) {
    for (int x = 0; x < 240; ++x) ASSERT_NEAR(one.now(x, y), two.now(x, y), 1);
  }
}

TEST(PlanePainter, ProtectedBoxesWinOverEverything) {
  TestPlane plane(200, 160, 1, 8, 1);
  const Box kept{80.5F, 60.5F, 9, 9};
  paint_one(plane, {{Box{60, 40, 60, 70}}, {Box{0, 0, 200, 160}, true}}, style_of(StyleKind::solid),
            {kept, Box{190, 150, 50, 50}});
  for (int y = 0; y < 160; ++y) {
    for (int x = 0; x < 200; ++x) {
      const bool inside = (x >= 80 && x < 90 && y >= 60 && y < 70) || (x >= 190 && y >= 150);
      ASSERT_EQ(plane.now(x, y), inside ? plane.was(x, y) : 100) << x << ',' << y;
    }
  }
}

TEST(PlanePainter, BoxesAcrossTheBorderAreCoveredToTheBorder) {
  for (const StyleKind kind : kPaintingStyles) {
    TestPlane plane(101, 77, 1, 8, 1);
    paint_one(plane, {{Box{-20, -20, 40, 40}}, {Box{81, 57, 40, 40}}, {Box{-5, 40, 6, 20}}}, style_of(kind));
    for (int y = 0; y < 20; ++y) {
      for (int x = 0; x < 19; ++x) {
        ASSERT_LE(std::abs(plane.now(x, y) - plane.now(x + 1, y)), 80) << style_name(kind);
      }
    }
    EXPECT_NE(plane.now(100, 76), plane.was(100, 76));
    EXPECT_TRUE(plane.padding_intact());
  }
}

TEST(PlanePainter, SenselessBoxesAreHarmless) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInf = std::numeric_limits<float>::infinity();
  for (const StyleKind kind : kPaintingStyles) {
    TestPlane plane(64, 48, 1, 8, 1);
    paint_one(plane,
              {{Box{kNan, 0, 10, 10}},
               {Box{0, 0, kNan, 10}},
               {Box{0, 0, kInf, kInf}},
               {Box{-kInf, 0, 5, 5}},
               {Box{10, 10, 0, 10}},
               {Box{10, 10, -5, 10}},
               {Box{1000, 1000, 10, 10}},
               {Box{-500, 5, 10, 10}}},
              style_of(kind), {Box{kNan, kNan, kInf, -1}});
    EXPECT_TRUE(plane.untouched());
    // Finite but absurd: all of the picture is painted.
    paint_one(plane, {{Box{-1e30F, -1e30F, 2e30F, 2e30F}}, {Box{0, 0, 3e38F, 3e38F}, true}}, style_of(kind));
    EXPECT_NE(plane.now(0, 0), plane.was(0, 0));
    EXPECT_NE(plane.now(63, 47), plane.was(63, 47));
    EXPECT_TRUE(plane.padding_intact());
  }
}

TEST(PlanePainter, NothingToDoLeavesThePictureAlone) {
  TestPlane plane(64, 48, 1, 8, 1);
  paint_one(plane, {}, style_of(StyleKind::blur));
  paint_one(plane, {{Box{10, 10, 20, 20}}}, style_of(StyleKind::none));
  EXPECT_TRUE(plane.untouched());
  const std::vector<PaintArea> outside = {{Box{500, 500, 10, 10}}};
  EXPECT_FALSE(anything_to_paint(plane.size(), {}, outside, style_of(StyleKind::blur)));
  const std::vector<PaintArea> rim = {{Box{65, 10, 20, 20}}};  // the box is outside, its margin reaches in
  EXPECT_TRUE(anything_to_paint(plane.size(), {}, rim, style_of(StyleKind::blur)));
}

TEST(PlanePainter, TinyPicturesAndFaces) {
  for (const StyleKind kind : kPaintingStyles) {
    TestPlane pixel(1, 1, 3, 8, 3);
    paint_one(pixel, {{Box{0, 0, 1, 1}}}, style_of(kind));
    TestPlane small(5, 3, 1, 8, 1);
    paint_one(small, {{Box{1.2F, 0.3F, 0.1F, 0.1F}}, {Box{3, 1, 1, 1}}}, style_of(kind));
    EXPECT_TRUE(small.padding_intact());
  }
}

TEST(CellSide, FollowsTheLongerSideOfSlivers) {
  const Style style = style_of(StyleKind::pixelate);
  EXPECT_GT(cell_side(10, 130, style), cell_side(10, 13, style) * 3);
}

}  // namespace
}  // namespace sightline::anonymize
