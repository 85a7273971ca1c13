#include "base/worker_pool.h"

#include <pthread.h>

namespace sightline {

WorkerPool::WorkerPool(std::string name, std::size_t threads, std::size_t max_queued)
    : name_(std::move(name)), max_queued_(max_queued) {
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { work(); });
    ::pthread_setname_np(threads_.back().native_handle(), name_.substr(0, 15).c_str());
  }
}

WorkerPool::~WorkerPool() {
  {
    const MutexLock lock(mutex_);
    closed_ = true;
  }
  wake_.notify_all();
  threads_.clear();
}

bool WorkerPool::try_submit(Task&& task) {
  {
    const MutexLock lock(mutex_);
    // A free thread takes its task from the queue too, so what the threads will take at once does not count.
    if (first_steps_.size() >= max_queued_ + (threads_.size() - counters_.busy)) {
      ++counters_.refused;
      return false;
    }
    first_steps_.push_back(std::move(task));
  }
  wake_.notify_one();
  return true;
}

void WorkerPool::resume(Task&& task) {
  {
    const MutexLock lock(mutex_);
    next_steps_.push_back(std::move(task));
  }
  wake_.notify_one();
}

WorkerPool::Counters WorkerPool::counters() const {
  const MutexLock lock(mutex_);
  Counters counters = counters_;
  counters.queued = first_steps_.size() + next_steps_.size();
  return counters;
}

void WorkerPool::work() {
  MutexLock lock(mutex_);
  while (true) {
    while (!closed_ && first_steps_.empty() && next_steps_.empty()) wake_.wait(lock);
    if (first_steps_.empty() && next_steps_.empty()) return;
    // In turn, so that neither what begins nor what is under way waits for all of the other.
    const bool first = next_steps_.empty() || (!first_steps_.empty() && first_steps_are_due_);
    first_steps_are_due_ = !first;
    std::deque<Task>& tasks = first ? first_steps_ : next_steps_;
    Task task = std::move(tasks.front());
    tasks.pop_front();
    ++counters_.busy;
    lock.unlock();
    task();
    task = nullptr;
    lock.lock();
    --counters_.busy;
    ++counters_.done;
  }
}

}  // namespace sightline
