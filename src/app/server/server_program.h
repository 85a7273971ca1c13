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
  std::string public_url;  ///< where browsers find the first of them; empty where there is none
  std::string data;        ///< the folder
};

/// How serve() ended.
enum class Ending {
  clean,
  /// A model was still being compiled, which cannot be interrupted: its thread goes on, outside of
  /// the data folder, of which nothing is held any more. The process must end by std::_Exit().
  compiling,
};

struct ServeHooks {
  std::stop_token stop;
  /// Says what SIGHUP is to do from now on; an empty function: nothing more of this.
  std::function<void(std::function<void()>)> on_hangup;
  /// Called once when the port answers.
  std::function<void(const Started&)> started;
};

/// Serves until `hooks.stop` is asked for, then lets the requests under way end for `options.grace`, and says
/// in the log which they are. Stored videos that are being worked on go on at the next start. SIGHUP reloads
/// the keys. Errors: invalid_argument, unavailable (port or folder in use), those of files.
[[nodiscard]] Result<Ending> serve(const ServeOptions& options, const inference::ModelStore& models,
                                   const ServeHooks& hooks);

}  // namespace sightline::server
