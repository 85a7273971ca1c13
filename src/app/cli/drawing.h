#pragma once
// Marks faces on a picture, for people to look at.

#include <span>

#include "sight/analysis/face_detector.h"
#include "sight/media/raster.h"

namespace sightline::cli {

/// Outlines each face, dots its landmarks and writes its number (from 1) at the box, red for doubt to green
/// for certainty. Boxes are in the image's own pixels and may reach beyond it.
void draw_faces(media::RgbImage& image, std::span<const analysis::Face> faces);

}  // namespace sightline::cli
