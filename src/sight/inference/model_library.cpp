#include "sight/inference/model_library.h"

#include <fmt/format.h>

#include <system_error>

#include "base/file.h"
#include "base/sha256.h"

namespace sightline::inference {
namespace {

namespace fs = std::filesystem;
constexpr std::uintmax_t kMaxWeights = std::uintmax_t{4} << 30;

Result<void> check_weights(const ModelManifest& model, const fs::path& weights) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(weights, error);
  if (error) return fail(ErrorKind::not_found, fmt::format("{}: {}", weights.string(), error.message()));
  if (size > kMaxWeights)
    return fail(ErrorKind::too_large, fmt::format("{}: larger than 4 GiB", weights.string()));
  const std::string actual = TRY(sha256_file(weights));
  if (actual == model.sha256) return {};
  return fail(ErrorKind::corrupt,
              fmt::format("{}: its SHA-256 is {} where the manifest says {}; fetch the file again or correct "
                          "the manifest",
                          weights.string(), actual, model.sha256));
}

/// Copies into a file that appears whole, and checks the copy, not the file it came from.
Result<void> install_weights(const ModelManifest& model, const fs::path& from, const fs::path& to,
                             bool replace) {
  std::error_code error;
  if (fs::is_regular_file(to, error) && check_weights(model, to)) return {};
  auto pending = TRY(PendingFile::create(to));
  if (!fs::copy_file(from, pending.temporary_path(), fs::copy_options::overwrite_existing, error))
    return fail(error == std::errc::no_space_on_device ? ErrorKind::no_space : ErrorKind::io,
                fmt::format("{}: cannot be copied to {}: {}", from.string(), to.string(), error.message()));
  TRY(check_weights(model, pending.temporary_path()));
  return pending.commit(replace);
}

}  // namespace

std::string_view weights_state_name(WeightsState state) {
  switch (state) {
    case WeightsState::whole:
      return "whole";
    case WeightsState::missing:
      return "missing";
    case WeightsState::damaged:
      return "damaged";
  }
  return "damaged";
}

std::vector<ModelStatus> verify_models(const ModelStore& store) {
  std::vector<ModelStatus> all;
  for (const ModelManifest& model : store.models()) {
    ModelStatus status{model, WeightsState::whole, store.locate(model), ""};
    if (const auto weights = store.weights(model); !weights) {
      status.state = status.weights.empty() ? WeightsState::missing : WeightsState::damaged;
      status.problem = weights.error().message;
    }
    all.push_back(std::move(status));
  }
  return all;
}

Result<ModelManifest> add_model(const fs::path& manifest, const fs::path& weights, const fs::path& folder,
                                Existing existing, const TryModel& try_model) {
  const Bytes text = TRY(read_file(manifest, kMaxManifestBytes));
  ModelManifest model =
      TRY(parse_manifest({reinterpret_cast<const char*>(text.data()), text.size()}, manifest.string()));
  const bool replace = existing == Existing::replace;
  const fs::path target = folder / (model.name + ".toml");
  std::error_code error;
  if (!replace && fs::exists(target, error))
    return fail(ErrorKind::already_exists,
                fmt::format("{}: a model '{}' is already there; use --force to replace it", target.string(),
                            model.name));
  TRY(check_weights(model, weights));
  TRY(try_model(model, weights));
  fs::create_directories(folder, error);
  if (error)
    return fail(ErrorKind::io, fmt::format("{}: cannot be made: {}", folder.string(), error.message()));
  // Weights first: a manifest never names a file that is not there yet.
  TRY(install_weights(model, weights, folder / model.file, replace));
  TRY(write_file_atomically(target, text, replace));
  return model;
}

}  // namespace sightline::inference
