#pragma once
// The kinds of picture that a detector looks at. Each refers to a picture that must outlive it.

#include "sight/analysis/face_detector.h"
#include "sight/media/picture.h"

namespace sightline::analysis {

/// An RGB picture in memory.
class RgbSource : public PictureSource {
 public:
  explicit RgbSource(const media::RgbImage& image) : image_(image) {}
  [[nodiscard]] media::Size size() const override { return image_.size; }
  [[nodiscard]] Result<media::RgbImage> rgb(media::Size size) const override;

 private:
  const media::RgbImage& image_;
};

/// A still picture.
class StillSource : public PictureSource {
 public:
  explicit StillSource(const media::Picture& picture) : picture_(picture) {}
  [[nodiscard]] media::Size size() const override { return picture_.displayed_size(); }
  [[nodiscard]] Result<media::RgbImage> rgb(media::Size size) const override { return picture_.to_rgb(size); }

 private:
  const media::Picture& picture_;
};

/// A picture turned clockwise by `quarter_turns` (0..3), for a detector that knows upright faces only.
class TurnedSource : public PictureSource {
 public:
  TurnedSource(const PictureSource& picture, int quarter_turns)
      : picture_(picture), orientation_{false, quarter_turns} {}
  [[nodiscard]] media::Size size() const override { return orientation_.displayed(picture_.size()); }
  [[nodiscard]] float pixel_aspect() const override {
    return orientation_.swaps_axes() ? 1 / picture_.pixel_aspect() : picture_.pixel_aspect();
  }
  [[nodiscard]] Result<media::RgbImage> rgb(media::Size size) const override;

  /// A face of the turned picture, in pixels of the picture itself. Its landmarks keep their order.
  [[nodiscard]] Face turned_back(const Face& face) const;

 private:
  const PictureSource& picture_;
  media::Orientation orientation_;
};

/// `area` of `image` (in its pixels; what reaches beyond repeats the border), reduced or enlarged to `size`.
[[nodiscard]] media::RgbImage cropped(const media::RgbImage& image, const media::Box& area, media::Size size);

}  // namespace sightline::analysis
