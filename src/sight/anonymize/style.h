#pragma once
// How a face is made unrecognisable. What each style resists: docs/anonymity.md.

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "sight/media/raster.h"

namespace sightline::anonymize {

enum class StyleKind { blur, pixelate, solid, image, none };
enum class MaskShape { ellipse, box };

/// Counts the changes of what a chunk holds: of how faces are followed, of what any style paints, of how
/// frames are coded. Part of a clip's journal key, so that a resumed run never joins chunks that were made in
/// two ways.
inline constexpr int kChunkRevision = 2;

struct Style {
  StyleKind kind = StyleKind::blur;
  /// ellipse: a superellipse that holds the whole box (see mask.h); box: a rectangle.
  MaskShape shape = MaskShape::ellipse;
  /// How far the paint reaches beyond the detected box, as a share of the box on each side. A blur reaches
  /// 0.15 of the box further, and another 0.1 with its soft edge. 0..2.
  float margin = 0.15F;
  /// blur: how smooth it is, as a multiple of the default, which scales with the face. 0.25..4.
  float strength = 1.0F;
  int blocks = 10;                                ///< pixelate: blocks across the painted box. 1..200
  std::array<std::uint8_t, 3> fill_rgb{0, 0, 0};  ///< solid
  /// image: stretched over the painted box, upright in the displayed picture. Shared by all frames of a clip.
  std::shared_ptr<const media::RgbImage> image;
};

[[nodiscard]] Result<StyleKind> parse_style(std::string_view name);
[[nodiscard]] std::string_view style_name(StyleKind kind);
[[nodiscard]] Result<MaskShape> parse_mask_shape(std::string_view name);
[[nodiscard]] std::string_view mask_shape_name(MaskShape shape);
/// invalid_argument names the value that is out of range and the range.
[[nodiscard]] Result<void> check_style(const Style& style);

}  // namespace sightline::anonymize
