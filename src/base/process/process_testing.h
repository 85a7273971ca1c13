#pragma once
// For tests: shell scripts as child processes.

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/process/pipe.h"
#include "base/process/spawn.h"

namespace sightline::process::test {

inline SpawnOptions shell_options(std::string script) {
  SpawnOptions options;
  options.program = "/bin/sh";
  options.arguments = {"-c", std::move(script), "sh"};
  options.environment = {"PATH=/usr/bin:/bin"};
  return options;
}

inline ChildProcess must_spawn(const SpawnOptions& options) {
  auto child = spawn(options);
  if (!child) throw std::runtime_error(child.error().message);
  return std::move(*child);
}

inline ChildProcess shell(std::string script) {
  return must_spawn(shell_options(std::move(script)));
}

/// A script whose standard output is read here.
class Script {
 public:
  explicit Script(std::string script) : Script(shell_options(std::move(script)), make_pipe().value()) {}
  explicit Script(SpawnOptions options) : Script(std::move(options), make_pipe().value()) {}

  /// Up to the end of the line, or of all.
  std::string line() {
    std::string text;
    std::array<std::uint8_t, 1> byte{};
    while (read(byte) == 1 && byte[0] != '\n') text.push_back(static_cast<char>(byte[0]));
    return text;
  }
  /// All that follows.
  std::string rest() {
    std::string text;
    std::array<std::uint8_t, 4096> some{};
    while (const std::size_t count = read(some))
      text.append(reinterpret_cast<const char*>(some.data()), count);
    return text;
  }

 private:
  Script(SpawnOptions options, Pipe pipe)
      : child(must_spawn(with_output(std::move(options), pipe.writing.get()))),
        output_(std::move(pipe.reading)) {}
  static SpawnOptions with_output(SpawnOptions options, int fd) {
    options.descriptors.push_back({fd, 1});
    return options;
  }
  std::size_t read(std::span<std::uint8_t> buffer) {
    const auto count = read_within(output_.get(), buffer, std::chrono::seconds(30));
    EXPECT_TRUE(count && *count) << "nothing came";
    return count && *count ? **count : 0;
  }

 public:
  ChildProcess child;

 private:
  Descriptor output_;
};

}  // namespace sightline::process::test
