#pragma once
// Threads for work that blocks: a fixed number, a name, and a queue with an end.

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace sightline {

/// Thread-safe. A full queue refuses: what cannot be done soon is better said at once.
class WorkerPool {
 public:
  using Task = std::move_only_function<void()>;

  struct Counters {
    std::size_t busy = 0;    ///< threads at work
    std::size_t queued = 0;  ///< tasks that wait for one
    std::uint64_t done = 0;
    std::uint64_t refused = 0;
  };

  /// `name` (up to 15 characters) is that of the threads in `ps -L` and of the metrics.
  WorkerPool(std::string name, std::size_t threads, std::size_t max_queued);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  /// Runs what is queued, then joins.
  ~WorkerPool();

  /// False, with `task` untouched, when the queue is full. A task must not throw, and never waits for another
  /// task of the same pool.
  [[nodiscard]] bool try_submit(Task&& task);
  /// For the next step of work whose first step try_submit() has taken: never refused, so that what has begun
  /// can end, and no part of what try_submit() counts. First and next steps run in turn while both wait.
  /// Whoever uses it bounds how much such work there is.
  void resume(Task&& task);
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] Counters counters() const;

 private:
  void work();

  const std::string name_;
  const std::size_t max_queued_;
  mutable Mutex mutex_;
  Condition wake_;
  std::deque<Task> first_steps_ SIGHTLINE_GUARDED_BY(mutex_);
  std::deque<Task> next_steps_ SIGHTLINE_GUARDED_BY(mutex_);
  bool first_steps_are_due_ SIGHTLINE_GUARDED_BY(mutex_) = true;
  Counters counters_ SIGHTLINE_GUARDED_BY(mutex_);
  bool closed_ SIGHTLINE_GUARDED_BY(mutex_) = false;
  std::vector<std::jthread> threads_;
};

}  // namespace sightline
