#pragma once
// What all benches that look at pictures are told.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "sight/inference/model_store.h"
#include "sight/inference/session.h"

namespace sightline::bench {

/// Where ./sightline setup keeps the models unless told otherwise.
[[nodiscard]] inline std::filesystem::path usual_cache() {
  const char* cache = std::getenv("SIGHTLINE_CACHE");
  const char* home = std::getenv("HOME");
  return cache != nullptr ? cache : std::string(home != nullptr ? home : ".") + "/.cache/sightline";
}

struct VisionArguments {
  std::filesystem::path data = "../shared/data";
  std::filesystem::path models = "models";
  std::filesystem::path cache = usual_cache();
  inference::Precision precision = inference::Precision::automatic;
  int threads = 1;
};

inline void add_options(CLI::App& app, VisionArguments& arguments) {
  static const std::map<std::string, inference::Precision> kPrecisions{
      {"auto", inference::Precision::automatic},
      {"fp32", inference::Precision::fp32},
      {"bf16", inference::Precision::bf16},
      {"int8", inference::Precision::int8}};
  app.add_option("--data", arguments.data, "Folder of the measuring data");
  app.add_option("--models", arguments.models, "Folder of the model manifests");
  app.add_option("--cache", arguments.cache, "Folder with models/, as ./sightline setup makes it");
  app.add_option("--threads", arguments.threads, "Threads an inference");
  app.add_option("--precision", arguments.precision, "auto, fp32, bf16 or int8")
      ->transform(CLI::CheckedTransformer(kPrecisions));
}

struct Models {
  std::unique_ptr<inference::Runtime> runtime;
  inference::ModelStore store;
};

[[nodiscard]] inline Result<Models> open_models(const VisionArguments& arguments) {
  inference::RuntimeOptions options;
  options.precision = arguments.precision;
  options.threads = arguments.threads;
  auto runtime = TRY(inference::Runtime::create(options));
  auto store = TRY(inference::ModelStore::open({arguments.models}, {arguments.cache / "models"}));
  return Models{std::move(runtime), std::move(store)};
}

/// What main() returns.
[[nodiscard]] inline int exit_status(std::string_view program, const Result<void>& done) {
  if (done) return 0;
  fmt::print(stderr, "{}: {}\n", program, done.error().message);
  return 1;
}

}  // namespace sightline::bench
