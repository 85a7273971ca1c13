#pragma once
// Mutexes whose rules clang checks: what a mutex guards says so (SIGHTLINE_GUARDED_BY), a function that needs
// it held says so (SIGHTLINE_REQUIRES), and under the asan preset (-Wthread-safety) who breaks the rule does
// not compile. GCC reads none of it.
//
// A lambda is a function of its own to the analysis: what waits for a condition loops,
//   while (!ready_) changed_.wait(lock);
// and a helper that gives the mutex back for a while takes the Mutex, not the MutexLock.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>

#if defined(__clang__)
#define SIGHTLINE_THREAD_SAFETY(attribute) __attribute__((attribute))
#else
#define SIGHTLINE_THREAD_SAFETY(attribute)
#endif

/// Of a member: read and written with `mutex` held only.
#define SIGHTLINE_GUARDED_BY(mutex) SIGHTLINE_THREAD_SAFETY(guarded_by(mutex))
/// Of a function: called with `mutex` held, and held when it returns.
#define SIGHTLINE_REQUIRES(...) SIGHTLINE_THREAD_SAFETY(requires_capability(__VA_ARGS__))
/// Of a function: called without `mutex`, which it takes itself.
#define SIGHTLINE_EXCLUDES(...) SIGHTLINE_THREAD_SAFETY(locks_excluded(__VA_ARGS__))
/// Of a function that the analysis cannot follow; a comment says why it is right.
#define SIGHTLINE_NO_THREAD_SAFETY_ANALYSIS SIGHTLINE_THREAD_SAFETY(no_thread_safety_analysis)

namespace sightline {

class SIGHTLINE_THREAD_SAFETY(capability("mutex")) Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock() SIGHTLINE_THREAD_SAFETY(acquire_capability()) { mutex_.lock(); }
  void unlock() SIGHTLINE_THREAD_SAFETY(release_capability()) { mutex_.unlock(); }

 private:
  friend class MutexLock;
  std::mutex mutex_;
};

/// Holds a mutex for as long as it lives, but for what is between unlock() and lock().
class SIGHTLINE_THREAD_SAFETY(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) SIGHTLINE_THREAD_SAFETY(acquire_capability(mutex)) : lock_(mutex.mutex_) {}
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;
  ~MutexLock() SIGHTLINE_THREAD_SAFETY(release_capability()) {
  }  // NOLINT(modernize-use-equals-default): the attribute

  void unlock() SIGHTLINE_THREAD_SAFETY(release_capability()) { lock_.unlock(); }
  void lock() SIGHTLINE_THREAD_SAFETY(acquire_capability()) { lock_.lock(); }

 private:
  friend class Condition;
  std::unique_lock<std::mutex> lock_;
};

/// A condition variable. Each wait may end for no reason: whoever waits looks again.
class Condition {
 public:
  void wait(MutexLock& lock) { condition_.wait(lock.lock_); }
  /// False when the time is over.
  template <typename Rep, typename Period>
  bool wait_for(MutexLock& lock, std::chrono::duration<Rep, Period> time) {
    return condition_.wait_for(lock.lock_, time) == std::cv_status::no_timeout;
  }
  template <typename Clock, typename Duration>
  bool wait_until(MutexLock& lock, std::chrono::time_point<Clock, Duration> time) {
    return condition_.wait_until(lock.lock_, time) == std::cv_status::no_timeout;
  }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

/// One writer, or any number of readers.
class SIGHTLINE_THREAD_SAFETY(capability("mutex")) SharedMutex {
 public:
  SharedMutex() = default;
  SharedMutex(const SharedMutex&) = delete;
  SharedMutex& operator=(const SharedMutex&) = delete;

 private:
  friend class ReaderLock;
  friend class WriterLock;
  std::shared_mutex mutex_;
};

class SIGHTLINE_THREAD_SAFETY(scoped_lockable) ReaderLock {
 public:
  explicit ReaderLock(SharedMutex& mutex) SIGHTLINE_THREAD_SAFETY(acquire_shared_capability(mutex))
      : lock_(mutex.mutex_) {}
  ReaderLock(const ReaderLock&) = delete;
  ReaderLock& operator=(const ReaderLock&) = delete;
  ~ReaderLock() SIGHTLINE_THREAD_SAFETY(release_generic_capability()) {
  }  // NOLINT(modernize-use-equals-default)

 private:
  std::shared_lock<std::shared_mutex> lock_;
};

class SIGHTLINE_THREAD_SAFETY(scoped_lockable) WriterLock {
 public:
  explicit WriterLock(SharedMutex& mutex) SIGHTLINE_THREAD_SAFETY(acquire_capability(mutex))
      : lock_(mutex.mutex_) {}
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;
  ~WriterLock() SIGHTLINE_THREAD_SAFETY(release_capability()) {}  // NOLINT(modernize-use-equals-default)

 private:
  std::unique_lock<std::shared_mutex> lock_;
};

}  // namespace sightline
