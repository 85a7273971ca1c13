#pragma once
// The kinds of picture that a detector looks at.

#include "sight/analysis/face_detector.h"

namespace sightline::analysis {

/// An RGB picture in memory, which must outlive the source.
class RgbSource : public PictureSource {
 public:
  explicit RgbSource(const media::RgbImage& image) : image_(image) {}
  [[nodiscard]] media::Size size() const override { return image_.size; }
  [[nodiscard]] Result<media::RgbImage> rgb(media::Size size) const override;

 private:
  const media::RgbImage& image_;
};

}  // namespace sightline::analysis
