#include "crowd.h"

#include <cmath>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

namespace sightline::bench {
namespace {

constexpr std::size_t kSize = collections::kDimensions;
using Square = std::vector<double>;

/// The lower factor; nullopt where the matrix is not positive definite.
std::optional<Variation::Matrix> cholesky(const Square& matrix) {
  Square factor(kSize * kSize);
  for (std::size_t i = 0; i < kSize; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = matrix[i * kSize + j];
      for (std::size_t k = 0; k < j; ++k) sum -= factor[i * kSize + k] * factor[j * kSize + k];
      if (i != j) {
        factor[i * kSize + j] = sum / factor[j * kSize + j];
      } else if (sum > 0) {
        factor[i * kSize + i] = std::sqrt(sum);
      } else {
        return std::nullopt;
      }
    }
  }
  return Variation::Matrix(factor.begin(), factor.end());
}

/// a - weight * b, with as much of the weight as leaves it positive definite: both are estimates.
Variation::Matrix factor_of_difference(const Square& a, const Square& b, double weight) {
  for (double part = 1; part > 0; part -= 0.05) {
    Square difference = a;
    for (std::size_t i = 0; i < kSize * kSize; ++i) difference[i] -= part * weight * b[i];
    if (auto factor = cholesky(difference)) return std::move(*factor);
  }
  return cholesky(a).value();
}

void add_product(Square& matrix, const std::array<double, kSize>& a, double weight) {
  for (std::size_t i = 0; i < kSize; ++i)
    for (std::size_t j = 0; j <= i; ++j) matrix[i * kSize + j] += weight * a[i] * a[j];
}

std::array<double, kSize> difference(std::span<const double> a, std::span<const double> b) {
  std::array<double, kSize> out{};
  for (std::size_t i = 0; i < kSize; ++i) out[i] = a[i] - b[i];
  return out;
}

}  // namespace

Result<Variation> estimate_variation(const std::string& path) {
  std::ifstream in(path);
  if (!in)
    return fail(ErrorKind::not_found, "cannot read '" + path + "': bench_recognise --vectors makes it");
  std::map<std::string, std::vector<std::vector<double>>> people;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string name;
    int number = 0;
    std::vector<double> values(kSize);
    words >> name >> number;
    for (double& value : values) words >> value;
    if (!words)
      return fail(ErrorKind::corrupt, "'" + path + "' is not what bench_recognise --vectors writes");
    people[name].push_back(values);
  }
  std::vector<double> mean(kSize);
  std::vector<std::pair<std::vector<double>, double>> means;  // of each person, and their photos
  double photos = 0;
  double repeated = 0;  // degrees of freedom within people
  for (const auto& [name, faces] : people) {
    std::vector<double> own(kSize);
    for (const auto& face : faces)
      for (std::size_t i = 0; i < kSize; ++i) own[i] += face[i] / static_cast<double>(faces.size());
    for (std::size_t i = 0; i < kSize; ++i) mean[i] += own[i] / static_cast<double>(people.size());
    means.emplace_back(own, static_cast<double>(faces.size()));
    photos += static_cast<double>(faces.size());
    repeated += static_cast<double>(faces.size()) - 1;
  }
  if (repeated < 2 * kSize)
    return fail(ErrorKind::invalid_argument, "'" + path + "' has too few photos of the same people");
  Square within(kSize * kSize);
  Square between(kSize * kSize);
  auto place = means.begin();
  double inverse = 0;  // of the photos a person: how much of `within` is in a person's mean
  for (const auto& [name, faces] : people) {
    for (const auto& face : faces) add_product(within, difference(face, place->first), 1 / repeated);
    add_product(between, difference(place->first, mean), 1 / static_cast<double>(people.size() - 1));
    inverse += 1 / place->second / static_cast<double>(people.size());
    ++place;
  }
  Variation variation;
  for (std::size_t i = 0; i < kSize; ++i) variation.mean[i] = static_cast<float>(mean[i]);
  variation.between = factor_of_difference(between, within, inverse);
  variation.within = cholesky(within).value();
  return variation;
}

Variation assumed_variation() {
  Variation variation;
  variation.between.resize(kSize * kSize);
  variation.within.resize(kSize * kSize);
  double sum = 0;
  for (std::size_t i = 0; i < kSize; ++i) sum += 1.0 / static_cast<double>(i + 1);
  for (std::size_t i = 0; i < kSize; ++i) {
    variation.mean[i] = std::sqrt(0.7F / kSize);
    const double share = 1.0 / static_cast<double>(i + 1) / sum;
    variation.between[i * kSize + i] = static_cast<float>(std::sqrt(0.22 * share));
    variation.within[i * kSize + i] = static_cast<float>(std::sqrt(0.08 * share));
  }
  return variation;
}

void Crowd::add(FaceVector& vector, const Variation::Matrix& factor) {
  FaceVector chance;
  for (float& value : chance) value = normal_(generator_);
  for (std::size_t i = 0; i < kSize; ++i) {
    std::array<float, 16> sums{};
    // Beyond the diagonal the factor is zero.
    for (std::size_t j = 0; j <= i; j += sums.size())
      for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += factor[i * kSize + j + k] * chance[j + k];
    for (const float sum : sums) vector[i] += sum;
  }
}

FaceVector Crowd::person() {
  FaceVector vector = variation_.mean;
  add(vector, variation_.between);
  return vector;
}

FaceVector Crowd::photo(const FaceVector& person) {
  FaceVector vector = person;
  add(vector, variation_.within);
  float norm = 0;
  for (const float value : vector) norm += value * value;
  for (float& value : vector) value /= std::sqrt(norm);
  return vector;
}

}  // namespace sightline::bench
