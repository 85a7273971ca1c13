#pragma once
// A lock for many readers and few writers that lets a waiting writer go first: searches without a pause never
// keep a face from being added or removed.

#include <condition_variable>
#include <mutex>

namespace sightline::collections {

/// For std::unique_lock and std::shared_lock. A thread must not lock it twice.
class WriterFirstMutex {
 public:
  void lock() {
    std::unique_lock lock(mutex_);
    ++writers_waiting_;
    changed_.wait(lock, [&] { return !writing_ && readers_ == 0; });
    --writers_waiting_;
    writing_ = true;
  }
  void unlock() {
    std::lock_guard lock(mutex_);
    writing_ = false;
    changed_.notify_all();
  }
  void lock_shared() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !writing_ && writers_waiting_ == 0; });
    ++readers_;
  }
  void unlock_shared() {
    std::lock_guard lock(mutex_);
    if (--readers_ == 0 && writers_waiting_ > 0) changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int readers_ = 0;
  int writers_waiting_ = 0;
  bool writing_ = false;
};

}  // namespace sightline::collections
