#include "sight/media/geometry.h"

#include <gtest/gtest.h>

namespace sightline::media {
namespace {

// Where EXIF says that the stored top-left pixel is displayed: (column, row) on a 4x2 stored picture.
struct Corner {
  int exif;
  float x;
  float y;
};

TEST(Orientation, PutsTheFirstSampleWhereExifSays) {
  const Size stored{4, 2};
  const Corner corners[] = {{1, 0, 0}, {2, 3, 0}, {3, 3, 1}, {4, 0, 1},
                            {5, 0, 0}, {6, 1, 0}, {7, 1, 3}, {8, 0, 3}};
  for (const Corner& corner : corners) {
    const Orientation orientation = orientation_from_exif(corner.exif);
    const Box box = orientation.to_displayed({0, 0, 1, 1}, stored);
    EXPECT_EQ(box, (Box{corner.x, corner.y, 1, 1})) << "EXIF " << corner.exif;
    EXPECT_EQ(exif_from_orientation(orientation), corner.exif);
  }
}

TEST(Orientation, StoredAndDisplayedAreInverse) {
  const Size stored{640, 361};
  const Box box{17, 31, 40, 52};
  for (int exif = 1; exif <= 8; ++exif) {
    const Orientation orientation = orientation_from_exif(exif);
    EXPECT_EQ(orientation.to_stored(orientation.to_displayed(box, stored), stored), box) << "EXIF " << exif;
  }
}

TEST(Box, IntersectionOverUnion) {
  EXPECT_FLOAT_EQ(iou({0, 0, 10, 10}, {5, 0, 10, 10}), 50.0F / 150.0F);
  EXPECT_FLOAT_EQ(iou({0, 0, 10, 10}, {20, 0, 10, 10}), 0.0F);
  EXPECT_FLOAT_EQ(iou({0, 0, 0, 0}, {0, 0, 0, 0}), 0.0F);
}

}  // namespace
}  // namespace sightline::media
