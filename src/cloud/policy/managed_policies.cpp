#include "cloud/policy/managed_policies.h"

#include <fmt/format.h>

#include <algorithm>

namespace sightline::policy {

std::string ManagedPolicy::arn() const {
  return fmt::format("arn:aws:iam::aws:policy{}{}", path, name);
}

const ManagedPolicy* find_managed_policy(std::string_view arn) {
  const auto all = managed_policies();
  const auto name = arn.substr(arn.rfind('/') + 1);
  const auto found = std::ranges::lower_bound(all, name, {}, &ManagedPolicy::name);
  return found != all.end() && found->arn() == arn ? &*found : nullptr;
}

}  // namespace sightline::policy
