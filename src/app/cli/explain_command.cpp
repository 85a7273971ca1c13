#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "app/cli/server_client.h"
#include "base/utf8.h"

namespace sightline::cli {
namespace {

namespace json = boost::json;

constexpr const char* kExplainFooter = R"(Examples:
  sightline explain s3:GetObject arn:aws:s3:::photos/cat.jpg --as alice
  sightline explain s3:ListBucket arn:aws:s3:::photos --as alice --with s3:prefix=home/
  sightline explain sqs:SendMessage arn:aws:sqs:us-east-1:000000000000:jobs --as arn:aws:iam::000000000000:role/worker

It says whether a server's policies allow that, how each statement bears on it, and the statement that is missing.)";

struct ExplainFlags {
  ClientFlags client;
  std::string action;
  std::string resource = "*";
  std::string principal;
  std::vector<std::string> conditions;
  bool json = false;
};

Result<json::object> request_of(const ExplainFlags& flags) {
  json::object request{{"Action", flags.action}, {"Resource", flags.resource}};
  if (!flags.principal.empty()) request["Principal"] = flags.principal;
  json::array conditions;
  for (const std::string& condition : flags.conditions) {
    const auto equals = condition.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(ErrorKind::invalid_argument,
                  fmt::format("'{}' is no condition key with its value: s3:prefix=home/, say", condition));
    conditions.push_back(
        json::object{{"Key", condition.substr(0, equals)}, {"Value", condition.substr(equals + 1)}});
  }
  if (!conditions.empty()) request["Conditions"] = std::move(conditions);
  return request;
}

void print(const json::object& answer) {
  const std::string message = text_member(answer, "Message");
  fmt::print("{}\n", message.empty() ? "allowed" : "denied: " + printable(message));
  if (const json::value* statements = answer.if_contains("Statements"); statements && statements->is_array())
    for (const json::value& statement : statements->get_array())
      if (statement.is_string()) fmt::print("  {}\n", printable(std::string_view(statement.get_string())));
  const std::vector<json::object> missing = object_members(answer, "Missing");
  if (!missing.empty()) fmt::print("missing:\n");
  for (const json::object& one : missing)
    fmt::print("  {} policy: {}\n", printable(text_member(one, "PolicyType")),
               printable(text_member(one, "Statement")));
}

Result<void> run(const ExplainFlags& flags) {
  const json::object request = TRY(request_of(flags));
  const json::object answer = TRY(TRY(ServerClient::open(flags.client)).call("ExplainAccess", request));
  if (flags.json) {
    fmt::print("{}\n", json::serialize(answer));
  } else {
    print(answer);
  }
  return {};
}

}  // namespace

void add_explain_command(CLI::App& app, Program& program) {
  auto flags = std::make_shared<ExplainFlags>();
  CLI::App* command =
      app.add_subcommand("explain", "Say why a server's policies allow something, or what is missing");
  command->add_option("action", flags->action, "s3:GetObject, say")->required()->type_name("ACTION");
  command->add_option("resource", flags->resource, "its ARN (*)")->type_name("ARN");
  command
      ->add_option("--as", flags->principal,
                   "who wants it: a user's name, or the ARN of a user, role or session (whose keys are used)")
      ->type_name("NAME|ARN");
  command
      ->add_option("--with", flags->conditions,
                   "a condition key that the request would have; may be given again")
      ->type_name("KEY=VALUE")
      ->take_all();
  add_client_flags(*command, flags->client);
  command->add_flag("--json", flags->json, "as JSON, on standard output");
  command->footer(kExplainFooter);
  command->callback([flags, &program] {
    if (auto done = run(*flags); !done) {
      print_error(done.error());
      program.exit_code = exit_code(done.error().kind);
    }
  });
}

}  // namespace sightline::cli
