#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>

#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "app/cli/vision.h"
#include "app/server/server_program.h"
#include "base/file.h"

namespace sightline::cli {
namespace {

constexpr const char* kServeFooter = R"(Examples:
  sightline serve                                 only for this machine; any key will do
  aws --endpoint-url http://127.0.0.1:4566 rekognition detect-faces --image-bytes fileb://group.jpg
  sightline serve --ephemeral --listen 0 --json   for a test suite: a free port, nothing kept
  sightline keys create                           a key that is verified and enforced
  sightline serve --listen 0.0.0.0:4566 --enforced --host eyes.example --tls-self-signed

Pages: /healthz, /metrics, /_localstack/health; with --ephemeral, POST /_sightline/reset empties everything.)";

/// What closes the listener for browsers, in place of an address.
constexpr const char* kNoListener = "none";

struct ServeFlags {
  server::ServeOptions options;
  std::string data;
  std::string listen = "127.0.0.1:4566";
  std::vector<std::string> public_listen;
  std::string public_url;
  std::vector<std::string> origins;
  std::string user;
  std::string log = "text";
  std::string permissions = "enforce";
  int grace = static_cast<int>(server::ServeOptions().grace.count());
  bool enforced = false;
  bool json = false;
};

/// This same program, with what tells it where the models are and nothing else of the environment.
Result<jobs::WorkerProgram> worker_program(const server::ServeOptions& options) {
  std::error_code error;
  jobs::WorkerProgram worker;
  worker.program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return std::unexpected(system_error("read", "/proc/self/exe", error.value()));
  worker.arguments = {kWorkerCommand, "--threads", std::to_string(options.threads)};
  const auto hand_on = [&worker](const char* name, const char* value) {
    if (value != nullptr) worker.environment.push_back(fmt::format("{}={}", name, value));
  };
  hand_on("HOME", options.user ? options.user->home.c_str() : std::getenv("HOME"));
  for (const char* name :
       {"XDG_DATA_HOME", "XDG_CACHE_HOME", "SIGHTLINE_MODELS", "SIGHTLINE_CACHE", "LD_LIBRARY_PATH"}) {
    hand_on(name, std::getenv(name));
  }
  return worker;
}

/// What is meant for browsers: a free port where the API takes one too, so that servers of tests do not meet.
Result<void> read_public_flags(const ServeFlags& flags, server::ServeOptions& options) {
  if (!flags.public_url.empty()) {
    options.public_url = TRY(server::parse_web_address("--public-url", flags.public_url));
  }
  if (flags.public_listen.empty()) {
    if (options.listen.port == 0) options.public_listen.front().port = 0;
    return {};
  }
  options.public_listen.clear();
  if (flags.public_listen == std::vector<std::string>{kNoListener}) return {};
  for (const std::string& text : flags.public_listen) {
    options.public_listen.push_back(TRY(server::parse_endpoint(text)));
  }
  return {};
}

Result<server::ServeOptions> options_of(const ServeFlags& flags, const Locations& locations,
                                        std::optional<server::User> user) {
  server::ServeOptions options = flags.options;
  options.user = std::move(user);
  options.data = flags.data.empty() ? locations.server_data : std::filesystem::path(flags.data);
  if (const char* folder = std::getenv("CREDENTIALS_DIRECTORY")) options.credentials = folder;
  if (options.data.empty() && !options.ephemeral) {
    return fail(ErrorKind::invalid_argument, "HOME is not set: say with --data where to keep things");
  }
  options.listen = TRY(server::parse_endpoint(flags.listen));
  TRY(read_public_flags(flags, options));
  for (const std::string& text : flags.origins) {
    options.origins.push_back(TRY(server::parse_web_address("--allow-origin", text)));
  }
  if (flags.log != "text" && flags.log != "json") {
    return fail(ErrorKind::invalid_argument,
                fmt::format("'{}' is no log format; text and json are", flags.log));
  }
  options.grace = std::chrono::seconds(flags.grace);
  options.log = flags.log == "json" ? server::LogFormat::json : server::LogFormat::text;
  options.compiled_models = locations.compiled_models;
  options.worker = [worker = TRY(worker_program(options))](const std::filesystem::path& compiled_models) {
    jobs::WorkerProgram own = worker;
    own.arguments.insert(own.arguments.end(), {"--compiled-models", compiled_models.string()});
    return own;
  };
  options.keys = flags.enforced ? server::KeyPolicy::enforced : server::KeyPolicy::local;
  options.permissions =
      flags.permissions == "audit" ? server::Permissions::audit : server::Permissions::enforce;
  return options;
}

/// Whoever started the server reads this, or a program does.
void announce(const ServeFlags& flags, const server::ServeOptions& options, const server::Started& started) {
  if (flags.json) {
    namespace json = boost::json;
    fmt::print("{}\n", json::serialize(json::object{{"mode", flags.enforced ? "enforced" : "local"},
                                                    {"endpoint", started.endpoint},
                                                    {"public", json::value_from(started.public_endpoints)},
                                                    {"public_url", started.public_url},
                                                    {"data", started.data},
                                                    {"account", options.account},
                                                    {"region", options.region}}));
  } else {
    if (flags.enforced) {
      fmt::print("enforced mode: only keys made here may call (sightline keys create)\n");
    } else {
      fmt::print(
          "local mode: unknown keys from this machine act as root of account {}; keys made here are "
          "verified\n",
          options.account);
    }
    if (options.permissions == server::Permissions::audit)
      fmt::print("audit mode: policies refuse nothing; what they would refuse is in the log\n");
    fmt::print("listening on {}\n", started.endpoint);
    for (const std::string& endpoint : started.public_endpoints)
      fmt::print("for browsers on {} (nothing is published yet)\n", endpoint);
    if (options.public_url) fmt::print("browsers find it at {}\n", started.public_url);
    fmt::print("data in {}{}\n", started.data, options.ephemeral ? ", gone at the end" : "");
  }
  std::fflush(stdout);
}

Result<void> run(const ServeFlags& flags, Program& program) {
  std::optional<server::User> user;
  if (!flags.user.empty()) user = TRY(server::find_user(flags.user));
  // Another user finds things in a home of their own: root's may be closed to them.
  const Locations locations = user ? app::find_locations(user->home) : program.locations;
  const server::ServeOptions options = TRY(options_of(flags, locations, std::move(user)));
  const inference::ModelStore models = TRY(open_model_store(locations));
  server::ServeHooks hooks;
  hooks.stop = program.stop;
  hooks.on_hangup = program.on_hangup;
  hooks.started = [&](const server::Started& started) { announce(flags, options, started); };
  if (TRY(server::serve(options, models, hooks)) == server::Ending::compiling) {
    std::fflush(nullptr);
    std::_Exit(program.exit_code);
  }
  return {};
}

}  // namespace

