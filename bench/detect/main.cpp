// bench_detect: how well and how fast faces are found. Figures: docs/benchmarks/detect.md.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <map>

#include "detect/sections.h"

namespace sightline::bench {
namespace {

struct Arguments {
  std::filesystem::path data = "../shared/data";
  std::filesystem::path models = "models";
  std::filesystem::path cache;
  inference::Precision precision = inference::Precision::automatic;
  int threads = 1;
  std::vector<std::string> what{"accuracy", "small", "large", "calibration"};
  float min_score = 0.05F;
  std::vector<std::string> scopes{"fast", "balanced", "thorough"};
  bool untimed = false;
};

Result<void> run(const Arguments& arguments) {
  inference::RuntimeOptions options;
  options.precision = arguments.precision;
  options.threads = arguments.threads;
  const auto runtime = TRY(inference::Runtime::create(options));
  const auto store = TRY(inference::ModelStore::open({arguments.models}, {arguments.cache / "models"}));
  const auto detector = TRY(analysis::FaceDetector::create(*runtime, store));
  Bench bench{*detector,
              TRY(load_wider(arguments.data / "wider-dev")),
              TRY(load_plain(arguments.data / "photos")),
              arguments.min_score,
              {},
              !arguments.untimed};
  for (const std::string& scope : arguments.scopes) bench.scopes.push_back(TRY(analysis::parse_scope(scope)));
  fmt::print("{}, {} thread(s), OpenVINO {}\n", detector->identity(), runtime->threads(), runtime->version());
  for (const std::string& part : arguments.what) {
    if (part == "accuracy") TRY(print_accuracy(bench));
    if (part == "small") TRY(print_small_faces(bench, 12));
    if (part == "large") TRY(print_large_faces(bench));
    if (part == "calibration") TRY(print_calibration(bench));
  }
  return {};
}

}  // namespace
}  // namespace sightline::bench

int main(int argc, char** argv) {
  using namespace sightline;
  bench::Arguments arguments;
  const char* cache = std::getenv("SIGHTLINE_CACHE");
  const char* home = std::getenv("HOME");
  arguments.cache =
      cache != nullptr ? cache : std::string(home != nullptr ? home : ".") + "/.cache/sightline";
  CLI::App app{"Measures face detection"};
  app.add_option("--data", arguments.data, "Folder of the measuring data");
  app.add_option("--models", arguments.models, "Folder of the model manifests");
  app.add_option("--cache", arguments.cache, "Folder with models/, as ./sightline setup makes it");
  app.add_option("--threads", arguments.threads, "Threads an inference");
  app.add_option("--min-score", arguments.min_score, "Raw score down to which detections count");
  app.add_option("--scopes", arguments.scopes, "fast, balanced, thorough");
  app.add_flag("--untimed", arguments.untimed, "Skip the timing");
  app.add_option("--what", arguments.what, "accuracy, small, large, calibration")
      ->check(CLI::IsMember({"accuracy", "small", "large", "calibration"}));
  const std::map<std::string, inference::Precision> precisions{{"auto", inference::Precision::automatic},
                                                               {"fp32", inference::Precision::fp32},
                                                               {"bf16", inference::Precision::bf16}};
  app.add_option("--precision", arguments.precision, "auto, fp32 or bf16")
      ->transform(CLI::CheckedTransformer(precisions));
  CLI11_PARSE(app, argc, argv);
  if (const auto done = bench::run(arguments); !done) {
    fmt::print(stderr, "bench_detect: {}\n", done.error().message);
    return 1;
  }
  return 0;
}
