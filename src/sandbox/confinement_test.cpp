#include "sandbox/confinement.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <functional>
#include <thread>
#include <vector>

#include "base/sanitizers.h"

namespace sightline::sandbox {
namespace {

/// What a confined child process finds: 0 where `attempt` says that all is as it should be.
int in_confinement(const std::function<bool()>& attempt, const Confinement& limits = {}) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (!confine(limits)) ::_exit(99);
    ::_exit(attempt() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

bool is_denied(long result) {
  return result < 0 && errno == EPERM;
}

TEST(Confinement, NothingCanBeOpened) {
  EXPECT_EQ(in_confinement([] {
              struct stat status{};
              return is_denied(::open("/etc/passwd", O_RDONLY)) && is_denied(::open("/dev/null", O_RDWR)) &&
                     is_denied(::open("new", O_WRONLY | O_CREAT, 0600)) && is_denied(::access("/", F_OK)) &&
                     is_denied(::stat("/etc/passwd", &status)) && is_denied(::unlink("new")) &&
                     is_denied(::chdir("/"));
            }),
            0);
}

TEST(Confinement, NoNetworkNoProgramNoOtherProcess) {
  const pid_t server = ::getpid();
  EXPECT_EQ(in_confinement([server] {
              char byte = 0;
              iovec here{&byte, 1};
              iovec there{&byte, 1};
              char* const none[] = {nullptr};
              return is_denied(::socket(AF_INET, SOCK_STREAM, 0)) &&
                     is_denied(::socket(AF_UNIX, SOCK_STREAM, 0)) &&
                     is_denied(::execve("/bin/true", none, none)) && is_denied(::fork()) &&
                     is_denied(::kill(server, 0)) &&
                     is_denied(::ptrace(PTRACE_ATTACH, server, nullptr, nullptr)) &&
                     is_denied(::process_vm_readv(server, &here, 1, &there, 1, 0)) &&
                     is_denied(::syscall(SYS_tgkill, server, server, 0)) &&
                     is_denied(::syscall(SYS_memfd_create, "x", 0)) && is_denied(::dup(0)) &&
                     is_denied(::setuid(0)) && is_denied(::syscall(SYS_io_uring_setup, 1, nullptr));
            }),
            0);
}

TEST(Confinement, ComputingGoesOn) {
  int pipe[2] = {};
  ASSERT_EQ(::pipe(pipe), 0);
  EXPECT_EQ(in_confinement([&] {
              std::vector<int> much(1'000'000, 1);
              std::thread other([&] { much[0] = 2; });
              other.join();
              void* code = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
              return much[0] == 2 && ::write(pipe[1], "x", 1) == 1 &&
                     ::mprotect(code, 4096, PROT_READ | PROT_EXEC) == 0;
            }),
            0);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

TEST(Confinement, ThreadsThatWereThereAreConfinedToo) {
  EXPECT_EQ(in_confinement([] { return true; }), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    std::atomic<bool> confined = false;
    std::atomic<bool> denied = false;
    std::thread early([&] {
      while (!confined) std::this_thread::yield();
      denied = is_denied(::open("/etc/passwd", O_RDONLY));
    });
    const bool done = confine({}).has_value();
    confined = true;
    early.join();
    ::_exit(done && denied ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(Confinement, RootIsLeftBehind) {
  const uid_t before = ::geteuid();
  EXPECT_EQ(in_confinement([before] { return ::geteuid() == (before == 0 ? 65534 : before); }), 0);
}

// The address sanitizer reserves what the limit would deny.
#if !SIGHTLINE_SANITIZES_ADDRESS
TEST(Confinement, MemoryHasABound) {
  EXPECT_EQ(in_confinement(
                [] {
                  constexpr std::size_t kMuch = std::size_t{512} << 20U;
                  return ::mmap(nullptr, kMuch, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                         MAP_FAILED;
                },
                {std::uint64_t{256} << 20U}),
            0);
}
#endif

}  // namespace
}  // namespace sightline::sandbox
