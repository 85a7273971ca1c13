#pragma once
// For this module's tests: vectors like those of faces.

#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "sight/collections/coded_vector.h"
#include "sight/collections/collection.h"

namespace sightline::collections::test {

inline const Tenant kTenant{"000000000000", "us-east-1"};

/// Many people vary in the same few ways, and one person's faces lie close together.
class People {
 public:
  explicit People(unsigned seed) : generator_(seed) {}

  std::vector<float> face() {
    if (left_ == 0) {
      for (std::size_t i = 0; i < kDimensions; ++i)
        person_[i] = normal_(generator_) * 0.35F / std::sqrt(1.0F + static_cast<float>(i));
      left_ = 3;
    }
    --left_;
    std::vector<float> face(person_.begin(), person_.end());
    for (float& value : face) value += normal_(generator_) * 0.03F;
    return face;
  }

 private:
  std::mt19937 generator_;
  std::normal_distribution<float> normal_;
  std::array<float, kDimensions> person_{};
  int left_ = 0;
};

}  // namespace sightline::collections::test
