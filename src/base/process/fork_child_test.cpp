#include "base/process/fork_child.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <vector>

#include "base/process/limits.h"
#include "base/process/parent_death.h"
#include "base/process/pipe.h"
#include "base/sanitizers.h"

namespace sightline::process {
namespace {

using namespace std::chrono_literals;

ExitStatus end_of(const std::function<int()>& body, std::vector<int> kept = {0, 1, 2}) {
  auto child = fork_child(kept, body);
  EXPECT_TRUE(child);
  return child ? child->wait_for(30s).value_or(ExitStatus{}) : ExitStatus{};
}

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

TEST(ForkChild, EndsWithWhatItsBodyReturns) {
  EXPECT_EQ(end_of([] { return 0; }).code, 0);
  EXPECT_EQ(end_of([] { return 42; }).code, 42);
  EXPECT_EQ(end_of([] { return ::raise(SIGKILL); }).signal, SIGKILL);
}

TEST(ForkChild, RunsNothingAfterItsBody) {
  auto pipe = make_pipe().value();
  static int told = -1;
  told = pipe.writing.get();
  std::atexit([] { (void)!::write(told, "x", 1); });
  EXPECT_TRUE(end_of([] { return 0; }, {told}).succeeded());
  told = -1;
  EXPECT_FALSE(is_readable(pipe.reading.get(), 0ms).value());
}

TEST(ForkChild, KeepsTheDescriptorsThatItIsToKeep) {
  const Descriptor a(::open("/dev/null", O_RDONLY));
  const Descriptor b(::open("/dev/null", O_RDONLY));
  const Descriptor c(::fcntl(a.get(), F_DUPFD, 300));
  const auto check = [&] {
    for (int fd = 0; fd < 400; ++fd) {
      if (is_open(fd) != (fd == c.get() || fd == a.get())) return 1;
    }
    return 0;
  };
  EXPECT_EQ(end_of(check, {c.get(), a.get()}).code, 0) << "in any order";
  EXPECT_EQ(end_of(check, {-1, a.get(), a.get(), c.get()}).code, 0) << "what is closed or twice is no matter";
  EXPECT_EQ(end_of([] { return is_open(0) || is_open(1) || is_open(2) ? 1 : 0; }, {}).code, 0);
  EXPECT_TRUE(is_open(b.get())) << "the parent keeps all";
}

TEST(ForkChild, AnExceptionEndsIt) {
  EXPECT_EQ(end_of(
                []() -> int {
                  ::signal(SIGABRT, SIG_DFL);  // a sanitizer's handler would exit
                  throw std::runtime_error("in the child");
                },
                {})
                .signal,
            SIGABRT);
}

TEST(ForkChild, DiesWithItsParent) {
  // The grandchild holds the pipe's end until it is killed with its parent.
  auto pipe = make_pipe().value();
  const std::array kept = {pipe.writing.get()};
  auto parent = fork_child(kept, [&] {
    auto grandchild = fork_child(kept, [] { return ::pause(); });
    (void)!::write(kept[0], "x", 1);
    return ::pause();
  });
  ASSERT_TRUE(parent);
  {
    const Descriptor closed = std::move(pipe.writing);
  }
  std::array<std::uint8_t, 8> buffer{};
  EXPECT_EQ(read_within(pipe.reading.get(), buffer, 30s).value(), 1U);
  EXPECT_FALSE(is_readable(pipe.reading.get(), 20ms).value());
  parent->kill();
  EXPECT_EQ(read_within(pipe.reading.get(), buffer, 30s).value(), 0U);
}

TEST(ForkChild, AParentThatIsGoneAlreadyIsNoticed) {
  EXPECT_EQ(end_of([] { return dies_with_parent(::getpid()) ? 1 : 0; }).code, 0) << "not its parent";
  EXPECT_EQ(end_of([] { return die_with_parent() ? 0 : 1; }).code, 0);
}

TEST(Limits, ProcessorTimeIsBounded) {
  const ExitStatus spun = end_of([] {
    Limits limits;
    limits.processor_time = 1s;
    limits.core_file = false;
    if (!set_limits(limits)) return 1;
    while (true) (void)::getpid();
  });
  EXPECT_EQ(spun.signal, SIGXCPU);
}

TEST(Limits, FilesCanBeForbidden) {
  EXPECT_EQ(end_of([] {
              ::signal(SIGXFSZ, SIG_IGN);
              Limits limits;
              limits.file_size = 0;
              std::string name = ::testing::TempDir() + "sightline-limits-XXXXXX";
              const Descriptor file(::mkstemp(name.data()));
              ::unlink(name.c_str());
              if (file.get() < 0 || !set_limits(limits)) return 1;
              return ::write(file.get(), "x", 1) < 0 && errno == EFBIG ? 0 : 2;
            }).code,
            0);
}

TEST(Limits, WhatIsNotSetStays) {
  EXPECT_EQ(end_of([] {
              if (!set_limits({})) return 1;
              std::vector<char> much(std::size_t{64} << 20U, 'x');
              return much.back() == 'x' ? 0 : 2;
            }).code,
            0);
}

// The address sanitizer reserves what the limit would deny.
#if !SIGHTLINE_SANITIZES_ADDRESS
TEST(Limits, MemoryIsBounded) {
  EXPECT_EQ(end_of([] {
              Limits limits;
              limits.memory = std::uint64_t{256} << 20U;
              if (!set_limits(limits)) return 1;
              try {
                const std::vector<char> much(std::size_t{512} << 20U);
                return 2;
              } catch (const std::bad_alloc&) {
                return 0;
              }
            }).code,
            0);
}
#endif

}  // namespace
}  // namespace sightline::process
