// bench_recognise: how well faces are told apart. Figures: docs/accuracy.md.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <map>

#include "recognise/sections.h"

namespace sightline::bench {
namespace {

struct Arguments {
  std::filesystem::path data = "../shared/data";
  std::filesystem::path models = "models";
  std::filesystem::path cache;
  std::string vectors;
  std::string attributes;
  inference::Precision precision = inference::Precision::automatic;
  int threads = 1;
};

Result<void> run(const Arguments& arguments) {
  inference::RuntimeOptions options;
  options.precision = arguments.precision;
  options.threads = arguments.threads;
  const auto runtime = TRY(inference::Runtime::create(options));
  const auto store = TRY(inference::ModelStore::open({arguments.models}, {arguments.cache / "models"}));
  const auto detector = TRY(analysis::FaceDetector::create(*runtime, store));
  if (!arguments.attributes.empty()) {
    const auto mesher = TRY(faces::FaceMesher::create(*runtime, store));
    const auto eyes = TRY(faces::EyeReader::create(*runtime, store));
    return save_attributes(arguments.data / "lfw-dev", *detector, faces::FaceAnalyser(*mesher, *eyes),
                           arguments.attributes);
  }
  const auto recogniser = TRY(faces::FaceRecogniser::create(*runtime, store));
  const Gallery gallery = TRY(load_lfw(arguments.data / "lfw-dev", *detector, *recogniser));
  fmt::print("{}, {}: {} photos, {} without a face, {} pairs, {} absent\n", recogniser->model_id(),
             runtime->precision() == inference::Precision::bf16 ? "bf16" : "fp32", gallery.photos.size(),
             gallery.without_face, gallery.pairs.size(), gallery.absent_pairs);
  if (!arguments.vectors.empty()) TRY(save_vectors(gallery, arguments.vectors));
  print_verification(gallery);
  print_similarity(gallery, *recogniser);
  print_identification(gallery, *recogniser);
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
  CLI::App app{"Measures face recognition"};
  app.add_option("--data", arguments.data, "Folder of the measuring data");
  app.add_option("--models", arguments.models, "Folder of the model manifests");
  app.add_option("--cache", arguments.cache, "Folder with models/, as ./sightline setup makes it");
  app.add_option("--threads", arguments.threads, "Threads an inference");
  app.add_option("--vectors", arguments.vectors,
                 "Write person, number and vector of each photo to this file");
  app.add_option("--attributes", arguments.attributes,
                 "Only write what is seen in each photo to this file, to be compared with the photos by eye");
  const std::map<std::string, inference::Precision> precisions{{"auto", inference::Precision::automatic},
                                                               {"fp32", inference::Precision::fp32},
                                                               {"bf16", inference::Precision::bf16}};
  app.add_option("--precision", arguments.precision, "auto, fp32 or bf16")
      ->transform(CLI::CheckedTransformer(precisions));
  CLI11_PARSE(app, argc, argv);
  if (const auto done = bench::run(arguments); !done) {
    fmt::print(stderr, "bench_recognise: {}\n", done.error().message);
    return 1;
  }
  return 0;
}
