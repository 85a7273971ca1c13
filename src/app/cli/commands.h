#pragma once
// The program's commands. Each adds itself to the command line and, when chosen, runs as `Program` says.

#include <filesystem>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "app/cli/locations.h"
#include "base/file.h"
#include "base/result.h"
#include "sight/media/file_kind.h"

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
/// `backup` and `restore`.
void add_backup_commands(CLI::App& app, Program& program);
void add_data_command(CLI::App& app, Program& program);

/// Why a server's policies allow something or not.
void add_explain_command(CLI::App& app, Program& program);

/// A line on standard error. Control characters, as names of files may hold them, are shown as escapes.
void print_line(std::string_view line);
/// "sightline: MESSAGE", likewise.
void print_error(const Error& error);

inline constexpr std::size_t kMaxPictureFile = std::size_t{512} << 20;  ///< bytes

/// Whether a file that begins with `head` is to be read as a picture, else as a clip; `name` is as typed.
/// Errors: corrupt where nothing but its name says that it is a picture.
[[nodiscard]] Result<media::FileKind> kind_to_read(std::span<const std::uint8_t> head,
                                                   const std::string& name);

/// The first media::kFileHead bytes. Errors: not_found and the like, corrupt when empty, invalid_argument
/// when it is no regular file.
[[nodiscard]] Result<Bytes> read_head(const std::filesystem::path& path);

}  // namespace sightline::cli
