#pragma once
// Which tracks a person should check first: those that are probably things, such as a vase, a logo or a
// traffic light that is painted in every frame of a static camera. A doubted track stays painted: nothing
// that can be measured here distinguishes a false face from a weak true one (docs/adr/0022), so the doubt
// only decides what a person sees first.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "sight/tracking/track.h"

namespace sightline::tracking {

/// Collects what one track's detections say about it, in constant memory. Not thread-safe.
class TrackDoubt {
 public:
  /// The track's box in the next frame; `seconds` is that frame's presentation time.
  void add(const TrackedBox& box, double seconds);

  /// True when every detection of the track stands in the same place at the same size, over at least
  /// kLeastSeconds and kLeastDetections, and no detection at full size was sure to be a face.
  [[nodiscard]] bool is_doubted() const;

  /// Why a track is doubted, as it stands in the tracks file, the report and the review page.
  static constexpr std::string_view kReason = "never moves and never looks like a face at full size";

  static constexpr double kLeastSeconds = 1;
  static constexpr std::int64_t kLeastDetections = 4;
  /// Calibrated confidence from which a detection at full size is taken for a face.
  static constexpr float kSure = 0.9F;
  /// How far the centres of the detections may lie apart, in sides of the smallest one: twice what the
  /// detector's boxes scatter around a thing that stands still.
  static constexpr float kStill = 0.2F;
  /// Largest side over smallest one of a thing that stands still.
  static constexpr float kSameSize = 1.35F;

 private:
  struct Range {
    float least = 0;
    float most = 0;
    void add(float value, bool first) {
      least = first ? value : std::min(least, value);
      most = first ? value : std::max(most, value);
    }
    [[nodiscard]] float width() const { return most - least; }
  };
  Range x_;     ///< of the centre, pixels
  Range y_;     ///< likewise
  Range side_;  ///< square root of the area, pixels
  double first_ = 0;
  double last_ = 0;
  std::int64_t detections_ = 0;
  float best_at_full_size_ = 0;
};

}  // namespace sightline::tracking
