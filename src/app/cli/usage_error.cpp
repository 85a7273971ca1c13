#include "app/cli/usage_error.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <vector>

#include "app/cli/nearest_word.h"

namespace sightline::cli {
namespace {

/// The command that was named last: `sightline keys` of `sightline keys --jsn`.
const CLI::App& chosen_command(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().back();
  return *at;
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    if (!command->get_group().empty()) names.push_back(command->get_name());  // a hidden one has no group
  }
  return names;
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string full_name(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name() : full_name(*app.get_parent()) + " " + app.get_name();
}

}  // namespace

std::optional<std::string> unknown_word(const CLI::App& app) {
  const std::vector<std::string> left = app.remaining(true);
  if (left.empty()) return std::nullopt;
  const CLI::App& command = chosen_command(app);
  const std::string& word = left.front();
  const bool option = word.starts_with('-');
  if (!option && commands_of(command).empty()) {
    return fmt::format("'{}' is one word too many; `{} --help` shows what it takes", word,
                       full_name(command));
  }
  const std::string typed = option ? word.substr(0, word.find('=')) : word;
  const auto meant = nearest_word(typed, option ? options_of(command) : commands_of(command));
  return fmt::format("'{}' is no {}{}; `{} --help` lists them", typed,
                     option ? fmt::format("option of `{}`", full_name(command)) : "command",
                     meant ? fmt::format(": did you mean '{}'?", *meant) : "", full_name(command));
}

}  // namespace sightline::cli
