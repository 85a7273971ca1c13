#pragma once
// The program's commands. Each adds itself to the command line and, when chosen, runs as `Program` says.

#include <filesystem>
#include <functional>
#include <stop_token>

#include "app/cli/locations.h"
#include "base/file.h"
#include "base/result.h"

namespace CLI {
class App;
}

namespace sightline::cli {

using app::Locations;

/// What every command gets, and where it leaves the exit status.
struct Program {
  const Locations& locations;
  std::stop_token stop;                                  ///< never asked for in a worker
  std::function<void(std::function<void()>)> on_hangup;  ///< what SIGHUP does, instead of stopping
  int exit_code = 0;
};

void add_blur_command(CLI::App& app, Program& program);
void add_detect_command(CLI::App& app, Program& program);
void add_models_command(CLI::App& app, Program& program);
void add_demo_command(CLI::App& app, Program& program);
void add_serve_command(CLI::App& app, Program& program);
void add_keys_command(CLI::App& app, Program& program);
/// What the server starts for each stored video; not for people. Its process is of one thread until then: it
/// forks, and a signal ends it as it ends any program.
inline constexpr const char* kWorkerCommand = "worker";
void add_worker_command(CLI::App& app, Program& program);
void add_jobs_command(CLI::App& app, Program& program);

/// "sightline: MESSAGE" on standard error, in one line.
void print_error(const Error& error);

inline constexpr std::size_t kMaxPictureFile = std::size_t{512} << 20;  ///< bytes

/// The first media::kFileHead bytes. Errors: not_found and the like, corrupt when empty, invalid_argument
/// when it is no regular file.
[[nodiscard]] Result<Bytes> read_head(const std::filesystem::path& path);

}  // namespace sightline::cli
