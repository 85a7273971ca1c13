#pragma once
// What is wrong with a command line that could not be understood, in words.

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace sightline::cli {

/// For a command line with a word that is no command, or an option that the command does not have: one line
/// that names it and, where one is near, what was probably meant. Nothing when something else is wrong with
/// it. `app` has parsed the command line.
[[nodiscard]] std::optional<std::string> unknown_word(const CLI::App& app);

}  // namespace sightline::cli
