#pragma once
// What `serve --permissions audit` lets pass and enforcement would refuse: a line for the log about each.

#include <atomic>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "app/server/adapters/policy_authorizer.h"
#include "base/mutex.h"

namespace sightline::server {

/// Thread-safe. The same caller's same access is one line, whatever the session of a role is called.
class RefusalLog {
 public:
  static constexpr std::size_t kMostLines = 1'000;  ///< further accesses are counted and not written

  explicit RefusalLog(std::function<void(std::string_view)> write) : write_(std::move(write)) {}
  void note(const RefusedAccess& access);
  [[nodiscard]] std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  const std::function<void(std::string_view)> write_;
  std::atomic<std::uint64_t> count_ = 0;
  Mutex mutex_;
  std::set<std::string> written_ SIGHTLINE_GUARDED_BY(mutex_);
};

}  // namespace sightline::server
