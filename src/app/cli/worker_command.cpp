#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdint>

#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "app/cli/vision.h"
#include "sight/jobs/confinement.h"
#include "sight/jobs/worker.h"
#include "sight/jobs/worker_process.h"

namespace sightline::cli {
namespace {

constexpr int kBehindRequests = 10;

struct WorkerFlags {
  std::int64_t interval = 200;
  int threads = 0;
  std::uint64_t memory = 6;  ///< GiB
};

/// Everything that needs files, while files can be opened: the model, and what the runtime loads with its
/// first session.
Result<std::unique_ptr<Vision>> prepare(const WorkerFlags& flags, const Locations& locations) {
  VisionOptions options;
  options.threads = flags.threads;
  auto vision = TRY(Vision::open(locations, options));
  const inference::ModelStore models = TRY(open_model_store(locations));
  const inference::ModelManifest model = TRY(models.find(options.model));
  TRY(vision->runtime().keep_in_memory(TRY(models.weights(model))));
  return vision;
}

Result<void> run(const WorkerFlags& flags, const Program& program) {
  TRY(jobs::die_with_parent());
  // Whoever waits for a picture's answer goes first; that this may fail is no matter.
  (void)::setpriority(PRIO_PROCESS, 0, kBehindRequests);
  auto vision = prepare(flags, program.locations);
  auto confined = vision ? jobs::confine({flags.memory << 30U}) : Result<void>();
  if (!vision) confined = std::unexpected(vision.error());
  if (!confined) return jobs::decline_work(jobs::kRecordsDescriptor, confined.error());
  const jobs::WorkerOrder order{jobs::kClipDescriptor, jobs::kJournalDescriptor, jobs::kRecordsDescriptor,
                                std::chrono::milliseconds(flags.interval)};
  return jobs::run_worker(order, (*vision)->detector());
}

}  // namespace

void add_worker_command(CLI::App& app, Program& program) {
  auto flags = std::make_shared<WorkerFlags>();
  CLI::App* command = app.add_subcommand("worker", "Started by the server for each stored video")->group("");
  command->add_option("--interval", flags->interval)->check(CLI::Range(1, 3'600'000));
  command->add_option("--threads", flags->threads)->check(CLI::Range(0, 256));
  command->add_option("--memory", flags->memory)->check(CLI::Range(1, 1024));
  command->callback([flags, &program] {
    if (auto done = run(*flags, program); !done) program.exit_code = exit_code(done.error().kind);
  });
}

}  // namespace sightline::cli
