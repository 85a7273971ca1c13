#include "app/cli/stop_signal.h"

#include <unistd.h>

#include <csignal>
#include <ctime>

#include "app/cli/exit_codes.h"

namespace sightline::cli {

StopSignal::StopSignal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  waiter_ = std::jthread([this, signals](const std::stop_token& done) {
    while (!done.stop_requested()) {
      const timespec wait{0, 50'000'000};
      if (sigtimedwait(&signals, nullptr, &wait) < 0) continue;
      if (source_.stop_requested()) ::_exit(kExitInterrupted);
      source_.request_stop();
    }
  });
}

StopSignal::~StopSignal() = default;

}  // namespace sightline::cli
