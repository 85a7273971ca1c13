#pragma once
// Faces as the wire tells them, and what its words ask for. Coordinates are fractions of the displayed
// picture.

#include <optional>
#include <string>
#include <vector>

#include "aws/dispatch/context.h"
#include "aws/rekognition/image_source.h"
#include "aws/rekognition/model.h"
#include "aws/rekognition/vision.h"
#include "sight/faces/face_analyser.h"

namespace sightline::aws::rekognition {

/// A picture as displayed, reduced where it is larger than any model could make use of, and the faces in it,
/// in its pixels: largest first, 100 at most.
struct SeenPicture {
  media::RgbImage image;
  std::vector<analysis::Face> faces;
};

/// Errors: those of ImageSource; InternalServerError, where the models cannot be used.
[[nodiscard]] wire::Answer<SeenPicture> see(const Image& image, const dispatch::Context& context,
                                            const ImageSource& images, Vision& vision);

/// What Attributes asks for: DEFAULT where it is absent; single names come on top of DEFAULT.
[[nodiscard]] faces::Wanted wanted_of(const std::optional<std::vector<std::string>>& attributes);

/// What QualityFilter asks for, `otherwise` where it is absent.
[[nodiscard]] faces::QualityBar quality_bar_of(const std::optional<std::string>& filter,
                                               faces::QualityBar otherwise);

[[nodiscard]] BoundingBox bounding_box(const media::Box& box, media::Size picture);
[[nodiscard]] FaceDetail face_detail(const faces::FaceDetails& face, media::Size picture);
[[nodiscard]] ComparedFace compared_face(const faces::FaceDetails& face, media::Size picture);

}  // namespace sightline::aws::rekognition
