#pragma once
// Vectors of people who do not exist, as alike and as different as those of real photos.

#include <array>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "sight/collections/coded_vector.h"

namespace sightline::bench {

using FaceVector = std::array<float, collections::kDimensions>;

/// How faces vary: around the mean of all people, and around one person's own mean.
struct Variation {
  using Matrix = std::vector<float>;  ///< lower triangle of a Cholesky factor, row by row
  FaceVector mean{};
  Matrix between;
  Matrix within;
};

/// From real photos, as `bench_recognise --vectors FILE` writes them: person, number, 128 values a line.
[[nodiscard]] Result<Variation> estimate_variation(const std::string& path);
/// Without photos: variances that fall with the inverse of their rank, as those of photos do roughly.
[[nodiscard]] Variation assumed_variation();

/// Deterministic.
class Crowd {
 public:
  Crowd(const Variation& variation, unsigned seed) : variation_(variation), generator_(seed) {}
  /// The mean of somebody new.
  FaceVector person();
  /// A photo of that person, of length 1.
  FaceVector photo(const FaceVector& person);

 private:
  void add(FaceVector& vector, const Variation::Matrix& factor);
  const Variation& variation_;
  std::mt19937_64 generator_;
  std::normal_distribution<float> normal_;
};

}  // namespace sightline::bench
