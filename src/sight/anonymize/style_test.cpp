#include "sight/anonymize/style.h"

#include <gtest/gtest.h>

#include <limits>

namespace sightline::anonymize {
namespace {

TEST(Style, NamesReadBack) {
  for (const StyleKind kind :
       {StyleKind::blur, StyleKind::pixelate, StyleKind::solid, StyleKind::image, StyleKind::none}) {
    const auto parsed = parse_style(style_name(kind));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, kind);
  }
  for (const MaskShape shape : {MaskShape::ellipse, MaskShape::box}) {
    const auto parsed = parse_mask_shape(mask_shape_name(shape));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, shape);
  }
  const auto unknown = parse_style("smudge");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("smudge"), std::string::npos);
  EXPECT_FALSE(parse_mask_shape("star"));
}

TEST(Style, ValuesOutOfRangeAreNamed) {
  Style style;
  EXPECT_TRUE(check_style(style));
  style.margin = -0.1F;
  EXPECT_FALSE(check_style(style));
  style = {};
  style.strength = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(check_style(style));
  style = {};
  style.blocks = 0;
  EXPECT_FALSE(check_style(style));
  style = {};
  style.kind = StyleKind::image;
  const auto missing = check_style(style);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::invalid_argument);
}

}  // namespace
}  // namespace sightline::anonymize
