#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "app/cli/server_client.h"
#include "app/server/assembly/data_use.h"
#include "app/server/data_folder.h"
#include "base/utf8.h"

namespace sightline::cli {
namespace {

namespace json = boost::json;
using aws::admin::DataUse;

constexpr const char* kDataFooter = R"(Examples:
  sightline data                      how much the server of this machine keeps, and what bounds it
  sightline data --json --data DIR    for a program; out of a folder, whether a server runs on it or not)";

struct DataFlags {
  ClientFlags client;
  std::string data;
  bool json = false;
};

/// "1.4 GiB"
std::string size_text(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(kUnits); ++unit) value /= 1024;
  return fmt::format("{:.{}f} {}", value, unit == 0 ? 0 : 1, kUnits[unit]);
}

Result<DataUse> use_of_folder(const std::filesystem::path& folder) {
  TRY(server::check_owner(folder));
  return server::measure_data(folder, SystemClock().now(), server::MeasureHow::whole);
}

/// What the server leaves out is empty.
Result<DataUse> use_of_server(const ClientFlags& flags) {
  const json::object answer = TRY(TRY(ServerClient::open(flags)).call("DescribeData"));
  const auto bytes = [](const json::object& object, const char* name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_int64() ? static_cast<std::uint64_t>(value->get_int64()) : 0U;
  };
  DataUse use{text_member(answer, "Folder"), bytes(answer, "FreeBytes"), {}, {}};
  for (const json::object& data : object_members(answer, "Modules")) {
    use.modules.push_back({text_member(data, "Name"), text_member(data, "Holds"), bytes(data, "Bytes"),
                           bytes(data, "LimitBytes"), text_member(data, "LimitedBy")});
  }
  return use;
}

Result<void> run_data(const DataFlags& flags) {
  TRY(check_source(flags.client, flags.data));
  const DataUse use = TRY(flags.data.empty() ? use_of_server(flags.client) : use_of_folder(flags.data));
  if (flags.json) {
    json::array modules;
    for (const aws::admin::ModuleData& data : use.modules) {
      modules.push_back(json::object{{"name", data.name},
                                     {"holds", data.holds},
                                     {"bytes", data.bytes},
                                     {"limit_bytes", data.limit},
                                     {"limited_by", data.limited_by}});
    }
    fmt::print("{}\n",
               json::serialize(json::object{
                   {"folder", use.folder}, {"free_bytes", use.free}, {"modules", std::move(modules)}}));
    return {};
  }
  fmt::print("{}: {} free\n", printable(use.folder), size_text(use.free));
  for (const aws::admin::ModuleData& data : use.modules) {
    fmt::print("{:<12} {:>10}  {}\n{:<12} {:>10}  bounded by {}\n", printable(data.name),
               size_text(data.bytes), printable(data.holds), "", "", printable(data.limited_by));
  }
  return {};
}

}  // namespace

void add_data_command(CLI::App& app, Program& program) {
  auto flags = std::make_shared<DataFlags>();
  CLI::App* command =
      app.add_subcommand("data", "Show how much each part of a server keeps, and what bounds it");
  add_client_flags(*command, flags->client);
  command
      ->add_option("--data", flags->data,
                   "read the folder of a server instead, whether one runs on it or not")
      ->type_name("DIR");
  command->add_flag("--json", flags->json, "as a JSON object, on standard output");
  command->footer(kDataFooter);
  command->callback([flags, &program] {
    if (auto done = run_data(*flags); !done) {
      print_error(done.error());
      program.exit_code = exit_code(done.error().kind);
    }
  });
}

}  // namespace sightline::cli
