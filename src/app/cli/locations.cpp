#include "app/cli/locations.h"

#include <cstdlib>
#include <string_view>
#include <system_error>

namespace sightline::app {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> folder_in(const Environment& environment, const char* name) {
  const auto value = environment.variable(name);
  if (!value || value->empty()) return std::nullopt;
  return fs::path(*value);
}

/// A folder of the XDG base directory specification: relative values are to be ignored.
std::optional<fs::path> xdg_folder(const Environment& environment, const char* name, const char* below_home) {
  if (const auto folder = folder_in(environment, name); folder && folder->is_absolute()) return folder;
  if (const auto home = folder_in(environment, "HOME"); home && home->is_absolute()) {
    return *home / below_home;
  }
  return std::nullopt;
}

std::vector<fs::path> split_folders(std::string_view list) {
  std::vector<fs::path> folders;
  while (!list.empty()) {
    const auto end = list.find(':');
    if (const auto one = list.substr(0, end); !one.empty()) folders.emplace_back(one);
    list = end == std::string_view::npos ? std::string_view{} : list.substr(end + 1);
  }
  return folders;
}

}  // namespace

Locations find_locations(const Environment& environment) {
  const fs::path share = environment.executable.parent_path().parent_path() / "share" / "sightline";
  Locations found;
  found.demo_pictures = share / "demo";
  found.temporary = folder_in(environment, "TMPDIR").value_or("/var/tmp");
  if (const auto data = xdg_folder(environment, "XDG_DATA_HOME", ".local/share")) {
    found.user_models = *data / "sightline" / "models";
    found.server_data = *data / "sightline" / "server";
  }

  const auto cache = folder_in(environment, "SIGHTLINE_CACHE");
  if (cache) {
    found.compiled_models = *cache / "compiled";
  } else if (const auto xdg = xdg_folder(environment, "XDG_CACHE_HOME", ".cache")) {
    found.compiled_models = *xdg / "sightline" / "compiled";
  }

  if (const auto models = environment.variable("SIGHTLINE_MODELS"); models && !models->empty()) {
    found.manifests = split_folders(*models);
    found.weights = found.manifests;
  } else {
    if (!found.user_models.empty()) {
      found.manifests.push_back(found.user_models);
      found.weights.push_back(found.user_models);
    }
    found.manifests.push_back(share / "models");
  }
  if (cache) found.weights.push_back(*cache / "models");
  found.weights.push_back(share / "weights");
  return found;
}

std::optional<std::string> process_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Locations find_locations(const std::optional<fs::path>& home) {
  std::error_code error;
  Environment environment;
  environment.executable = fs::read_symlink("/proc/self/exe", error);
  environment.variable = [&home](const char* name) -> std::optional<std::string> {
    if (home && name == std::string_view("HOME")) return home->string();
    return process_variable(name);
  };
  return find_locations(environment);
}

Result<fs::path> server_folder(const std::string& data_flag, const Locations& locations) {
  fs::path folder = data_flag.empty() ? locations.server_data : fs::path(data_flag);
  if (folder.empty())
    return fail(ErrorKind::invalid_argument,
                "HOME is not set: say with --data where the server keeps things");
  return folder;
}

}  // namespace sightline::app
