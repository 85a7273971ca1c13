#include "sight/clips/logged_detector.h"

#include <utility>

#include "sight/clips/stage_timer.h"

namespace sightline::clips {

Result<std::vector<analysis::Face>> LoggedDetector::detect(const media::VideoFrame& frame, std::int64_t index,
                                                           tracking::Pass pass) {
  ++runs_;
  if (log_ != nullptr) {
    if (auto known = log_->replay(index, pass)) return std::move(*known);
  }
  const StageTimer timer(seconds_);
  std::vector<analysis::Face> faces = TRY(detect_(frame, index, pass));
  if (log_ != nullptr) TRY(log_->record(index, pass, faces));
  return faces;
}

}  // namespace sightline::clips
