#include "sight/anonymize/style.h"

#include <fmt/format.h>

#include <utility>

namespace sightline::anonymize {

namespace {

constexpr std::array<std::pair<std::string_view, StyleKind>, 5> kStyles{{{"blur", StyleKind::blur},
                                                                         {"pixelate", StyleKind::pixelate},
                                                                         {"solid", StyleKind::solid},
                                                                         {"image", StyleKind::image},
                                                                         {"none", StyleKind::none}}};
constexpr std::array<std::pair<std::string_view, MaskShape>, 2> kShapes{
    {{"ellipse", MaskShape::ellipse}, {"box", MaskShape::box}}};

/// Comparisons are written so that NaN fails them.
bool within(float value, float low, float high) {
  return value >= low && value <= high;
}

}  // namespace

Result<StyleKind> parse_style(std::string_view name) {
  for (const auto& [known, kind] : kStyles) {
    if (name == known) return kind;
  }
  return fail(ErrorKind::invalid_argument,
              fmt::format("style '{}' is unknown: choose blur, pixelate, solid, image or none", name));
}

std::string_view style_name(StyleKind kind) {
  for (const auto& [name, known] : kStyles) {
    if (kind == known) return name;
  }
  return "unknown";
}

Result<MaskShape> parse_mask_shape(std::string_view name) {
  for (const auto& [known, shape] : kShapes) {
    if (name == known) return shape;
  }
  return fail(ErrorKind::invalid_argument,
              fmt::format("mask shape '{}' is unknown: choose ellipse or box", name));
}

std::string_view mask_shape_name(MaskShape shape) {
  for (const auto& [name, known] : kShapes) {
    if (shape == known) return name;
  }
  return "unknown";
}

Result<void> check_style(const Style& style) {
  const auto bad = [](std::string message) { return fail(ErrorKind::invalid_argument, std::move(message)); };
  if (!within(style.margin, 0.0F, 2.0F)) {
    return bad(fmt::format("margin {} is out of range: choose 0 to 2 (0.15 is the default)", style.margin));
  }
  if (!within(style.strength, 0.25F, 4.0F)) {
    return bad(
        fmt::format("blur strength {} is out of range: choose 0.25 to 4 (1 is the default)", style.strength));
  }
  if (style.blocks < 1 || style.blocks > 200) {
    return bad(fmt::format("{} blocks are out of range: choose 1 to 200 (10 is the default)", style.blocks));
  }
  if (style.kind == StyleKind::image) {
    if (style.image == nullptr || style.image->size.width < 1 || style.image->size.height < 1) {
      return bad("style image needs a picture: name its file");
    }
    const auto wanted = static_cast<std::size_t>(style.image->size.width) *
                        static_cast<std::size_t>(style.image->size.height) * 3;
    if (style.image->pixels.size() != wanted)
      return bad("style image: the picture's size and samples disagree");
  }
  return {};
}

}  // namespace sightline::anonymize
