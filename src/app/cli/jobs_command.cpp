#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "app/cli/server_client.h"
#include "app/server/data_folder.h"
#include "base/random.h"
#include "base/utf8.h"
#include "base/words.h"
#include "sight/jobs/jobs.h"
#include "sight/jobs/names.h"
#include "store/stores.h"

namespace sightline::cli {
namespace {

namespace json = boost::json;

constexpr const char* kJobsFooter = R"(Examples:
  sightline jobs                      what the server of this machine works on, and what it has done
  sightline jobs --json --endpoint https://eyes.example    for a program; of another server
  sightline jobs --data DIR           out of a server's folder, whether one runs on it or not)";

struct JobsFlags {
  ClientFlags client;
  std::string data;
  bool json = false;
};

/// A job as it is listed, wherever it comes from.
struct ListedJob {
  std::string id;
  std::string account;
  std::string region;
  std::string kind;
  std::string status;
  std::string message;
  std::string bucket;
  std::string key;
  std::string tag;
  Instant created;
  std::optional<Instant> ended;
  jobs::Progress progress;
};

std::string progress_text(const jobs::Progress& progress) {
  if (progress.total <= 0) return counted(progress.done, "frame");
  return fmt::format("{} of {} ({}%)", progress.done, counted(progress.total, "frame"),
                     100 * progress.done / progress.total);
}

json::object to_json(const ListedJob& job) {
  json::object object{{"id", job.id},
                      {"account", job.account},
                      {"region", job.region},
                      {"kind", job.kind},
                      {"status", job.status},
                      {"message", job.message},
                      {"bucket", job.bucket},
                      {"key", job.key},
                      {"tag", job.tag},
                      {"created", time_text(job.created)},
                      {"framesDone", job.progress.done},
                      {"framesTotal", job.progress.total}};
  if (job.ended) object["ended"] = time_text(*job.ended);
  return object;
}

void print(const ListedJob& job) {
  fmt::print("{}\n", printable(fmt::format("{}  {}  {}", job.id, job.kind, job.status)));
  fmt::print("  clip      {}\n", printable(fmt::format("{}/{}", job.bucket, job.key)));
  fmt::print("  started   {}\n  progress  {}\n", time_text(job.created), progress_text(job.progress));
  if (job.ended) fmt::print("  ended     {}\n", time_text(*job.ended));
  if (!job.message.empty()) fmt::print("  message   {}\n", printable(job.message));
}

Result<std::vector<ListedJob>> jobs_in_folder(const std::filesystem::path& data) {
  const auto stores = store::stores_in_folder(data);
  if (!stores->holds(jobs::kDatabase)) {
    return fail(ErrorKind::not_found,
                fmt::format("no server has kept jobs in '{}': name its folder with --data", data.string()));
  }
  TRY(server::check_owner(data));
  const SystemClock clock;
  SystemRandom random;
  const auto store = TRY(jobs::JobStore::open(*stores, clock, random, {}));
  std::vector<ListedJob> listed;
  for (const jobs::Job& job : TRY(store->list())) {
    listed.push_back({job.id, job.account, job.region, std::string(jobs::kind_name(job.kind)),
                      std::string(jobs::status_name(job.status)), job.message, job.clip.bucket, job.clip.key,
                      job.tag, job.created, job.ended, job.progress});
  }
  return listed;
}

/// A server's answer; what it leaves out is empty.
ListedJob listed_job(const json::object& answer) {
  const auto text = [&](const char* name) { return text_member(answer, name); };
  const auto number = [&](const char* name) {
    return static_cast<std::int64_t>(number_member(answer, name));
  };
  ListedJob job{text("Id"),     text("Account"),
                text("Region"), text("Kind"),
                text("Status"), text("Message"),
                text("Bucket"), text("Key"),
                text("Tag"),    time_member(answer, "Created"),
                std::nullopt,   {number("FramesDone"), number("FramesTotal")}};
  if (answer.contains("Ended")) job.ended = time_member(answer, "Ended");
  return job;
}

Result<std::vector<ListedJob>> jobs_of_server(const ClientFlags& flags) {
  const json::object answer = TRY(TRY(ServerClient::open(flags)).call("ListJobs"));
  std::vector<ListedJob> listed;
  for (const json::object& job : object_members(answer, "Jobs")) listed.push_back(listed_job(job));
  return listed;
}

Result<void> run(const JobsFlags& flags) {
  TRY(check_source(flags.client, flags.data));
  const auto all = TRY(flags.data.empty() ? jobs_of_server(flags.client) : jobs_in_folder(flags.data));
  if (flags.json) {
    json::array array;
    for (const ListedJob& job : all) array.push_back(to_json(job));
    fmt::print("{}\n", json::serialize(array));
    return {};
  }
  if (all.empty()) fmt::print("no jobs\n");
  for (const ListedJob& job : all) print(job);
  return {};
}

}  // namespace

void add_jobs_command(CLI::App& app, Program& program) {
  auto flags = std::make_shared<JobsFlags>();
  CLI::App* command = app.add_subcommand("jobs", "List the jobs on stored videos and their progress");
  add_client_flags(*command, flags->client);
  command
      ->add_option("--data", flags->data,
                   "read the folder of a server instead, whether one runs on it or not")
      ->type_name("DIR");
  command->add_flag("--json", flags->json, "as a JSON array, on standard output");
  command->footer(kJobsFooter);
  command->callback([flags, &program] {
    if (auto done = run(*flags); !done) {
      print_error(done.error());
      program.exit_code = exit_code(done.error().kind);
    }
  });
}

}  // namespace sightline::cli
