#include "base/process/spawn.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/descriptor.h"

namespace sightline::process {
namespace {

constexpr int kStandardDescriptors = 3;

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

std::unexpected<Error> cannot_start(const SpawnOptions& options, int code) {
  return fail(ErrorKind::unavailable,
              fmt::format("'{}' cannot be started: {}", options.program.string(), std::strerror(code)));
}

/// By their numbers in the program.
Result<std::vector<PassedDescriptor>> in_order(std::vector<PassedDescriptor> descriptors) {
  std::ranges::sort(descriptors, {}, &PassedDescriptor::theirs);
  int last = -1;
  for (const PassedDescriptor& one : descriptors) {
    if (one.theirs <= last || one.theirs > kMaxPassedDescriptor) {
      return fail(ErrorKind::invalid_argument,
                  fmt::format("no descriptor can be passed as number {}", one.theirs));
    }
    last = one.theirs;
  }
  return descriptors;
}

}  // namespace

Result<ChildProcess> spawn(const SpawnOptions& options) {
  const std::vector<PassedDescriptor> passed = TRY(in_order(options.descriptors));
  const int last = passed.empty() ? -1 : passed.back().theirs;
  const int end = std::max(last + 1, kStandardDescriptors);
  SpawnSettings settings;
  // First every number that is not passed, then those that are: no gap is left, and what is opened for one
  // gap is no other's number.
  auto next = passed.begin();
  for (int number = 0; number < end; ++number) {
    if (next != passed.end() && next->theirs == number) {
      ++next;
    } else if (number < kStandardDescriptors) {
      ::posix_spawn_file_actions_addopen(&settings.actions, number, "/dev/null",
                                         number == 0 ? O_RDONLY : O_WRONLY, 0);
    } else {
      ::posix_spawn_file_actions_addclose(&settings.actions, number);
    }
  }
  // Copies beyond the numbers that they are to have: none is overwritten before it has been copied.
  std::vector<Descriptor> copies;
  for (const PassedDescriptor& one : passed) {
    copies.emplace_back(::fcntl(one.ours, F_DUPFD_CLOEXEC, kMaxPassedDescriptor + 1));
    if (copies.back().get() < 0) return cannot_start(options, errno);
    ::posix_spawn_file_actions_adddup2(&settings.actions, copies.back().get(), one.theirs);
  }
  ::posix_spawn_file_actions_addclosefrom_np(&settings.actions, end);

  std::vector<std::string> words{options.program.string()};
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  std::vector<std::string> environment = options.environment;
  pid_t pid = -1;
  const int code = ::posix_spawn(&pid, options.program.c_str(), &settings.actions, &settings.attributes,
                                 pointers(words).data(), pointers(environment).data());
  if (code != 0) return cannot_start(options, code);
  return ChildProcess(pid);
}

}  // namespace sightline::process
