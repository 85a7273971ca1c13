#pragma once
// What the tests of this folder look at.

#include <array>

#include "sight/analysis/model_testing.h"

namespace sightline::faces::testing {

using analysis::testing::ModelTest;

inline media::RgbImage portrait() {
  return analysis::testing::demo_image("astronaut.png");
}

/// The portrait's eyes, nose and corners of the mouth, measured by eye.
inline constexpr std::array<media::Point, 5> kPortraitPoints = {
    {{203, 100}, {248, 102}, {225, 120}, {206, 145}, {243, 145}}};

}  // namespace sightline::faces::testing
