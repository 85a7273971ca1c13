#pragma once
// SIGINT and SIGTERM as a stop token. The second signal ends the process at once.

#include <stop_token>
#include <thread>

namespace sightline::cli {

/// Blocks both signals in the calling thread (make it before any other thread starts) and waits for them on
/// a thread of its own. One a process.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

 private:
  std::stop_source source_;
  std::jthread waiter_;
};

}  // namespace sightline::cli
