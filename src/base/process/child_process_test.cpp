#include "base/process/child_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "base/process/process_testing.h"

namespace sightline::process {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;
using test::shell;

bool has_no_child() {
  return ::waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD;
}

TEST(ChildProcess, SaysHowItEnded) {
  ChildProcess fine = shell("exit 0");
  EXPECT_TRUE(fine.wait_for(30s).value().succeeded());
  EXPECT_EQ(fine.wait_for(0s).value().failure(), "") << "the same once more";
  EXPECT_EQ(fine.pid(), 0);

  const ExitStatus failed = shell("exit 3").wait_for(30s).value();
  EXPECT_EQ(failed.code, 3);
  EXPECT_EQ(failed.signal, -1);
  EXPECT_FALSE(failed.succeeded());
  EXPECT_EQ(failed.failure(), "ended with status 3");
  EXPECT_EQ(shell("exit 255").wait_for(30s).value().code, 255);

  const ExitStatus crashed = shell("kill -SEGV $$").wait_for(30s).value();
  EXPECT_EQ(crashed.code, -1);
  EXPECT_EQ(crashed.signal, SIGSEGV);
  EXPECT_FALSE(crashed.succeeded());
  EXPECT_EQ(crashed.failure(), "was ended by signal 11");
  EXPECT_TRUE(has_no_child());
}

TEST(ChildProcess, IsNotWaitedForLongerThanAllowed) {
  ChildProcess slow = shell("exec sleep 100");
  const auto start = SteadyClock::now();
  EXPECT_FALSE(slow.wait_for(0s));
  EXPECT_FALSE(slow.wait_for(30ms));
  EXPECT_GE(SteadyClock::now() - start, 30ms);
  EXPECT_LT(SteadyClock::now() - start, 30s);
  EXPECT_EQ(slow.kill().signal, SIGKILL);
  EXPECT_EQ(slow.kill().signal, SIGKILL);
}

TEST(ChildProcess, EndsWhenAskedTo) {
  test::Script obeying("trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done");
  ASSERT_EQ(obeying.line(), "ready");
  EXPECT_EQ(obeying.child.terminate(30s).code, 7);
  EXPECT_EQ(shell("exec sleep 100").terminate(30s).signal, SIGTERM);
}

TEST(ChildProcess, OneThatIgnoresTheRequestIsKilled) {
  test::Script stubborn("trap '' TERM; echo ready; while :; do sleep 0.01; done");
  ASSERT_EQ(stubborn.line(), "ready");
  const auto start = SteadyClock::now();
  EXPECT_EQ(stubborn.child.terminate(50ms).signal, SIGKILL);
  EXPECT_GE(SteadyClock::now() - start, 50ms);
  EXPECT_TRUE(has_no_child());
}

TEST(ChildProcess, OneThatHasEndedIsToldAsItEnded) {
  test::Script over("exit 5");
  EXPECT_EQ(over.line(), "");  // its outputs are closed: it has ended, or is about to
  EXPECT_EQ(over.child.wait_for(30s).value().code, 5);
  EXPECT_EQ(over.child.terminate(30s).code, 5);
  EXPECT_EQ(over.child.kill().code, 5);
}

TEST(ChildProcess, IsEndedWithItsOwnerAndLeavesNoZombie) {
  {
    ChildProcess first = shell("exec sleep 100");
    const ChildProcess owner = std::move(first);
    EXPECT_EQ(first.pid(), 0);  // NOLINT(bugprone-use-after-move): it owns nothing
    EXPECT_GT(owner.pid(), 0);
    EXPECT_EQ(::kill(owner.pid(), 0), 0) << "what was moved from has not ended it";
  }
  EXPECT_TRUE(has_no_child());
}

TEST(ChildProcess, OneThatSomebodyElseHasWaitedForIsLost) {
  ChildProcess child = shell("exit 0");
  ASSERT_EQ(::waitpid(child.pid(), nullptr, 0), child.pid());
  const ExitStatus status = child.wait_for(30s).value();
  EXPECT_FALSE(status.succeeded());
  EXPECT_EQ(status.failure(), "ended in a way that nobody knows");
}

}  // namespace
}  // namespace sightline::process
