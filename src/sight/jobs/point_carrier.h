#pragma once
// A face's points in the frames of a clip in which no detection gave them.

#include <map>
#include <vector>

#include "sight/jobs/types.h"

namespace sightline::jobs {

/// The points of the latest detection of each face that is in view, moved and scaled with its box. Not
/// thread-safe.
class PointCarrier {
 public:
  /// All faces of the next frame: those with points are remembered, the others get the ones they are
  /// remembered with.
  void pass(std::vector<SampledFace>& faces);
  /// The same for faces of an earlier frame, which the latest frame may have been the first to show points
  /// of.
  void complete(std::vector<SampledFace>& faces) const;
  /// Whether points may still be found for this face: it has none, and has been in view ever since.
  [[nodiscard]] bool is_hoped_for(const SampledFace& face) const;

 private:
  /// By track; in shares of the box. Without points for a face that has shown none yet.
  std::map<std::int64_t, std::optional<FivePoints>> in_view_;
};

}  // namespace sightline::jobs
