#pragma once
// Paints on bare planes of samples, whatever they belong to.

#include <span>

#include "sight/anonymize/content.h"
#include "sight/anonymize/painter.h"

namespace sightline::anonymize {

/// Paints `areas` on all `planes` of a stored picture of `size` luma samples. Everything that is painted is
/// computed from the samples as they came in, so an area never shows what a neighbour hides; where areas
/// overlap their content is mixed by their strength and the stronger mask wins. Samples outside all masks,
/// and all that a protected box touches, stay as they are.
void paint_planes(std::span<const PaintPlane> planes, media::Size size, const media::Orientation& orientation,
                  std::span<const PaintArea> areas, std::span<const media::Box> protect, const Style& style);

/// Whether paint_planes would change anything: spares a copy of the frame.
[[nodiscard]] bool anything_to_paint(media::Size size, const media::Orientation& orientation,
                                     std::span<const PaintArea> areas, const Style& style);

}  // namespace sightline::anonymize
