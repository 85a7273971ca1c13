#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "app/cli/vision.h"
#include "sight/analysis/face_detector.h"
#include "sight/analysis/picture_sources.h"
#include "sight/faces/eyes.h"
#include "sight/faces/face_mesh.h"
#include "sight/faces/face_recogniser.h"
#include "sight/inference/model_library.h"
#include "sight/objects/object_detector.h"
#include "sight/objects/unsafe_content.h"

namespace sightline::cli {
namespace {

constexpr const char* kModelsFooter = R"(Examples:
  sightline models list
  sightline models verify
  sightline models add mine.toml mine.onnx         docs/models.md tells the manifest's format

A model named like one of the program's own takes its place.)";

struct ModelsFlags {
  std::vector<std::string> names;
  std::string manifest;
  std::string weights;
  bool force = false;
};

Result<void> list_models(const Program& program) {
  const auto store = TRY(open_model_store(program.locations));
  for (const inference::ModelManifest& model : store.models()) {
    const auto path = store.locate(model);
    fmt::print("{} {}  {}\n  from      {}\n  licence   {}\n  weights   {}\n  notice    {}\n", model.name,
               model.version, model.task, model.package, model.licence,
               path.empty() ? "missing" : path.string(), model.notice);
  }
  return {};
}

Result<void> verify_models(const ModelsFlags& flags, Program& program) {
  const auto store = TRY(open_model_store(program.locations));
  for (const std::string& name : flags.names) TRY(store.find(name));
  for (const auto& status : inference::verify_models(store)) {
    if (!flags.names.empty() && std::ranges::find(flags.names, status.model.name) == flags.names.end())
      continue;
    fmt::print("{}: {}\n", status.model.name, inference::weights_state_name(status.state));
    if (status.state == inference::WeightsState::whole) continue;
    print_error({ErrorKind::unavailable, status.problem});
    program.exit_code = kExitMissingPart;
  }
  return {};
}

/// One look at an even picture: shows that the network compiles, runs and has the outputs it should have.
Result<void> try_model(const inference::ModelManifest& model, const std::filesystem::path& weights) {
  const auto runtime = TRY(inference::Runtime::create({}));
  const media::RgbImage gray{{64, 64}, std::vector<std::uint8_t>(std::size_t{64} * 64 * 3, 128)};
  analysis::Face face;
  face.box = {16, 12, 32, 40};
  face.landmarks = {{{24, 28}, {40, 28}, {32, 36}, {26, 44}, {38, 44}}};
  if (model.task == "face-recognition") {
    const auto recogniser = TRY(faces::FaceRecogniser::create(*runtime, model, weights));
    TRY(recogniser->embed(gray, face.landmarks));
  } else if (model.task == "face-mesh") {
    const auto mesher = TRY(faces::FaceMesher::create(*runtime, model, weights));
    TRY(mesher->fit(gray, face, faces::Looks::one));
  } else if (model.task == "eye-contour") {
    faces::Mesh mesh;
    for (const auto& [corner, x] : {std::pair{33U, 20.0F}, {133U, 28.0F}, {362U, 36.0F}, {263U, 44.0F}})
      mesh.points[corner] = {x, 28, 0};
    const auto eyes = TRY(faces::EyeReader::create(*runtime, model, weights));
    TRY(eyes->read(gray, mesh));
  } else if (model.task == "object-detection") {
    const auto detector = TRY(objects::ObjectDetector::create(*runtime, model, weights));
    TRY(detector->detect(analysis::RgbSource(gray), objects::ObjectOptions{}));
  } else if (model.task == "unsafe-content") {
    const auto detector = TRY(objects::UnsafeContentDetector::create(*runtime, model, weights));
    TRY(detector->score(analysis::RgbSource(gray)));
  } else {
    const auto detector = TRY(analysis::FaceDetector::create(*runtime, model, weights));
    TRY(detector->detect(analysis::RgbSource(gray), analysis::picture_options(analysis::Scope::fast)));
  }
  return {};
}

Result<void> add_model(const ModelsFlags& flags, const Program& program) {
  const auto& folder = program.locations.user_models;
  if (folder.empty())
    return fail(ErrorKind::invalid_argument, "no folder for models of your own: set HOME or XDG_DATA_HOME");
  const auto existing = flags.force ? inference::Existing::replace : inference::Existing::keep;
  const auto model = TRY(inference::add_model(flags.manifest, flags.weights, folder, existing, try_model));
  fmt::print("{} {} is installed in {}\n", model.name, model.version, folder.string());
  return {};
}

template <typename Action>
void run_as(CLI::App* command, Program& program, const Action& action) {
  command->callback([&program, action] {
    if (auto done = action(); !done) {
      print_error(done.error());
      program.exit_code = exit_code(done.error().kind);
    }
  });
}

}  // namespace

void add_models_command(CLI::App& app, Program& program) {
  auto flags = std::make_shared<ModelsFlags>();
  CLI::App* models = app.add_subcommand("models", "List, verify and add the models that do the seeing");
  models->require_subcommand(1);
  models->footer(kModelsFooter);
  CLI::App* list = models->add_subcommand("list", "Every model with origin, licence and place");
  run_as(list, program, [&program] { return list_models(program); });
  CLI::App* verify = models->add_subcommand("verify", "Compare the weights' SHA-256 with the manifests");
  verify->add_option("names", flags->names, "models to verify (all)")->type_name("NAME");
  run_as(verify, program, [flags, &program] { return verify_models(*flags, program); });
  CLI::App* add = models->add_subcommand("add", "Check a model of your own, run it once and install it");
  add->add_option("manifest", flags->manifest, "its manifest")->required()->type_name("MANIFEST.toml");
  add->add_option("weights", flags->weights, "its weights (ONNX)")->required()->type_name("WEIGHTS");
  add->add_flag("-f,--force", flags->force, "replace a model of that name");
  run_as(add, program, [flags, &program] { return add_model(*flags, program); });
}

}  // namespace sightline::cli
