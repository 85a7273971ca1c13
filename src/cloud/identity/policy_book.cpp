#include "cloud/identity/policy_book.h"

#include <limits>
#include <utility>

#include "base/ascii.h"
#include "cloud/policy/managed_policies.h"
#include "cloud/policy/pattern.h"

namespace sightline::identity {
namespace {

constexpr std::size_t kAnySize = std::numeric_limits<std::size_t>::max();

policy::Document parse_own(std::string_view text, policy::DocumentKind kind) {
  return policy::Document::parse(text, kind, kAnySize).value();
}

const policy::Document& denying_everything() {
  static const policy::Document document =
      parse_own(R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}})",
                policy::DocumentKind::managed);
  return document;
}

const policy::Document& trusting_nobody() {
  static const policy::Document document =
      parse_own(R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"sts:*"}})",
                policy::DocumentKind::trust);
  return document;
}

/// It denies nothing either: others beside it still allow.
const policy::Document& allowing_nothing() {
  static const policy::Document document =
      parse_own(R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"*","Resource":"*"}})",
                policy::DocumentKind::managed);
  return document;
}

}  // namespace

policy::Document read_kept(std::string_view text, policy::DocumentKind kind) {
  auto document = policy::Document::parse(text, kind, kAnySize);
  if (document) return *std::move(document);
  return kind == policy::DocumentKind::trust ? trusting_nobody() : denying_everything();
}

void EffectivePolicies::add(const std::shared_ptr<const Holder>& holder) {
  for (const HeldPolicy& held : holder->inline_policies) policies_.push_back({held.name, &held.document});
  kept_.push_back(holder);
}

void EffectivePolicies::add(std::shared_ptr<const HeldPolicy> held) {
  policies_.push_back({held->name, &held->document});
  kept_.push_back(std::move(held));
}

EffectivePolicies PolicyBook::identity_policies(const std::shared_ptr<const Holder>& holder) const {
  EffectivePolicies policies;
  add_holder(holder, policies);
  for (const std::string& group : holder->groups)
    if (const auto found = holders_.find(group); found != holders_.end()) add_holder(found->second, policies);
  return policies;
}

void PolicyBook::add_holder(const std::shared_ptr<const Holder>& holder, EffectivePolicies& policies) const {
  policies.add(holder);
  for (const std::string& arn : holder->attached) add_managed(arn, denying_everything(), policies);
}

EffectivePolicies PolicyBook::policies_of(std::string_view id) const {
  return policies_of(id, {}).identity;
}

CallerPolicies PolicyBook::policies_of(std::string_view id, std::span<const std::string> session_arns) const {
  CallerPolicies caller;
  const ReaderLock lock(mutex_);
  if (const auto found = holders_.find(id); found != holders_.end()) {
    caller.holder = found->second;
    caller.identity = identity_policies(caller.holder);
  }
  for (const std::string& arn : session_arns) add_managed(arn, allowing_nothing(), caller.session);
  return caller;
}

void PolicyBook::add_managed(std::string_view arn, const policy::Document& missing,
                             EffectivePolicies& policies) const {
  if (const auto found = managed_.find(arn); found != managed_.end()) return policies.add(found->second);
  if (const auto of_aws = policy::find_compiled_policy(arn)) return policies.add(*of_aws);
  policies.add(std::make_shared<const HeldPolicy>(HeldPolicy{std::string(arn), missing}));
}

bool PolicyBook::has_managed(std::string_view account, std::string_view arn) const {
  if (policy::find_managed_policy(arn) != nullptr) return true;
  const auto parts = policy::split_arn(arn);
  const ReaderLock lock(mutex_);
  return parts && (*parts)[4] == account && managed_.contains(arn);
}

std::vector<std::string> PolicyBook::find_managed(std::string_view account, std::string_view name) const {
  std::vector<std::string> arns;
  for (const policy::ManagedPolicy& policy : policy::managed_policies())
    if (equals_ignoring_case(policy.name, name)) arns.push_back(policy.arn());
  const ReaderLock lock(mutex_);
  for (const auto& [arn, held] : managed_) {
    const auto parts = policy::split_arn(arn);
    const std::string_view own = std::string_view(arn).substr(arn.rfind('/') + 1);
    if (parts && (*parts)[4] == account && equals_ignoring_case(own, name)) arns.push_back(arn);
  }
  return arns;
}

std::shared_ptr<const Holder> PolicyBook::find(std::string_view id) const {
  const ReaderLock lock(mutex_);
  const auto found = holders_.find(id);
  return found == holders_.end() ? nullptr : found->second;
}

std::shared_ptr<const Holder> PolicyBook::find_by_arn(std::string_view arn) const {
  const ReaderLock lock(mutex_);
  const auto id = ids_.find(arn);
  if (id == ids_.end()) return nullptr;
  const auto found = holders_.find(id->second);
  return found == holders_.end() ? nullptr : found->second;
}

void PolicyBook::apply(Changes changes) {
  const WriterLock lock(mutex_);
  apply_locked(std::move(changes));
}

void PolicyBook::apply_locked(Changes changes) {
  for (auto& [id, holder] : changes.holders) {
    if (const auto before = holders_.find(id); before != holders_.end()) {
      // Its ARN may be another's by now: names come back.
      if (const auto by_arn = ids_.find(before->second->arn); by_arn != ids_.end() && by_arn->second == id)
        ids_.erase(by_arn);
      holders_.erase(before);
    }
    if (!holder) continue;
    ids_.insert_or_assign(holder->arn, id);
    holders_.insert_or_assign(std::move(id), std::move(holder));
  }
  for (auto& [arn, held] : changes.managed) {
    managed_.erase(arn);
    if (held) managed_.insert_or_assign(std::move(arn), std::move(held));
  }
}

void PolicyBook::replace(Changes all) {
  // Given back once nobody waits for them any more.
  decltype(holders_) holders;
  decltype(ids_) ids;
  decltype(managed_) managed;
  const WriterLock lock(mutex_);
  holders_.swap(holders);
  ids_.swap(ids);
  managed_.swap(managed);
  apply_locked(std::move(all));
}

}  // namespace sightline::identity
