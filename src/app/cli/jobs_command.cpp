#include <fmt/chrono.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "app/server/data_folder.h"
#include "base/random.h"
#include "base/words.h"
#include "sight/jobs/jobs.h"
#include "store/stores.h"

namespace sightline::cli {
namespace {

namespace json = boost::json;

constexpr const char* kJobsFooter = R"(Examples:
  sightline jobs                      what the server of this machine works on, and what it has done
  sightline jobs --json --data DIR    for a program; of a server with another folder)";

struct JobsFlags {
  std::string data;
  bool json = false;
};

std::string_view status_name(jobs::JobStatus status) {
  switch (status) {
    case jobs::JobStatus::in_progress:
      return "IN_PROGRESS";
    case jobs::JobStatus::succeeded:
      return "SUCCEEDED";
    case jobs::JobStatus::failed:
      return "FAILED";
  }
  return "";
}

std::string_view kind_name(jobs::JobKind kind) {
  switch (kind) {
    case jobs::JobKind::face_detection:
      return "face-detection";
    case jobs::JobKind::face_search:
      return "face-search";
  }
  return "";
}

std::string time_text(Instant time) {
  return fmt::format("{:%FT%TZ}", std::chrono::floor<std::chrono::seconds>(time));
}

std::string progress_text(const jobs::Progress& progress) {
  if (progress.total <= 0) return counted(progress.done, "frame");
  return fmt::format("{} of {} ({}%)", progress.done, counted(progress.total, "frame"),
                     100 * progress.done / progress.total);
}

json::object to_json(const jobs::Job& job) {
  json::object object{{"id", job.id},
                      {"account", job.account},
                      {"region", job.region},
                      {"kind", kind_name(job.kind)},
                      {"status", status_name(job.status)},
                      {"message", job.message},
                      {"bucket", job.clip.bucket},
                      {"key", job.clip.key},
                      {"tag", job.tag},
                      {"created", time_text(job.created)},
                      {"framesDone", job.progress.done},
                      {"framesTotal", job.progress.total}};
  if (job.ended) object["ended"] = time_text(*job.ended);
  return object;
}

void print(const jobs::Job& job) {
  fmt::print("{}  {}  {}\n  clip      {}/{}\n  started   {}\n  progress  {}\n", job.id, kind_name(job.kind),
             status_name(job.status), job.clip.bucket, job.clip.key, time_text(job.created),
             progress_text(job.progress));
  if (job.ended) fmt::print("  ended     {}\n", time_text(*job.ended));
  if (!job.message.empty()) fmt::print("  message   {}\n", job.message);
}

Result<void> run(const JobsFlags& flags, const Locations& locations) {
  const std::filesystem::path data =
      flags.data.empty() ? locations.server_data : std::filesystem::path(flags.data);
  const auto stores = store::stores_in_folder(data);
  if (!stores->holds(jobs::kDatabase)) {
    return fail(ErrorKind::not_found,
                fmt::format("no server has kept jobs in '{}': name its folder with --data", data.string()));
  }
  TRY(server::check_owner(data));
  const SystemClock clock;
  SystemRandom random;
  const auto store = TRY(jobs::JobStore::open(*stores, clock, random, {}));
  const std::vector<jobs::Job> all = TRY(store->list());
  if (flags.json) {
    json::array array;
    for (const jobs::Job& job : all) array.push_back(to_json(job));
    fmt::print("{}\n", json::serialize(array));
    return {};
  }
  if (all.empty()) fmt::print("no jobs\n");
  for (const jobs::Job& job : all) print(job);
  return {};
}

}  // namespace

void add_jobs_command(CLI::App& app, Program& program) {
  auto flags = std::make_shared<JobsFlags>();
  CLI::App* command = app.add_subcommand("jobs", "List the jobs on stored videos and their progress");
  command->add_option("--data", flags->data, "the server's folder (~/.local/share/sightline/server)")
      ->type_name("DIR");
  command->add_flag("--json", flags->json, "as a JSON array, on standard output");
  command->footer(kJobsFooter);
  command->callback([flags, &program] {
    if (auto done = run(*flags, program.locations); !done) {
      print_error(done.error());
      program.exit_code = exit_code(done.error().kind);
    }
  });
}

}  // namespace sightline::cli
