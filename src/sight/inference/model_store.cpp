#include "sight/inference/model_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/file.h"
#include "base/sha256.h"

namespace sightline::inference {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMaxManifests = 1000;

}  // namespace

Result<ModelStore> ModelStore::open(const std::vector<fs::path>& manifests, std::vector<fs::path> weights) {
  ModelStore store;
  store.weights_ = std::move(weights);
  for (const fs::path& folder : manifests) {
    std::error_code error;
    std::vector<fs::path> files;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
      if (it->path().extension() == ".toml") files.push_back(it->path());
    if (error && error != std::errc::no_such_file_or_directory)
      return fail(ErrorKind::io,
                  fmt::format("{}: cannot list the model manifests: {}", folder.string(), error.message()));
    if (files.size() > kMaxManifests)
      return fail(ErrorKind::too_large,
                  fmt::format("{}: more than {} model manifests", folder.string(), kMaxManifests));
    std::ranges::sort(files);
    for (const fs::path& file : files) {
      const Bytes text = TRY(read_file(file, kMaxManifestBytes));
      auto model = parse_manifest({reinterpret_cast<const char*>(text.data()), text.size()}, file.string());
      if (!model) return fail(ErrorKind::unavailable, std::move(model).error().message);
      const auto same_name = [&](const ModelManifest& known) { return known.name == model->name; };
      if (std::ranges::none_of(store.models_, same_name)) store.models_.push_back(std::move(*model));
    }
  }
  return store;
}

Result<ModelManifest> ModelStore::find(std::string_view name, ModelForm form) const {
  const auto found = std::ranges::find_if(models_, [&](const ModelManifest& m) { return m.name == name; });
  if (found == models_.end())
    return fail(
        ErrorKind::not_found,
        fmt::format("no model is named '{}'; `sightline models list` shows those that are known", name));
  if (form == ModelForm::plain) return *found;
  const auto quantised = std::ranges::find_if(
      models_, [&](const ModelManifest& m) { return m.quantised_from == found->sha256; });
  return quantised != models_.end() ? *quantised : *found;
}

fs::path ModelStore::locate(const ModelManifest& model) const {
  for (const fs::path& folder : weights_) {
    std::error_code error;
    if (fs::is_regular_file(folder / model.file, error)) return folder / model.file;
  }
  return {};
}

Result<fs::path> ModelStore::weights(const ModelManifest& model) const {
  fs::path path = locate(model);
  if (path.empty())
    return fail(ErrorKind::unavailable,
                fmt::format("{}: the weights of model '{}' are not installed; run `sightline setup`, then "
                            "`sightline models verify`",
                            model.file, model.name));
  const std::string actual = TRY(sha256_file(path));
  if (actual == model.sha256) return path;
  return fail(
      ErrorKind::unavailable,
      fmt::format("{}: the weights of model '{}' are damaged (SHA-256 {}, not {}); remove the file and "
                  "run `sightline setup`, then `sightline models verify`",
                  path.string(), model.name, actual, model.sha256));
}

}  // namespace sightline::inference
