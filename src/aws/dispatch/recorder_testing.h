#pragma once
// An authorizer for tests.

#include <mutex>
#include <set>

#include "aws/dispatch/permission.h"

namespace sightline::aws::dispatch::test {

/// Keeps what it was asked, and refuses the actions that are listed. Look at both while nothing is asked.
class Recorder final : public Authorizer {
 public:
  std::optional<Denial> deny(const AccessRequest& access, const Context&) const override {
    const std::lock_guard lock(mutex_);
    asked.push_back(access);
    if (!refused.contains(access.action)) return std::nullopt;
    return Denial{"because no identity-based policy allows the " + access.action + " action"};
  }

  std::set<std::string> refused;
  mutable std::vector<AccessRequest> asked;

 private:
  mutable std::mutex mutex_;
};

}  // namespace sightline::aws::dispatch::test
