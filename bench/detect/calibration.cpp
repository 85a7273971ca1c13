#include "sight/analysis/calibration.h"

#include <fmt/format.h>

#include <array>

#include "detect/scoring.h"
#include "detect/sections.h"
#include "sight/analysis/picture_sources.h"

namespace sightline::bench {
namespace {

constexpr float kMinHeight = 10;

std::vector<Judged> joined(const std::vector<std::vector<Judged>>& all, std::size_t first, std::size_t step) {
  std::vector<Judged> result;
  for (std::size_t i = first; i < all.size(); i += step)
    result.insert(result.end(), all[i].begin(), all[i].end());
  return result;
}

struct Bin {
  int count = 0;
  int right = 0;
  double confidence = 0;
};

constexpr std::array<float, 9> kEdges{0.0F, 0.2F, 0.4F, 0.6F, 0.7F, 0.8F, 0.9F, 0.95F, 1.01F};

void fill(std::array<Bin, kEdges.size() - 1>& bins, const std::vector<Judged>& judged,
          const std::vector<std::pair<float, float>>& knots) {
  for (const Judged& one : judged) {
    const float confidence = analysis::calibrated(knots, one.score);
    for (std::size_t i = 0; i < bins.size(); ++i) {
      if (confidence < kEdges[i] || confidence >= kEdges[i + 1]) continue;
      ++bins[i].count;
      bins[i].right += one.right ? 1 : 0;
      bins[i].confidence += static_cast<double>(confidence);
    }
  }
}

}  // namespace

Result<void> print_calibration(Bench& bench) {
  for (const analysis::Scope scope : bench.scopes) {
    auto options = analysis::picture_options(scope);
    options.min_score = bench.min_score;
    std::vector<std::vector<Judged>> judged;
    judged.reserve(bench.wider.size());
    for (const TestPicture& picture : bench.wider)
      judged.push_back(judge(picture, TRY(bench.detector.detect(analysis::RgbSource(picture.image), options)),
                             kMinHeight));
    const auto knots = fit_calibration(joined(judged, 0, 1));
    fmt::print("\n## Calibration, {}: faces >= {} px\n\ncalibration = [", analysis::scope_name(scope),
               kMinHeight);
    for (std::size_t i = 0; i < knots.size(); ++i)
      fmt::print("{}[{:.3f}, {:.3f}]", i == 0 ? "" : ", ", knots[i].first, knots[i].second);
    fmt::print("]\n\n| confidence | detections | mean confidence | share right |\n|---|---|---|---|\n");
    std::array<Bin, kEdges.size() - 1> bins;
    // Each half of the pictures is judged by the map that the other half gives.
    fill(bins, joined(judged, 0, 2), fit_calibration(joined(judged, 1, 2)));
    fill(bins, joined(judged, 1, 2), fit_calibration(joined(judged, 0, 2)));
    for (std::size_t i = 0; i < bins.size(); ++i)
      if (bins[i].count > 0)
        fmt::print("| {:.2f} to {:.2f} | {} | {:.3f} | {:.3f} |\n", kEdges[i], std::min(1.0F, kEdges[i + 1]),
                   bins[i].count, bins[i].confidence / bins[i].count,
                   static_cast<double>(bins[i].right) / bins[i].count);
    std::fflush(stdout);
  }
  return {};
}

}  // namespace sightline::bench
