#pragma once
// Carries a face box through the neighbouring frames by what the picture shows there.

#include <optional>
#include <vector>

#include "sight/tracking/frame_window.h"
#include "sight/tracking/patch.h"

namespace sightline::tracking {

/// How a face moves on top of the camera, in displayed pixels a frame.
struct Drift {
  float x = 0;
  float y = 0;
};

struct CarriedBox {
  media::Box box;
  float step_match = 0;    ///< correlation with the frame before it on the way
  float anchor_match = 0;  ///< correlation with where the way began
};

/// boxes[n] belongs to the frame n + 1 steps from the start. Shorter than asked for where the content was
/// lost or the face left the picture.
struct Path {
  std::int64_t from = 0;
  int direction = 1;
  std::vector<CarriedBox> boxes;
  Drift drift;        ///< at the end
  bool left = false;  ///< ended because the face went beyond the border

  /// The last frame that the way reached; `from` itself when it got nowhere.
  [[nodiscard]] std::int64_t reached() const {
    return from + direction * static_cast<std::int64_t>(boxes.size());
  }
  /// nullptr for `from` itself and for frames that the way did not reach.
  [[nodiscard]] const CarriedBox* at(std::int64_t index) const {
    const std::int64_t n = (index - from) * direction - 1;
    return n >= 0 && n < static_cast<std::int64_t>(boxes.size()) ? &boxes[static_cast<std::size_t>(n)]
                                                                 : nullptr;
  }
  /// The box in a frame that was reached; `start`, the box that the way began with, in all others.
  [[nodiscard]] const media::Box& box_at(std::int64_t index, const media::Box& start) const {
    const CarriedBox* carried = at(index);
    return carried != nullptr ? carried->box : start;
  }
};

struct CarryLimits {
  float least_step_match = 0.55F;
  float least_anchor_match = 0.55F;  ///< less, and the face is taken along by whatever passes before it
};

/// From `box` in frame `from` towards frame `to` (either direction; `to` included). `anchor`: what the face
/// looked like when it was last detected; without it the box in `from` is taken.
[[nodiscard]] Path carry(const FrameWindow& window, std::int64_t from, std::int64_t to, const media::Box& box,
                         Drift drift, const std::optional<Patch>& anchor, const CarryLimits& limits = {});

/// Share of the box that lies inside the picture, 0..1.
[[nodiscard]] float visible_share(const media::Box& box, const LumaPyramid& picture);

}  // namespace sightline::tracking
