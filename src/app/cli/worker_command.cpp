#include <malloc.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdint>

#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "app/cli/worker_equipment.h"
#include "base/process/parent_death.h"
#include "sandbox/confinement.h"
#include "sight/jobs/prober.h"
#include "sight/jobs/worker.h"
#include "sight/jobs/worker_process.h"

namespace sightline::cli {
namespace {

constexpr int kBehindRequests = 10;
/// Bytes of a picture that comes and goes with each frame: 3840x2160 in RGB is less. Given back to the system
/// and taken again it would cost a page fault every 4 KiB.
constexpr int kKeptBuffer = 32 << 20;
/// From when the runtime is loaded. Long, since on a busy machine even a good clip's prober comes late, and
/// what is compiled for its size can be kept only before the worker is confined.
constexpr std::chrono::seconds kProbing{10};

struct WorkerFlags {
  std::int64_t interval = 200;
  std::string look{jobs::look_name(jobs::CloserLook::brief)};
  int threads = 0;
  std::uint64_t memory = 6;  ///< GiB
  std::string compiled_models;
};

/// A refusal is often there so soon, and then nothing needs to be loaded. A good clip's prober has mostly
/// ended too.
constexpr std::chrono::milliseconds kHeadStart{100};

Result<jobs::Probed> probed_by(Result<jobs::Prober>& prober, std::chrono::milliseconds patience) {
  jobs::Probed probed;
  if (prober) probed = prober->answer(patience);
  if (probed.refusal) return std::unexpected(*std::move(probed.refusal));
  return probed;
}

/// Everything that needs files, while files can be opened. What does not depend on the clip is loaded while
/// the prober looks at it, unless that has ended already. Errors: also the prober's refusal.
Result<WorkerEquipment> prepare(const WorkerFlags& flags, jobs::CloserLook look, const Locations& locations,
                                const sandbox::Confinement& limits) {
  auto prober = jobs::Prober::start(jobs::kClipDescriptor, limits);
  std::optional<jobs::Probed> probed;
  if (prober && prober->is_ready(kHeadStart)) probed = TRY(probed_by(prober, kProbing));
  auto equipment = TRY(WorkerEquipment::open(locations, flags.threads, look));
  if (!probed) probed = TRY(probed_by(prober, kProbing));
  TRY(equipment.fit(probed->shape));
  return equipment;
}

Result<void> run(const WorkerFlags& flags, const Program& program) {
  TRY(process::die_with_parent());
  // Whoever waits for a picture's answer goes first; that this may fail is no matter.
  (void)::setpriority(PRIO_PROCESS, 0, kBehindRequests);
  (void)::mallopt(M_MMAP_THRESHOLD, kKeptBuffer);
  (void)::mallopt(M_TRIM_THRESHOLD, 4 * kKeptBuffer);
  const sandbox::Confinement limits{flags.memory << 30U};
  const jobs::WorkerTask task{std::chrono::milliseconds(flags.interval),
                              jobs::parse_look(flags.look).value_or(jobs::CloserLook::brief)};
  Locations locations = program.locations;
  locations.compiled_models = flags.compiled_models;
  auto equipment = prepare(flags, task.look, locations, limits);
  auto confined = equipment ? sandbox::confine(limits) : std::unexpected(equipment.error());
  if (!confined) return jobs::decline_work(jobs::kRecordsDescriptor, confined.error());
  const jobs::WorkerOrder order{jobs::kClipDescriptor, jobs::kJournalDescriptor, jobs::kRecordsDescriptor,
                                task};
  return jobs::run_worker(order, equipment->models());
}

}  // namespace

void add_worker_command(CLI::App& app, Program& program) {
  auto flags = std::make_shared<WorkerFlags>();
  CLI::App* command =
      app.add_subcommand(kWorkerCommand, "Started by the server for each stored video")->group("");
  command->add_option("--interval", flags->interval)->check(CLI::Range(1, 3'600'000));
  command->add_option("--look", flags->look)->check([](const std::string& name) {
    return jobs::parse_look(name) ? std::string() : "no look is called '" + name + "'";
  });
  command->add_option("--threads", flags->threads)->check(CLI::Range(0, 256));
  command->add_option("--memory", flags->memory)->check(CLI::Range(1, 1024));
  command->add_option("--compiled-models", flags->compiled_models, "their folder; none are kept without");
  command->callback([flags, &program] {
    if (auto done = run(*flags, program); !done) program.exit_code = exit_code(done.error().kind);
  });
}

}  // namespace sightline::cli
