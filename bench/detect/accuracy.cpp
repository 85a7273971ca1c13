#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>

#include "detect/scoring.h"
#include "detect/sections.h"
#include "sight/analysis/picture_sources.h"

namespace sightline::bench {
namespace {

constexpr float kHeights[] = {10, 20, 40, 80};
constexpr float kAtScore = 0.3F;

double cpu_ms() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3;
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

double wall_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

std::vector<Look> looks(float min_score) {
  std::vector<Look> all{{"plain, score >= 0.2", analysis::picture_options(analysis::Scope::balanced)},
                        {"fast (picture)", analysis::picture_options(analysis::Scope::fast)},
                        {"fast (clip)", analysis::clip_options(analysis::Scope::fast)},
                        {"balanced (picture)", analysis::picture_options(analysis::Scope::balanced)},
                        {"balanced (clip)", analysis::clip_options(analysis::Scope::balanced)},
                        {"thorough", analysis::picture_options(analysis::Scope::thorough)}};
  for (Look& look : all) look.options.min_score = min_score;
  all[2].options.max_side = 640;  // what frames of 960 pixels are looked at with
  all[0].options.min_score = 0.2F;
  all[0].options.max_side = 16384;
  return all;
}

}  // namespace

Result<void> print_accuracy(Bench& bench) {
  fmt::print(
      "\n## Average precision (IoU 0.5) by face height on {} pictures; recall/precision at raw score {}\n\n",
      bench.wider.size(), kAtScore);
  fmt::print("| scope | >=10 px | >=20 | >=40 | >=80 | ms wall | ms CPU |\n|---|---|---|---|---|---|---|\n");
  for (const Look& look : looks(bench.min_score)) {
    if (std::ranges::find(bench.scopes, look.options.scope) == bench.scopes.end()) continue;
    std::vector<std::vector<analysis::Face>> found;
    std::vector<double> walls, cpus;
    for (const TestPicture& picture : bench.wider) {
      const analysis::RgbSource source(picture.image);
      found.push_back(TRY(bench.detector.detect(source, look.options)));
      if (!bench.timed) continue;
      const double wall = wall_ms();
      const double cpu = cpu_ms();
      found.back() = TRY(bench.detector.detect(source, look.options));
      walls.push_back(wall_ms() - wall);
      cpus.push_back(cpu_ms() - cpu);
    }
    fmt::print("| {} |", look.name);
    for (const float height : kHeights) {
      auto [judged, faces] = judge_all(bench.wider, found, height);
      const Accuracy result = accuracy(std::move(judged), faces, kAtScore);
      fmt::print(" {:.3f} ({:.2f}/{:.2f}) |", result.average_precision, result.recall, result.precision);
    }
    fmt::print(" {:.0f} | {:.0f} |\n", median(walls), median(cpus));
    std::fflush(stdout);
  }
  return {};
}

}  // namespace sightline::bench
