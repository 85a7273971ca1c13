#pragma once
// Where the program finds its own things: models, caches, demo pictures.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace sightline::app {

/// A tree with bin/ beside share/: the installed prefix, or the build folder, which has links in
/// share/sightline to the sources' manifests and to what ./sightline setup downloaded.
struct Locations {
  std::vector<std::filesystem::path> manifests;  ///< folders of model manifests, the user's own first
  std::vector<std::filesystem::path> weights;    ///< folders of weights, in the order to search
  std::filesystem::path user_models;             ///< where `models add` writes; may not exist yet
  std::filesystem::path server_data;             ///< what `serve` keeps; may not exist yet
  std::filesystem::path compiled_models;         ///< cache of compiled models; empty = keep none
  std::filesystem::path temporary;               ///< for large files that nobody is to keep
  std::filesystem::path demo_pictures;           ///< what `demo` makes its clip of
};

/// Reads a variable of the environment; handed in so that tests can make it up.
using Variable = std::function<std::optional<std::string>(const char* name)>;
/// Of this process.
[[nodiscard]] std::optional<std::string> process_variable(const char* name);

/// What the answer depends on.
struct Environment {
  std::filesystem::path executable;  ///< absolute
  Variable variable;
};

/// SIGHTLINE_MODELS (folders, separated by ':') replaces all manifest folders and is searched for weights
/// first; SIGHTLINE_CACHE replaces the cache folder and is where a build's downloaded packages lie.
/// TMPDIR replaces /var/tmp, which is on a disk where /tmp may be in memory.
/// Else XDG_DATA_HOME and XDG_CACHE_HOME decide, below HOME where they are unset or relative.
[[nodiscard]] Locations find_locations(const Environment& environment);

/// For this process, or for one like it with another HOME.
[[nodiscard]] Locations find_locations(const std::optional<std::filesystem::path>& home = std::nullopt);

/// The folder of a server: what --data says, else Locations::server_data. Errors: invalid_argument (neither).
[[nodiscard]] Result<std::filesystem::path> server_folder(const std::string& data_flag,
                                                          const Locations& locations);

}  // namespace sightline::app
