#pragma once
// Which detection belongs to which face.

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "sight/media/geometry.h"

namespace sightline::tracking {

struct Candidate {
  media::Box box;   ///< where the face is expected
  float slack = 0;  ///< how far off, in box sizes, the expectation may be beyond the usual
};

/// 0 where the two can't be one face, else larger is likelier (about 0..2).
[[nodiscard]] float affinity(const Candidate& expected, const media::Box& detected);

/// Pairs (candidate, detection), each used once; the likeliest pairs first (greedy).
[[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> associate(
    std::span<const Candidate> candidates, std::span<const media::Box> detections);

}  // namespace sightline::tracking
