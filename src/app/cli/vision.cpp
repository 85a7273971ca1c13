#include "app/cli/vision.h"

#include <fmt/format.h>

#include <utility>

namespace sightline::cli {
namespace {

Result<inference::Precision> parse_precision(const std::string& name) {
  if (name == "auto") return inference::Precision::automatic;
  if (name == "fp32") return inference::Precision::fp32;
  if (name == "bf16") return inference::Precision::bf16;
  if (name == "int8") return inference::Precision::int8;
  return fail(ErrorKind::invalid_argument,
              fmt::format("'{}' is no precision; choose auto, fp32, bf16 or int8", name));
}

}  // namespace

Result<inference::ModelStore> open_model_store(const Locations& locations) {
  return inference::ModelStore::open(locations.manifests, locations.weights);
}

Result<std::unique_ptr<models::ModelSet>> open_models(const Locations& locations,
                                                      const VisionOptions& options) {
  auto store = TRY(open_model_store(locations));
  models::ModelSetOptions own;
  own.face_detector = options.model;
  own.runtime.precision = TRY(parse_precision(options.precision));
  own.runtime.threads = options.threads;
  own.runtime.slots = 1;  // a command looks at one picture at a time
  own.runtime.cache_folder = locations.compiled_models;
  return models::ModelSet::open(std::move(store), own);
}

}  // namespace sightline::cli
