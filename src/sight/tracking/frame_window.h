#pragma once
// The frames that are still held: from the oldest whose boxes may change to the newest.

#include <cstdint>
#include <deque>

#include "sight/media/video_frame.h"
#include "sight/tracking/camera_motion.h"
#include "sight/tracking/luma_pyramid.h"

namespace sightline::tracking {

struct HeldFrame {
  media::VideoFrame frame;  ///< empty in tests that need no picture beyond its luma
  std::int64_t pts = 0;
  LumaPyramid luma;
  CameraMotion motion;  ///< from the frame before; `cut` where a scene starts
};

/// Frames by their number in the clip. Not thread-safe.
class FrameWindow {
 public:
  void push(HeldFrame frame) { frames_.push_back(std::move(frame)); }
  HeldFrame pop() {
    HeldFrame frame = std::move(frames_.front());
    frames_.pop_front();
    ++first_;
    return frame;
  }
  [[nodiscard]] bool empty() const { return frames_.empty(); }
  [[nodiscard]] std::int64_t first() const { return first_; }
  [[nodiscard]] std::int64_t end() const { return first_ + static_cast<std::int64_t>(frames_.size()); }
  [[nodiscard]] const HeldFrame& operator[](std::int64_t index) const {
    return frames_[static_cast<std::size_t>(index - first_)];
  }

  /// Where only the camera's motion takes a box of frame `from` in frame `to`; both held.
  [[nodiscard]] media::Box moved(media::Box box, std::int64_t from, std::int64_t to) const {
    for (std::int64_t i = from; i < to; ++i) box = (*this)[i + 1].motion.forward(box);
    for (std::int64_t i = from; i > to; --i) box = (*this)[i].motion.backward(box);
    return box;
  }

 private:
  std::deque<HeldFrame> frames_;
  std::int64_t first_ = 0;
};

}  // namespace sightline::tracking
