#include <CLI/CLI.hpp>

#include <fmt/format.h>
#include <malloc.h>

#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string_view>

#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "app/cli/stop_signal.h"
#include "app/cli/usage_error.h"

namespace {

constexpr const char* kFooter = R"(Examples:
  sightline blur clip.mp4                       writes clip.blurred.mp4
  sightline blur photos/ -o out/                a whole folder, its tree kept
  sightline detect group.jpg --json             boxes, confidence, landmarks
  sightline serve                               AWS's Rekognition API on this machine
  sightline COMMAND --help                      everything about one command

Exit status: 0 done; 1 internal error; 2 wrong usage; 3 some of several inputs failed; 4 the input is
damaged and what could be read was processed; 5 the input cannot be processed; 6 the output cannot be
written; 7 a model or encoder is missing or damaged; 130 interrupted.)";

int run(int argc, char** argv) {
  using namespace sightline::cli;
  ::setenv("SVT_LOG", "0",
           0);  // SVT-AV1 writes a banner to standard error, and hears of quiet by no other way
  const Locations locations = sightline::app::find_locations();
  Program program{locations, {}, {}};
  std::optional<StopSignal> stop;
  if (argc < 2 || std::string_view(argv[1]) != kWorkerCommand) {
    stop.emplace();
    program.stop = stop->token();
    program.on_hangup = [&](std::function<void()> f) { stop->on_hangup(std::move(f)); };
  }
  CLI::App app(
      "Sightline makes the faces in pictures and video unrecognisable, and answers AWS's API: all of it on "
      "this "
      "machine.",
      "sightline");
  app.footer(kFooter);
  app.set_version_flag("--version", "sightline " SIGHTLINE_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  add_blur_command(app, program);
  add_detect_command(app, program);
  add_models_command(app, program);
  add_demo_command(app, program);
  add_serve_command(app, program);
  add_keys_command(app, program);
  add_jobs_command(app, program);
  add_backup_commands(app, program);
  add_data_command(app, program);
  add_explain_command(app, program);
  add_worker_command(app, program);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (const auto unknown = error.get_exit_code() == 0 ? std::nullopt : unknown_word(app)) {
      print_line("sightline: " + *unknown);
      return kExitUsage;
    }
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  return program.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  // Frames come and go between threads. Each is given back to the system at once: glibc would else learn to
  // keep them in heaps that never shrink.
  ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
  // A write beyond the limit on the size of files (ulimit -f) becomes an error, as one on a full disk is, in
  // the server and its workers too; the signal would end the program with its temporary files left behind.
  ::signal(SIGXFSZ, SIG_IGN);
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "sightline: internal error: {}; please report it\n", error.what());
    return sightline::cli::kExitInternal;
  }
}
