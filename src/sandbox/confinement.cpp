#include "sandbox/confinement.h"

#include <fmt/format.h>
#include <grp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "base/process/limits.h"
#include "base/process/parent_death.h"

namespace sightline::sandbox {
namespace {

struct FilterDeleter {
  void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, FilterDeleter>;

constexpr uid_t kNobody = 65534;

// Grouped by what they are for. None takes a path.
constexpr int kAllowed[] = {
    // open descriptors
    SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(readv), SCMP_SYS(preadv), SCMP_SYS(write), SCMP_SYS(writev),
    SCMP_SYS(lseek), SCMP_SYS(close), SCMP_SYS(fadvise64), SCMP_SYS(poll), SCMP_SYS(ppoll),
    // memory; the compiled kernels of a model are executable
    SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mprotect), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk),
    SCMP_SYS(mincore), SCMP_SYS(get_mempolicy), SCMP_SYS(membarrier),
    // threads
    SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_setaffinity), SCMP_SYS(sched_getparam),
    SCMP_SYS(sched_getscheduler), SCMP_SYS(getcpu), SCMP_SYS(gettid), SCMP_SYS(getpid), SCMP_SYS(getuid),
    SCMP_SYS(geteuid), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(arch_prctl), SCMP_SYS(set_tid_address),
    // signals to itself come by faults; those to others need kill, which is not here
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall), SCMP_SYS(rt_sigtimedwait),
    // time and chance
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom), SCMP_SYS(getrusage), SCMP_SYS(sysinfo),
    SCMP_SYS(times), SCMP_SYS(uname)};

std::unexpected<Error> no_filter(int code) {
  return fail(ErrorKind::unavailable,
              fmt::format("a process cannot be confined: the kernel takes no seccomp filter ({})",
                          std::strerror(code < 0 ? -code : code)));
}

Result<void> leave_root() {
  if (::geteuid() != 0) return {};
  if (::setgroups(0, nullptr) != 0 || ::setgid(kNobody) != 0 || ::setuid(kNobody) != 0) {
    return fail(ErrorKind::permission_denied,
                fmt::format("a process cannot leave root: {}", std::strerror(errno)));
  }
  // What the change of user has taken back.
  return process::die_with_parent();
}

/// A condition on a call's argument; the macros of libseccomp for it are C.
scmp_arg_cmp argument(unsigned index, scmp_compare compare, scmp_datum_t a, scmp_datum_t b = 0) {
  return {index, compare, a, b};
}

Result<Filter> make_filter() {
  Filter filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
  if (!filter) return no_filter(ENOMEM);
  int code = seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1);
  for (const int call : kAllowed) {
    if (code < 0) break;
    code = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0);
  }
  // Threads, but no processes. The newer call hides its flags in memory: without it the older one is used.
  if (code >= 0) {
    code = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                            argument(0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
  }
  if (code >= 0) code = seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
  if (code >= 0) {
    code = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
                            argument(0, SCMP_CMP_EQ, PR_SET_NAME));
  }
  // Limits may be asked for, not set.
  if (code >= 0) {
    code = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2, argument(0, SCMP_CMP_EQ, 0),
                            argument(2, SCMP_CMP_EQ, 0));
  }
  // abort() signals its own process, and nobody else's.
  if (code >= 0) {
    code = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                            argument(0, SCMP_CMP_EQ, static_cast<scmp_datum_t>(::getpid())));
  }
  if (code < 0) return no_filter(code);
  return filter;
}

}  // namespace

Result<void> confine(const Confinement& confinement) {
  TRY(leave_root());
  process::Limits limits;
  limits.core_file = false;
  limits.file_size = 0;
  limits.memory = confinement.max_memory;
  if (confinement.max_processor_time.count() > 0) limits.processor_time = confinement.max_processor_time;
  TRY(process::set_limits(limits));
  const Filter filter = TRY(make_filter());
  if (const int code = seccomp_load(filter.get()); code < 0) return no_filter(code);
  return {};
}

}  // namespace sightline::sandbox
