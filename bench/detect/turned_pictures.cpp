#include <fmt/format.h>
#include <sys/resource.h>

#include "detect/scoring.h"
#include "detect/sections.h"
#include "sight/analysis/picture_faces.h"
#include "sight/analysis/picture_sources.h"

namespace sightline::bench {
namespace {

constexpr float kHeights[] = {10, 20, 40, 80};
constexpr float kPainted = 0.2F;  ///< raw score from which `sightline blur` paints

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct FoundInAll {
  std::vector<std::vector<analysis::Face>> faces;  ///< in pixels of the pictures as they are when upright
  double seconds = 0;                              ///< of a second look, which finds its sessions compiled
};

Result<FoundInAll> find_all(Bench& bench, int quarter_turns, analysis::Orientations orientations) {
  analysis::DetectorOptions options = analysis::picture_options(analysis::Scope::balanced);
  options.min_score = bench.min_score;
  FoundInAll found;
  for (const TestPicture& picture : bench.wider) {
    const analysis::RgbSource source(picture.image);
    const analysis::TurnedSource turned(source, quarter_turns);
    found.faces.push_back(TRY(analysis::find_faces(bench.detector, turned, options, orientations)));
    for (analysis::Face& face : found.faces.back()) face = turned.turned_back(face);
    if (!bench.timed) continue;
    const double start = cpu_seconds();
    TRY(analysis::find_faces(bench.detector, turned, options, orientations));
    found.seconds += cpu_seconds() - start;
  }
  return found;
}

/// Average precision, and what is found and falsely painted at the score from which on faces are painted.
void print_cell(const Bench& bench, const std::vector<std::vector<analysis::Face>>& found, float height) {
  auto [judged, faces] = judge_all(bench.wider, found, height);
  std::size_t right = 0;
  std::size_t wrong = 0;
  for (const Judged& one : judged)
    if (one.score >= kPainted) ++(one.right ? right : wrong);
  const double precision = accuracy(std::move(judged), faces, kPainted).average_precision;
  fmt::print(" {:.3f} ({} of {}, {} false) |", precision, right, faces, wrong);
}

}  // namespace

Result<void> print_turned_pictures(Bench& bench) {
  fmt::print(
      "\n## {} pictures turned clockwise: average precision (at raw score {}: found of all, false ones)\n\n",
      bench.wider.size(), kPainted);
  fmt::print(
      "| degrees | looked at | >=10 px | >=20 | >=40 | >=80 | s CPU |\n|---|---|---|---|---|---|---|\n");
  for (const auto orientations : {analysis::Orientations::upright, analysis::Orientations::all}) {
    for (int quarter_turns = 0; quarter_turns < 4; ++quarter_turns) {
      const auto found = TRY(find_all(bench, quarter_turns, orientations));
      fmt::print("| {} | {} |", quarter_turns * 90,
                 orientations == analysis::Orientations::all ? "every way up" : "as displayed");
      for (const float height : kHeights) print_cell(bench, found.faces, height);
      fmt::print(" {:.1f} |\n", found.seconds);
      std::fflush(stdout);
    }
  }
  return {};
}

}  // namespace sightline::bench
