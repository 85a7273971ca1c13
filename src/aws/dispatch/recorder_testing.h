#pragma once
// An authorizer for tests.

#include <set>

#include "aws/dispatch/permission.h"

namespace sightline::aws::dispatch::test {

/// Keeps what it was asked, and refuses the actions that are listed. One thread at a time.
class Recorder final : public Authorizer {
 public:
  std::optional<Denial> deny(const AccessRequest& access, const Context&) const override {
    asked.push_back(access);
    if (!refused.contains(access.action)) return std::nullopt;
    return Denial{"no identity-based policy allows the " + access.action + " action"};
  }

  std::set<std::string> refused;
  mutable std::vector<AccessRequest> asked;
};

}  // namespace sightline::aws::dispatch::test
