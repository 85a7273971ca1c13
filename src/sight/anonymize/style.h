#pragma once
// How a face is made unrecognisable. What each style resists: docs/anonymity.md.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sight/media/picture.h"

namespace sightline::anonymize {

enum class StyleKind { blur, pixelate, solid, image, none };
enum class MaskShape { ellipse, box };

struct Style {
  StyleKind kind = StyleKind::blur;
  MaskShape shape = MaskShape::ellipse;
  /// How far the paint reaches beyond the detected box, as a share of the box on each side.
  float margin = 0.15F;
  /// blur: strength as a multiple of the default, which scales with the face. 0.25..4.
  float strength = 1.0F;
  int blocks = 10;                       ///< pixelate: blocks across the painted box
  std::uint8_t fill_rgb[3] = {0, 0, 0};  ///< solid
  std::shared_ptr<const media::RgbImage> image;  ///< image: stretched over the painted box
};
[[nodiscard]] Result<StyleKind> parse_style(std::string_view name);
[[nodiscard]] std::string_view style_name(StyleKind kind);

}  // namespace sightline::anonymize
