#pragma once
// SIGINT, SIGTERM and SIGHUP as a stop token. The second signal ends the process at once.

#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace sightline::cli {

/// Blocks the signals in the calling thread (make it before any other thread starts) and waits for them on
/// a thread of its own. One a process. A process started with SIGHUP ignored (nohup) does not stop for it.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }
  /// From now on SIGHUP calls this, on the waiting thread, and stops nothing; empty: it stops again.
  void on_hangup(std::function<void()> callback);

 private:
  void hear(int signal);

  std::stop_source source_;
  bool ignores_hangup_ = false;
  std::mutex mutex_;
  std::function<void()> hangup_;
  std::jthread waiter_;
};

}  // namespace sightline::cli
