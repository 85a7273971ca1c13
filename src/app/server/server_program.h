#pragma once
// `sightline serve` from start to end.

#include <functional>
#include <stop_token>

#include "app/server/config.h"
#include "base/result.h"
#include "sight/inference/model_store.h"

namespace sightline::server {

/// What is known once the port answers.
struct Started {
  std::string endpoint;  ///< "http://127.0.0.1:4566", with the port that the kernel chose
  std::vector<std::string> public_endpoints;
  std::string data;  ///< the folder
};

struct ServeHooks {
  std::stop_token stop;
  /// Says what SIGHUP is to do from now on; an empty function: nothing more of this.
  std::function<void(std::function<void()>)> on_hangup;
  /// Called once when the port answers.
  std::function<void(const Started&)> started;
};

/// Serves until `hooks.stop` is asked for, then lets what is under way end. SIGHUP reloads the keys. Errors:
/// invalid_argument, unavailable (port or folder in use), those of files.
[[nodiscard]] Result<void> serve(const ServeOptions& options, const inference::ModelStore& models,
                                 const ServeHooks& hooks);

}  // namespace sightline::server
