#include "app/cli/stop_signal.h"

#include <unistd.h>

#include <csignal>

#include "app/cli/exit_codes.h"

namespace sightline::cli {

StopSignal::StopSignal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  struct sigaction hangup{};
  ::sigaction(SIGHUP, nullptr, &hangup);
  ignores_hangup_ = hangup.sa_handler == SIG_IGN;
  // Linux keeps a blocked signal also where it is ignored: on_hangup()'s callback hears it.
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  waiter_ = std::jthread([this, signals](const std::stop_token& done) {
    while (true) {
      const int signal = sigwaitinfo(&signals, nullptr);
      if (done.stop_requested()) return;
      if (signal > 0) hear(signal);
    }
  });
}

StopSignal::~StopSignal() {
  waiter_.request_stop();
  pthread_kill(waiter_.native_handle(), SIGHUP);  // only to wake it: no program waits for its own end
}

void StopSignal::on_hangup(std::function<void()> callback) {
  const std::scoped_lock lock(mutex_);
  hangup_ = std::move(callback);
}

void StopSignal::hear(int signal) {
  if (signal == SIGHUP) {
    const std::scoped_lock lock(mutex_);
    if (hangup_) return hangup_();
    if (ignores_hangup_) return;
  }
  if (source_.stop_requested()) ::_exit(kExitInterrupted);
  source_.request_stop();
}

}  // namespace sightline::cli
