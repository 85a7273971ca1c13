#include "base/process/spawn.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/descriptor.h"
#include "base/process/process_testing.h"

namespace sightline::process {
namespace {

using namespace std::chrono_literals;
using test::Script;
using test::shell_options;

std::string output_of(SpawnOptions options) {
  Script script(std::move(options));
  std::string text = script.rest();
  EXPECT_EQ(script.child.wait_for(30s).value().failure(), "");
  return text;
}

std::string output_of(const std::string& script) {
  return output_of(shell_options(script));
}

/// Tells the open ones below 400, by means that open none.
constexpr const char* kListDescriptors =
    "i=0; while [ $i -lt 400 ]; do if [ -e /proc/$$/fd/$i ]; then echo -n \"$i \"; fi; i=$((i + 1)); done; ";

TEST(Spawn, HandsOnArgumentsAsTheyAre) {
  SpawnOptions options = shell_options("printf '[%s]' \"$@\"");
  options.arguments.insert(options.arguments.end(), {"", "two words", "$HOME", "ü\n"});
  EXPECT_EQ(output_of(options), "[][two words][$HOME][ü\n]");
}

TEST(Spawn, HandsOnNoVariableButThoseNamed) {
  ::setenv("A_SECRET_OF_THE_SERVER", "x", 1);
  SpawnOptions options;
  options.program = "/usr/bin/env";
  EXPECT_EQ(output_of(options), "");
  options.environment = {"MINE=yes=no", "EMPTY="};
  EXPECT_EQ(output_of(options), "MINE=yes=no\nEMPTY=\n");
  ::unsetenv("A_SECRET_OF_THE_SERVER");
}

TEST(Spawn, LeaksNoDescriptor) {
  const Descriptor inheritable(::open("/etc/passwd", O_RDONLY));
  const Descriptor high(::fcntl(inheritable.get(), F_DUPFD, 300));
  ASSERT_GE(high.get(), 300);
  EXPECT_EQ(output_of(kListDescriptors), "0 1 2 ");
}

TEST(Spawn, PassesDescriptorsUnderTheirNumbers) {
  const Descriptor file(::open("/etc/passwd", O_RDONLY | O_CLOEXEC));
  // Open here, and inherited by who does not close it: between the two that are passed.
  const Descriptor gap(::fcntl(file.get(), F_DUPFD, 10));
  ASSERT_LT(gap.get(), kMaxPassedDescriptor);
  const std::string below = std::to_string(gap.get() - 1);
  const std::string above = std::to_string(gap.get() + 1);
  SpawnOptions options = shell_options(std::string(kListDescriptors) + "readlink /proc/$$/fd/" + below +
                                       " /proc/$$/fd/" + above);
  options.descriptors = {{file.get(), gap.get() + 1}, {file.get(), gap.get() - 1}};
  EXPECT_EQ(output_of(options), "0 1 2 " + below + " " + above + " /etc/passwd\n/etc/passwd\n");
}

TEST(Spawn, NumbersThatOverlapAreNoMatter) {
  // Each is passed under the number that the other one has here.
  const Descriptor a(::open("/etc/passwd", O_RDONLY | O_CLOEXEC));
  const Descriptor b(::open("/etc/group", O_RDONLY | O_CLOEXEC));
  SpawnOptions options = shell_options("readlink /proc/$$/fd/" + std::to_string(a.get()) + " /proc/$$/fd/" +
                                       std::to_string(b.get()));
  options.descriptors = {{a.get(), b.get()}, {b.get(), a.get()}};
  EXPECT_EQ(output_of(options), "/etc/group\n/etc/passwd\n");
}

TEST(Spawn, StandardDescriptorsLeadNowhereUnlessPassed) {
  EXPECT_EQ(output_of("readlink /proc/$$/fd/0 /proc/$$/fd/2; cat"), "/dev/null\n/dev/null\n");
  const Descriptor file(::open("/etc/passwd", O_RDONLY | O_CLOEXEC));
  SpawnOptions options = shell_options("readlink /proc/$$/fd/0");
  options.descriptors = {{file.get(), 0}};
  EXPECT_EQ(output_of(options), "/etc/passwd\n");
}

TEST(Spawn, BigOutputComesWhole) {
  // More than a pipe holds: the child waits for its reader.
  Script script("head -c 3000000 /dev/zero | tr '\\0' x");
  const std::string all = script.rest();
  EXPECT_EQ(all.size(), 3'000'000U);
  EXPECT_EQ(all.find_first_not_of('x'), std::string::npos);
  EXPECT_TRUE(script.child.wait_for(30s).value().succeeded());
}

TEST(Spawn, WritingToAReaderThatIsGoneEndsTheChild) {
  auto pipe = make_pipe().value();
  SpawnOptions options = shell_options("exec yes");
  options.descriptors = {{pipe.writing.get(), 1}};
  // Ignored here, as in a server: the child has it at its default nevertheless.
  const auto before = ::signal(SIGPIPE, SIG_IGN);
  auto child = test::must_spawn(options);
  ::signal(SIGPIPE, before);
  {
    const Descriptor closed = std::move(pipe.reading);
  }
  EXPECT_EQ(child.wait_for(30s).value().signal, SIGPIPE);
}

TEST(Spawn, SignalsThatAreBlockedHereAreNotInTheChild) {
  sigset_t set;
  sigset_t before;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &set, &before);
  ChildProcess child = test::shell("exec sleep 100");
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_EQ(child.terminate(30s).signal, SIGTERM);
}

TEST(Spawn, ItHasAProcessGroupOfItsOwn) {
  const ChildProcess child = test::shell("exec sleep 100");
  EXPECT_EQ(::getpgid(child.pid()), child.pid());
}

TEST(Spawn, WhatCannotBeStartedIsAnError) {
  SpawnOptions options;
  options.program = "/no/such/program";
  EXPECT_EQ(spawn(options).error().kind, ErrorKind::unavailable);
  options.program = "sh";  // PATH is not searched
  EXPECT_EQ(spawn(options).error().kind, ErrorKind::unavailable);
  options = shell_options("exit 0");
  options.descriptors = {{1'000'000, 3}};
  EXPECT_EQ(spawn(options).error().kind, ErrorKind::unavailable) << "closed";
  for (const int theirs : {-1, kMaxPassedDescriptor + 1}) {
    options.descriptors = {{0, theirs}};
    EXPECT_EQ(spawn(options).error().kind, ErrorKind::invalid_argument) << theirs;
  }
  options.descriptors = {{0, 3}, {0, 3}};
  EXPECT_EQ(spawn(options).error().kind, ErrorKind::invalid_argument);
}

TEST(Spawn, NothingStaysOpenHere) {
  const auto lowest_free = [] {
    const Descriptor next(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const Descriptor above(::fcntl(next.get(), F_DUPFD_CLOEXEC, kMaxPassedDescriptor + 1));
    return std::pair(next.get(), above.get());
  };
  const auto before = lowest_free();
  EXPECT_EQ(output_of("echo x"), "x\n");
  SpawnOptions options;
  options.program = "/no/such/program";
  options.descriptors = {{0, 3}};
  EXPECT_FALSE(spawn(options));
  EXPECT_EQ(lowest_free(), before);
}

}  // namespace
}  // namespace sightline::process