void add_serve_command(CLI::App& app, Program& program) {
  auto flags = std::make_shared<ServeFlags>();
  server::ServeOptions& options = flags->options;
  CLI::App* command = app.add_subcommand("serve", "Answer AWS's API on a port of this machine");
  command->add_option("--listen", flags->listen, "address and port (127.0.0.1:4566); port 0 takes a free one")
      ->type_name("ADDRESS:PORT");
  command
      ->add_option("--public-listen", flags->public_listen,
                   "where browsers find what is published, never the API (127.0.0.1:4568); none closes it; "
                   "repeatable")
      ->type_name("ADDRESS:PORT");
  command
      ->add_option("--public-url", flags->public_url,
                   "that address as it is reached from outside, through a proxy say; for links in mails and "
                   "answers")
      ->type_name("https://HOST");
  command
      ->add_option("--data", flags->data,
                   "the folder that holds everything (~/.local/share/sightline/server)")
      ->type_name("DIR");
  command
      ->add_option("--key-file", options.key_file,
                   "the keys that seal secrets (sightline-key in the data folder)")
      ->type_name("FILE");
  command->add_flag("--ephemeral", options.ephemeral, "keep nothing: temporary data, gone at the end");
  command->add_flag("--enforced", flags->enforced,
                    "only keys made here may call; needed wherever other machines can reach the port");
  command
      ->add_option("--permissions", flags->permissions,
                   "enforce (policies decide), or audit (they refuse nothing, and the log says what they "
                   "would)")
      ->check(CLI::IsMember({"enforce", "audit"}))
      ->type_name("enforce|audit");
  command
      ->add_option("--account", options.account, "account whose root user unknown keys act as (000000000000)")
      ->type_name("DIGITS");
  command->add_option("--region", options.region, "of requests that do not say (us-east-1)")
      ->type_name("NAME");
  command->add_option("--host", options.hosts, "a name by which clients may call; repeatable")
      ->type_name("NAME");
  command->add_option("--allow-origin", flags->origins, "a page that may call; repeatable")
      ->type_name("https://HOST");
  command
      ->add_option("--tls-certificate", options.certificate,
                   "encrypt with this certificate: PEM, the server's own first")
      ->type_name("FILE");
  command->add_option("--tls-key", options.key, "the certificate's key, PEM")->type_name("FILE");
  command->add_flag("--tls-self-signed", options.self_signed, "encrypt with a certificate made at the start");
  command
      ->add_option("--user", flags->user,
                   "drop privileges to this user when started as root; that user's home counts then")
      ->type_name("NAME");
  command->add_option("--threads", options.threads, "threads for the models (as many as cores)")
      ->check(CLI::Range(0, 256))
      ->type_name("N");
  command
      ->add_option("--grace", flags->grace,
                   "at the end, for the requests under way before they are cut off (25)")
      ->check(CLI::Range(0, 3600))
      ->type_name("SECONDS");
  command
      ->add_option("--sample-interval", options.sample_interval,
                   "between two samples of a stored video's results (200)")
      ->check(CLI::Range(1, 60'000))
      ->type_name("MS");
  command->add_option("--log", flags->log, "text (default) or json: one line a request, on standard error")
      ->type_name("FORMAT");
  command->add_flag("--json", flags->json, "write where the server listens to standard output, as JSON");
  command->footer(kServeFooter);
  command->callback([flags, &program] {
    if (auto done = run(*flags, program); !done) {
      print_error(done.error());
      program.exit_code = exit_code(done.error().kind);
    }
  });
}

}  // namespace sightline::cli
