#include "cloud/policy/managed_policies.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <vector>

namespace sightline::policy {
namespace {

constexpr std::string_view kArnBegin = "arn:aws:iam::aws:policy";

struct Compiled {
  std::once_flag once;
  std::string arn;
  std::optional<Document> document;
};

}  // namespace

std::string ManagedPolicy::arn() const {
  return std::string(kArnBegin).append(path).append(name);
}

const ManagedPolicy* find_managed_policy(std::string_view arn) {
  const auto all = managed_policies();
  const auto name = arn.substr(arn.rfind('/') + 1);
  const auto found = std::ranges::lower_bound(all, name, {}, &ManagedPolicy::name);
  if (found == all.end() || !arn.starts_with(kArnBegin)) return nullptr;
  arn.remove_prefix(kArnBegin.size());
  const bool same = arn.starts_with(found->path) && arn.substr(found->path.size()) == found->name;
  return same ? &*found : nullptr;
}

std::optional<AttachedPolicy> find_compiled_policy(std::string_view arn) {
  // One for each that is built in; each is written once, by whoever asks first.
  static std::vector<Compiled> all(managed_policies().size());
  const ManagedPolicy* policy = find_managed_policy(arn);
  if (policy == nullptr) return std::nullopt;
  Compiled& compiled = all[static_cast<std::size_t>(policy - managed_policies().data())];
  std::call_once(compiled.once, [&] {
    compiled.arn = policy->arn();
    compiled.document =
        Document::parse(policy->document, DocumentKind::managed, std::numeric_limits<std::size_t>::max())
            .value();
  });
  return AttachedPolicy{compiled.arn, &*compiled.document};
}

}  // namespace sightline::policy
