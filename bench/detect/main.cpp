// bench_detect: how well and how fast faces are found. Figures: docs/benchmarks/detect.md.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <map>

#include "detect/sections.h"
#include "vision_arguments.h"

namespace sightline::bench {
namespace {

struct Arguments : VisionArguments {
  std::vector<std::string> what{"accuracy", "small", "large", "turned", "calibration"};
  float min_score = 0.05F;
  std::vector<std::string> scopes{"fast", "balanced", "thorough"};
  bool untimed = false;
  std::size_t pictures = 0;  ///< of wider-dev; 0 = all
};

Result<void> run(const Arguments& arguments) {
  const Models models = TRY(open_models(arguments));
  const auto detector = TRY(analysis::FaceDetector::create(*models.runtime, models.store));
  Bench bench{*detector,
              TRY(load_wider(arguments.data / "wider-dev")),
              TRY(load_plain(arguments.data / "photos")),
              arguments.min_score,
              {},
              !arguments.untimed};
  if (arguments.pictures > 0 && arguments.pictures < bench.wider.size())
    bench.wider.resize(arguments.pictures);
  for (const std::string& scope : arguments.scopes) bench.scopes.push_back(TRY(analysis::parse_scope(scope)));
  fmt::print("{}, {} thread(s), OpenVINO {}\n", detector->identity(), models.runtime->threads(),
             models.runtime->version());
  for (const std::string& part : arguments.what) {
    if (part == "accuracy") TRY(print_accuracy(bench));
    if (part == "small") TRY(print_small_faces(bench, 12));
    if (part == "large") TRY(print_large_faces(bench));
    if (part == "turned") TRY(print_turned_pictures(bench));
    if (part == "calibration") TRY(print_calibration(bench));
  }
  return {};
}

}  // namespace
}  // namespace sightline::bench

int main(int argc, char** argv) {
  using namespace sightline;
  bench::Arguments arguments;
  CLI::App app{"Measures face detection"};
  bench::add_options(app, arguments);
  app.add_option("--min-score", arguments.min_score, "Raw score down to which detections count");
  app.add_option("--scopes", arguments.scopes, "fast, balanced, thorough");
  app.add_flag("--untimed", arguments.untimed, "Skip the timing");
  app.add_option("--pictures", arguments.pictures, "Only so many pictures of wider-dev");
  app.add_option("--what", arguments.what, "accuracy, small, large, turned, calibration")
      ->check(CLI::IsMember({"accuracy", "small", "large", "turned", "calibration"}));
  CLI11_PARSE(app, argc, argv);
  return bench::exit_status("bench_detect", bench::run(arguments));
}
