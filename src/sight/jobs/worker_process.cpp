#include "sight/jobs/worker_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

#include "base/descriptor.h"

namespace sightline::jobs {
namespace {

constexpr int kAboveTheFixed = 16;
constexpr std::chrono::milliseconds kLookEvery{5};

class ChildWorker final : public Worker {
 public:
  ChildWorker(pid_t pid, int records) : pid_(pid), records_(records) {}
  ~ChildWorker() override { end({}); }

  int records() const override { return records_.get(); }

  std::string end(std::chrono::milliseconds patience) override {
    if (pid_ <= 0) return {};
    const auto until = std::chrono::steady_clock::now() + patience;
    int status = 0;
    pid_t ended = ::waitpid(pid_, &status, WNOHANG);
    while (ended == 0 && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(kLookEvery);
      ended = ::waitpid(pid_, &status, WNOHANG);
    }
    if (ended == 0) {
      ::kill(pid_, SIGKILL);
      while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
      }
    }
    pid_ = -1;
    if (WIFSIGNALED(status)) return fmt::format("was ended by signal {}", WTERMSIG(status));
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return code == 0 ? std::string() : fmt::format("ended with status {}", code);
  }

 private:
  pid_t pid_;
  Descriptor records_;
};

class SpawnSettings {
 public:
  SpawnSettings() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    ::sigemptyset(&none);
    sigset_t all;
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    // A group of its own: Ctrl-C is the server's business.
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes,
                               POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::unexpected<Error> cannot_start(int code) {
  return fail(ErrorKind::unavailable, fmt::format("a worker cannot be started: {}", std::strerror(code)));
}

class ProgramLauncher final : public WorkerLauncher {
 public:
  explicit ProgramLauncher(WorkerProgram program) : program_(std::move(program)) {}

  Result<std::unique_ptr<Worker>> launch(int clip, int journal, const WorkerTask& task) override {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return cannot_start(errno);
    Descriptor reading(pipe[0]);
    const Descriptor writing(pipe[1]);
    // Copies beyond the numbers that they are to have: none is overwritten before it has been copied.
    const Descriptor given[] = {copy_of(clip), copy_of(journal), copy_of(writing.get())};
    SpawnSettings settings;
    for (int i = 0; i < 3; ++i) {
      ::posix_spawn_file_actions_addopen(&settings.actions, i, "/dev/null", i == 0 ? O_RDONLY : O_WRONLY, 0);
    }
    int target = kClipDescriptor;
    for (const Descriptor& one : given) {
      if (one.get() < 0) return cannot_start(EMFILE);
      ::posix_spawn_file_actions_adddup2(&settings.actions, one.get(), target++);
    }
    ::posix_spawn_file_actions_addclosefrom_np(&settings.actions, target);

    std::vector<std::string> words{program_.program.string()};
    words.insert(words.end(), program_.arguments.begin(), program_.arguments.end());
    words.insert(words.end(), {"--interval", std::to_string(task.interval.count()), "--look",
                               std::string(look_name(task.look))});
    std::vector<std::string> environment = program_.environment;
    pid_t pid = -1;
    const int code = ::posix_spawn(&pid, program_.program.c_str(), &settings.actions, &settings.attributes,
                                   pointers(words).data(), pointers(environment).data());
    if (code != 0) return cannot_start(code);
    return adopt_worker(pid, reading.release());
  }

 private:
  static Descriptor copy_of(int fd) { return Descriptor(::fcntl(fd, F_DUPFD_CLOEXEC, kAboveTheFixed)); }
  const WorkerProgram program_;
};

}  // namespace

std::unique_ptr<WorkerLauncher> launch_program(WorkerProgram program) {
  return std::make_unique<ProgramLauncher>(std::move(program));
}

std::unique_ptr<Worker> adopt_worker(int pid, int records) {
  return std::make_unique<ChildWorker>(pid, records);
}

}  // namespace sightline::jobs
