#pragma once
// Requests that share what a reset may replace under them, and how they end then.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>

#include "base/mutex.h"
#include "net/handler.h"

namespace sightline::server {

/// Thread-safe.
class RequestGroup {
 public:
  /// Parked requests are cancelled as by a server that stops (net::Cancelled::stopping) and answer soon;
  /// transfers end at their next piece, bodies with 503, answers cut off; what has not begun is answered 503.
  /// What runs on a pool just now ends by itself.
  void end();
  [[nodiscard]] bool ended() const { return ended_; }

  using Id = std::uint64_t;
  /// For one parked request. `on_end` is called once, at once where the group has ended; it must not block.
  [[nodiscard]] Id add(std::function<void()> on_end);
  /// `on_end` may be running still when this returns.
  void remove(Id id);

 private:
  std::atomic<bool> ended_ = false;
  Mutex mutex_;
  Id next_ SIGHTLINE_GUARDED_BY(mutex_) = 0;
  std::unordered_map<Id, std::function<void()>> parked_ SIGHTLINE_GUARDED_BY(mutex_);
};

/// The same way, in the group, and holding on to `owner` (what the handler uses) until it has been taken; a
/// parked one only until its handler returns, since what keeps it belongs to the owner.
[[nodiscard]] net::Decision in_group(net::Decision decision, std::shared_ptr<void> owner,
                                     std::shared_ptr<RequestGroup> group);

}  // namespace sightline::server
