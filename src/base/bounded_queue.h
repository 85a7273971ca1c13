#pragma once
// A bounded FIFO between two pipeline stages.

#include <deque>
#include <optional>

#include "base/mutex.h"

namespace sightline {

/// Thread-safe. push() blocks while full, pop() while empty; close() wakes both for good.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  /// False when the queue was closed: the value is dropped.
  bool push(T value) {
    MutexLock lock(mutex_);
    while (!closed_ && items_.size() >= capacity_) not_full_.wait(lock);
    if (closed_) return false;
    items_.push_back(std::move(value));
    not_empty_.notify_one();
    return true;
  }

  /// Empty once the queue is closed and drained.
  std::optional<T> pop() {
    MutexLock lock(mutex_);
    while (!closed_ && items_.empty()) not_empty_.wait(lock);
    if (items_.empty()) return std::nullopt;
    T value = std::move(items_.front());
    items_.pop_front();
    not_full_.notify_one();
    return value;
  }

  void close() {
    const MutexLock lock(mutex_);
    closed_ = true;
    not_full_.notify_all();
    not_empty_.notify_all();
  }

 private:
  const std::size_t capacity_;
  Mutex mutex_;
  Condition not_full_;
  Condition not_empty_;
  std::deque<T> items_ SIGHTLINE_GUARDED_BY(mutex_);
  bool closed_ SIGHTLINE_GUARDED_BY(mutex_) = false;
};

}  // namespace sightline
