#pragma once
// What `serve --permissions audit` lets pass and enforcement would refuse: a line for the log about each.

#include <atomic>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "app/server/adapters/policy_authorizer.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace sightline::server {

/// Thread-safe. The same caller's same access is one line in an hour, whatever the session of a role is
/// called. The clock outlives it.
class RefusalLog {
 public:
  static constexpr std::size_t kMostLines = 1'000;  ///< in an hour; further accesses are counted only

  RefusalLog(const Clock& clock, std::function<void(std::string_view)> write)
      : clock_(clock), write_(std::move(write)) {}
  void note(const RefusedAccess& access);
  [[nodiscard]] std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  const Clock& clock_;
  const std::function<void(std::string_view)> write_;
  std::atomic<std::uint64_t> count_ = 0;
  Mutex mutex_;
  Instant since_ SIGHTLINE_GUARDED_BY(mutex_);  ///< when the hour began
  std::set<std::string> written_ SIGHTLINE_GUARDED_BY(mutex_);
};

}  // namespace sightline::server
