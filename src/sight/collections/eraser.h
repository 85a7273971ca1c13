#pragma once
// Makes what was deleted leave the disk: the rows of deleted collections, in small batches between other
// writers, and the journal's copies of whatever was deleted. Private to this module.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/result.h"
#include "sight/collections/vector_slots.h"
#include "store/database.h"

namespace sightline::collections {

/// Thread-safe.
class Eraser {
 public:
  /// Begins with what an earlier process has left.
  Eraser(store::Database& database, VectorSlots& slots);
  Eraser(const Eraser&) = delete;
  Eraser& operator=(const Eraser&) = delete;
  ~Eraser();

  /// Something was deleted, or a collection was doomed.
  void wake();
  void wait_until_idle();

 private:
  void work();
  /// False when nothing is doomed.
  [[nodiscard]] Result<bool> erase_batch();
  /// For so long, or until the end.
  void pause(std::unique_lock<std::mutex>& lock, std::chrono::milliseconds time);

  store::Database& database_;
  VectorSlots& slots_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool awake_ = true;
  bool idle_ = false;
  bool stopping_ = false;
  std::jthread thread_;
};

}  // namespace sightline::collections
