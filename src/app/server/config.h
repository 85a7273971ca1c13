#pragma once
// What `sightline serve` is told.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/server/user.h"
#include "app/server/web_address.h"
#include "base/result.h"
#include "sight/jobs/worker_process.h"

namespace sightline::server {

enum class KeyPolicy { local, enforced };
enum class Permissions {
  enforce,
  audit,  ///< what policies refuse is let pass, and written to the log
};
enum class LogFormat { text, json };

/// "127.0.0.1:4566", "[::1]:4566".
struct Endpoint {
  std::string address;  ///< numeric, without brackets
  std::uint16_t port = 0;
};

/// Errors: invalid_argument.
[[nodiscard]] Result<Endpoint> parse_endpoint(const std::string& text);
[[nodiscard]] std::string to_string(const Endpoint& endpoint);
[[nodiscard]] bool is_loopback(const Endpoint& endpoint);

struct ServeOptions {
  std::filesystem::path data;  ///< where everything is kept
  /// Where the keys that seal secrets are, beside `data` (base/key_file.h). Both may be empty.
  std::filesystem::path key_file;
  std::filesystem::path credentials;
  bool ephemeral = false;  ///< `data` is temporary: removed at the end, emptied by a reset
  Endpoint listen{"127.0.0.1", 4566};
  /// What is meant for browsers, and never the API; empty: nothing is.
  std::vector<Endpoint> public_listen{{"127.0.0.1", 4568}};
  /// The first of them as it is reached from outside, where that is another address: "https://apps.example".
  std::optional<WebAddress> public_url;
  KeyPolicy keys = KeyPolicy::local;
  Permissions permissions = Permissions::enforce;
  std::string account = "000000000000";
  std::string region = "us-east-1";
  std::vector<std::string> hosts;   ///< names by which clients may call, beside localhost
  std::vector<WebAddress> origins;  ///< pages that may call
  std::filesystem::path certificate;
  std::filesystem::path key;
  bool self_signed = false;
  std::optional<User> user;  ///< to become, when started as root
  LogFormat log = LogFormat::text;
  int threads = 0;                 ///< for the models; 0 = the cores of this machine
  std::chrono::seconds grace{25};  ///< at the end, for the requests under way
  int sample_interval = 200;       ///< milliseconds between two samples of a stored video
  /// Where compiled models are kept; where that may not be written to, in the data folder.
  std::filesystem::path compiled_models;
  /// What works on stored videos, with the folder of compiled models that it is to use.
  std::function<jobs::WorkerProgram(const std::filesystem::path& compiled_models)> worker;
};

/// What cannot be served as asked, with the remedy. Errors: invalid_argument.
[[nodiscard]] Result<void> check(const ServeOptions& options);

}  // namespace sightline::server
