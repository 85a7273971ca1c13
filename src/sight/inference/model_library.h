#pragma once
// What a person does with models: look whether they are whole, and add one.

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sight/inference/model_store.h"

namespace sightline::inference {

enum class WeightsState { whole, missing, damaged };
[[nodiscard]] std::string_view weights_state_name(WeightsState state);

struct ModelStatus {
  ModelManifest model;
  WeightsState state = WeightsState::missing;
  std::filesystem::path weights;  ///< where they lie; empty when missing
  std::string problem;            ///< one line with the remedy; empty when whole
};

/// Every model of the store, its weights found and hashed.
[[nodiscard]] std::vector<ModelStatus> verify_models(const ModelStore& store);

/// Runs a model once; the error says why it cannot be used.
using TryModel =
    std::function<Result<void>(const ModelManifest& model, const std::filesystem::path& weights)>;

enum class Existing { keep, replace };

/// Installs a model into `folder` (made if need be) as NAME.toml and its weights, each appearing whole or not
/// at all, once the weights have the hash that the manifest states and `try_model` has accepted them. Errors:
/// corrupt (manifest or hash), already_exists under Existing::keep, those of `try_model` and of writing.
[[nodiscard]] Result<ModelManifest> add_model(const std::filesystem::path& manifest,
                                              const std::filesystem::path& weights,
                                              const std::filesystem::path& folder, Existing existing,
                                              const TryModel& try_model);

}  // namespace sightline::inference
