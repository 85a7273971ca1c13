#pragma once
// A box in pixels as a share of its picture.

#include "aws/rekognition/model.h"
#include "sight/media/geometry.h"

namespace sightline::aws::rekognition {

[[nodiscard]] inline BoundingBox share_of(const media::Box& box, media::Size size) {
  const auto width = static_cast<float>(size.width);
  const auto height = static_cast<float>(size.height);
  return {.width = box.width / width,
          .height = box.height / height,
          .left = box.x / width,
          .top = box.y / height};
}

}  // namespace sightline::aws::rekognition
