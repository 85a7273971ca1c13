// bench_recognise: how well faces are told apart. Figures: docs/accuracy.md.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <map>

#include "recognise/sections.h"
#include "vision_arguments.h"

namespace sightline::bench {
namespace {

struct Arguments : VisionArguments {
  std::string vectors;
  std::string attributes;
  bool poses = false;
};

Result<void> run(const Arguments& arguments) {
  const Models models = TRY(open_models(arguments));
  const auto detector = TRY(analysis::FaceDetector::create(*models.runtime, models.store));
  if (arguments.poses) {
    const auto mesher = TRY(faces::FaceMesher::create(*models.runtime, models.store));
    return print_poses(arguments.data / "lfw-dev", *detector, *mesher);
  }
  if (!arguments.attributes.empty()) {
    const auto mesher = TRY(faces::FaceMesher::create(*models.runtime, models.store));
    const auto eyes = TRY(faces::EyeReader::create(*models.runtime, models.store));
    return save_attributes(arguments.data / "lfw-dev", *detector, faces::FaceAnalyser(*mesher, *eyes),
                           arguments.attributes);
  }
  const auto recogniser = TRY(faces::FaceRecogniser::create(*models.runtime, models.store));
  const Gallery gallery = TRY(load_lfw(arguments.data / "lfw-dev", *detector, *recogniser));
  fmt::print("{}, {}: {} photos, {} without a face, {} pairs, {} absent\n", recogniser->model_id(),
             models.runtime->precision() == inference::Precision::bf16 ? "bf16" : "fp32",
             gallery.photos.size(), gallery.without_face, gallery.pairs.size(), gallery.absent_pairs);
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
  CLI::App app{"Measures face recognition"};
  bench::add_options(app, arguments);
  app.add_option("--vectors", arguments.vectors,
                 "Write person, number and vector of each photo to this file");
  app.add_option("--attributes", arguments.attributes,
                 "Only write what is seen in each photo to this file, to be compared with the photos by eye");
  app.add_flag("--poses", arguments.poses, "Only compare cheaper ways to a pose with two looks of the mesh");
  CLI11_PARSE(app, argc, argv);
  return bench::exit_status("bench_recognise", bench::run(arguments));
}
