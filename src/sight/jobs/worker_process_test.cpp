#include "sight/jobs/worker_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>

#include "base/descriptor.h"

namespace sightline::jobs {
namespace {

using namespace std::chrono_literals;

struct Ran {
  std::string said;
  std::string end;
};

/// What a shell script says on the records' descriptor.
Ran run(const std::string& script, std::vector<std::string> environment = {}) {
  const Descriptor clip(::open("/etc/passwd", O_RDONLY | O_CLOEXEC));
  const Descriptor journal(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const auto launcher = launch_program({"/bin/sh", {"-c", script, "sh"}, std::move(environment)});
  auto worker = launcher->launch(clip.get(), journal.get(), {250ms, CloserLook::people});
  if (!worker) return {"", worker.error().message};
  Ran ran;
  char buffer[4096];
  for (ssize_t n = 0; (n = ::read((*worker)->records(), buffer, sizeof(buffer))) > 0;) {
    ran.said.append(buffer, static_cast<std::size_t>(n));
  }
  ran.end = (*worker)->end(5s);
  return ran;
}

TEST(WorkerProcess, GetsItsThreeDescriptorsAndNoOther) {
  const Descriptor secret(::open("/etc/passwd", O_RDONLY));  // inherited by who does not close it
  const Ran ran = run("for f in /proc/$$/fd/*; do readlink $f; done >&5; cat <&3 >&5; echo $2 $4 >&5");
  EXPECT_EQ(ran.end, "");
  std::size_t times = 0;
  for (std::size_t at = 0; (at = ran.said.find("/etc/passwd", at)) != std::string::npos; ++at) ++times;
  EXPECT_EQ(times, 1U) << ran.said;
  EXPECT_TRUE(ran.said.ends_with("250 people\n")) << ran.said;
}

TEST(WorkerProcess, GetsNoEnvironmentButItsOwn) {
  ::setenv("A_SECRET_OF_THE_SERVER", "x", 1);
  EXPECT_EQ(run("echo $A_SECRET_OF_THE_SERVER$MINE >&5", {"MINE=yes"}).said, "yes\n");
}

TEST(WorkerProcess, SaysHowItEnded) {
  EXPECT_EQ(run("exit 3").end, "ended with status 3");
  EXPECT_EQ(run("kill -SEGV $$").end, "was ended by signal 11");
  EXPECT_NE(launch_program({"/no/such/program", {}, {}})->launch(0, 0, {}).has_value(), true);
}

TEST(WorkerProcess, IsEndedWithoutPatience) {
  const auto launcher = launch_program({"/bin/sh", {"-c", "exec sleep 100", "sh"}, {}});
  auto worker = launcher->launch(0, 0, {});
  ASSERT_TRUE(worker);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ((*worker)->end({}), "was ended by signal 9");
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
}

}  // namespace
}  // namespace sightline::jobs
