#include "sight/tracking/track_doubt.h"

#include <cmath>

namespace sightline::tracking {

void TrackDoubt::add(const TrackedBox& box, double seconds) {
  if (box.origin != Origin::detected) return;
  const bool first = detections_ == 0;
  const media::Point centre = box.box.center();
  x_.add(centre.x, first);
  y_.add(centre.y, first);
  side_.add(std::sqrt(std::max(0.0F, box.box.area())), first);
  if (first) first_ = seconds;
  last_ = seconds;
  ++detections_;
  if (box.full_size) best_at_full_size_ = std::max(best_at_full_size_, box.score);
}

bool TrackDoubt::is_doubted() const {
  const float reach = kStill * side_.least;
  return detections_ >= kLeastDetections && last_ - first_ >= kLeastSeconds && best_at_full_size_ < kSure &&
         x_.width() <= reach && y_.width() <= reach && side_.most <= kSameSize * side_.least;
}

}  // namespace sightline::tracking
