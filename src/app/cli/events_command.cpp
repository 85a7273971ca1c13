#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <span>

#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "app/cli/server_client.h"
#include "base/utf8.h"
#include "base/words.h"

namespace sightline::cli {
namespace {

namespace json = boost::json;

constexpr const char* kEventsFooter = R"(Examples:
  sightline events list               what could not be delivered, and why
  sightline events retry buckets/17   deliver it again, with all its attempts
  sightline events retry --all        all of them, once their queues are there again)";
/// Those of one request: as many as the server takes.
constexpr std::size_t kIdsAtOnce = 1000;

struct EventsFlags {
  ClientFlags client;
  std::vector<std::string> ids;
  bool all = false;
  bool json = false;
};

Result<std::vector<json::object>> dead_letters(const ServerClient& server) {
  return object_members(TRY(server.call("ListDeadLetters")), "DeadLetters");
}

json::object letter_json(const json::object& letter) {
  return {{"id", text_member(letter, "Id")},
          {"account", text_member(letter, "Account")},
          {"region", text_member(letter, "Region")},
          {"target", text_member(letter, "Target")},
          {"event", text_member(letter, "Event")},
          {"created", time_text(time_member(letter, "Created"))},
          {"given_up", time_text(time_member(letter, "GivenUp"))},
          {"attempts", static_cast<std::int64_t>(number_member(letter, "Attempts"))},
          {"error", text_member(letter, "Error")}};
}

void print_letter(const json::object& letter) {
  const auto attempts = static_cast<std::int64_t>(number_member(letter, "Attempts"));
  fmt::print("{}\n",
             printable(fmt::format("{}  to {}", text_member(letter, "Id"), text_member(letter, "Target"))));
  fmt::print("  happened  {}\n", time_text(time_member(letter, "Created")));
  fmt::print("  given up  {}, after {}\n", time_text(time_member(letter, "GivenUp")),
             counted(attempts, "attempt"));
  fmt::print("  error     {}\n", printable(text_member(letter, "Error")));
}

Result<void> list_events(const EventsFlags& flags) {
  const auto letters = TRY(dead_letters(TRY(ServerClient::open(flags.client))));
  if (flags.json) {
    json::array array;
    for (const json::object& letter : letters) array.push_back(letter_json(letter));
    fmt::print("{}\n", json::serialize(array));
    return {};
  }
  if (letters.empty()) fmt::print("no dead letters\n");
  for (const json::object& letter : letters) print_letter(letter);
  return {};
}

Result<std::vector<std::string>> ids_of_all(const ServerClient& server) {
  std::vector<std::string> ids;
  for (const json::object& letter : TRY(dead_letters(server))) ids.push_back(text_member(letter, "Id"));
  return ids;
}

Result<void> retry_events(const EventsFlags& flags) {
  if (flags.all != flags.ids.empty())
    return fail(ErrorKind::invalid_argument,
                "name either dead letters, as `sightline events list` shows them, or all with --all");
  const auto server = TRY(ServerClient::open(flags.client));
  const auto ids = flags.all ? TRY(ids_of_all(server)) : flags.ids;
  std::int64_t revived = 0;
  for (std::size_t first = 0; first < ids.size(); first += kIdsAtOnce) {
    json::array some;
    for (const std::string& id : std::span(ids).subspan(first, std::min(kIdsAtOnce, ids.size() - first)))
      some.emplace_back(id);
    const auto answer = TRY(server.call("ReviveDeadLetters", {{"Ids", std::move(some)}}));
    revived += static_cast<std::int64_t>(number_member(answer, "Revived"));
  }
  if (flags.json) {
    fmt::print("{}\n", json::serialize(json::object{{"revived", revived}}));
  } else {
    fmt::print("to be delivered again: {}\n", counted(revived, "event"));
  }
  const auto missing = static_cast<std::int64_t>(ids.size()) - revived;
  if (flags.all || missing <= 0) return {};
  return fail(ErrorKind::not_found, fmt::format("{} of them {} there: `sightline events list` shows what is",
                                                missing, missing == 1 ? "is not" : "are not"));
}

CLI::App* add_events_action(CLI::App& events, const char* name, const char* what,
                            const std::shared_ptr<EventsFlags>& flags, Program& program,
                            Result<void> (*action)(const EventsFlags&)) {
  CLI::App* command = events.add_subcommand(name, what);
  add_client_flags(*command, flags->client);
  command->add_flag("--json", flags->json, "write JSON to standard output");
  command->callback([flags, &program, action] {
    if (auto done = action(*flags); !done) {
      print_error(done.error());
      program.exit_code = exit_code(done.error().kind);
    }
  });
  return command;
}

}  // namespace

void add_events_command(CLI::App& app, Program& program) {
  auto flags = std::make_shared<EventsFlags>();
  CLI::App* events =
      app.add_subcommand("events", "List what a server could not deliver, and have it delivered again");
  events->require_subcommand(1);
  events->footer(kEventsFooter);
  add_events_action(*events, "list", "List the dead letters of the account", flags, program, list_events);
  CLI::App* retry =
      add_events_action(*events, "retry", "Have dead letters delivered again, with all their attempts", flags,
                        program, retry_events);
  retry->add_option("id", flags->ids, "which ones, as they are listed")->type_name("ID");
  retry->add_flag("--all", flags->all, "all of the account");
}

}  // namespace sightline::cli
