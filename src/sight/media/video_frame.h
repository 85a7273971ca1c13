#pragma once
// One decoded picture of a clip, in the planes that the decoder wrote.

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "sight/media/raster.h"

namespace sightline::media {

/// The most that a picture may measure: a decoder is not started on more.
inline constexpr int kMaxClipSide = 16'384;
inline constexpr std::int64_t kMaxClipPixels = 100'000'000;

/// A shared reference to a decoded 4:2:0 or 4:2:2 picture of 8 or 10 bit; cheap to copy. Plane 0 is luma,
/// 1 and 2 chroma. Several threads may read one frame; writing needs make_writable() first.
class VideoFrame {
 public:
  struct Impl;  // owns the libav frame; defined only in media
  VideoFrame() = default;
  explicit VideoFrame(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

  [[nodiscard]] bool empty() const { return impl_ == nullptr; }
  [[nodiscard]] Size stored_size() const;
  [[nodiscard]] int bit_depth() const;
  [[nodiscard]] bool full_range() const;
  /// log2 of how many luma samples share a chroma sample, horizontally and vertically.
  [[nodiscard]] int chroma_shift_x() const;
  [[nodiscard]] int chroma_shift_y() const;
  /// Presentation time in the clip's time base. Never unset.
  [[nodiscard]] std::int64_t pts() const;
  /// plane: 0..2. The view is writable only after make_writable().
  [[nodiscard]] PlaneView plane(int plane) const;
  /// Copies the samples unless this is their only owner.
  [[nodiscard]] Result<void> make_writable();

  [[nodiscard]] Impl* impl() const { return impl_.get(); }

 private:
  std::shared_ptr<Impl> impl_;
};

/// Luma of the displayed picture (turned as `orientation` says), area-averaged down by 2^levels, 8 bit.
/// levels 0..4. Odd rests are averaged over what is there (size rounds up).
[[nodiscard]] LumaImage displayed_luma(const VideoFrame& frame, const Orientation& orientation, int levels);

/// The displayed picture as RGB at `size` (also stretches non-square pixels when `size` says so). Colour
/// matrix and range are those that the frame is tagged with. Holds scratch state: one a thread.
class FrameConverter {
 public:
  FrameConverter();
  FrameConverter(FrameConverter&&) noexcept;
  ~FrameConverter();
  [[nodiscard]] Result<RgbImage> to_rgb(const VideoFrame& frame, const Orientation& orientation, Size size);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sightline::media
