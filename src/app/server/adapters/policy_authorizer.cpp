#include "app/server/adapters/policy_authorizer.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/dispatch/policy_request.h"
#include "base/ascii.h"
#include "cloud/identity/role_session.h"
#include "cloud/policy/explanation.h"

namespace sightline::server {
namespace {

namespace dispatch = aws::dispatch;
using identity::Principal;
using identity::PrincipalKind;
using policy::CallerKind;

/// In one look, so that no change is seen in half.
identity::CallerPolicies policies_of(const Principal& caller, const identity::PolicyBook& book) {
  if (caller.role) return book.policies_of(caller.role->role_id, caller.role->policy_arns);
  return book.policies_of(caller.id, {});
}

std::string described(const std::vector<policy::MissingStatement>& missing) {
  std::string out;
  for (const policy::MissingStatement& one : missing) {
    if (!out.empty()) out += ", ";
    out += fmt::format("{} policy: {}", policy::name_of(one.type), one.statement);
  }
  return out;
}

}  // namespace

AccessQuestion::AccessQuestion(const dispatch::AccessRequest& access, const dispatch::Context& context,
                               const identity::PolicyBook& book,
                               const dispatch::ResourcePolicies& resource_policies)
    : caller_(policies_of(context.caller, book)) {
  const auto resource = resource_policy(resource_policies, access, context);
  const std::string action = to_lower(access.action);
  assumes_role_ =
      action.starts_with("sts:assumerole") || action == "sts:tagsession" || action == "sts:setsourceidentity";
  of_absent_bucket_ = is_absent_bucket(access, resource);
  resource_account_ = owner_of(access, resource, context.caller);
  request_ = policy_request(access, context, resource_account_, keys_);
  add_keys(context);
  add_resource_tags(access.resource, book);
  gather_policies(context, resource);
}

void AccessQuestion::gather_policies(const dispatch::Context& context,
                                     const std::optional<dispatch::ResourcePolicy>& resource) {
  const Principal& caller = context.caller;
  if (request_.caller.kind == CallerKind::user || caller.role) policies_.identity = caller_.identity.all();
  if (caller.role) {
    if (caller.role->policy) {
      session_document_ = caller.role->policy;
      session_.push_back({"of the session", &*session_document_});
    }
    session_.insert(session_.end(), caller_.session.all().begin(), caller_.session.all().end());
    policies_.session = session_;
  }
  if (!resource || !resource->document) return;
  // Who may assume a role is said by the role; what else may be done to it, only by policies of callers.
  if (resource->document->kind() == policy::DocumentKind::trust && !assumes_role_) return;
  resource_document_ = resource->document;
  policies_.resource = policy::AttachedPolicy{"of the resource", &*resource_document_};
}

/// What the request itself does not say: tags of the user or the role, and of a session its own, which come
/// before the role's.
void AccessQuestion::add_keys(const dispatch::Context& context) {
  const Principal& caller = context.caller;
  const auto add = [this](const std::vector<identity::Tag>& tags) {
    for (const identity::Tag& tag : tags) keys_.set("aws:principaltag/" + tag.key, tag.value);
  };
  if (caller_.holder) add(caller_.holder->tags);
  if (caller.role) add(caller.role->tags);
  if (caller.role || caller.kind == PrincipalKind::session) keys_.set("aws:multifactorauthpresent", "false");
  if (caller.role && !caller.role->source_identity.empty())
    keys_.set("aws:sourceidentity", caller.role->source_identity);
}

/// Of users and roles. The book knows none of managed policies.
void AccessQuestion::add_resource_tags(std::string_view resource, const identity::PolicyBook& book) {
  if (dispatch::service_of(resource) != "iam") return;
  const auto holder = book.find_by_arn(resource);
  if (!holder) return;
  for (const identity::Tag& tag : holder->tags)
    for (const std::string_view prefix : kResourceTagKeys)
      keys_.set(std::string(prefix).append(tag.key), tag.value);
}

std::string refusal_text(const AccessQuestion& question, const policy::Decision& decision) {
  if (decision.allowed()) return {};
  const policy::Request& request = question.request();
  const std::string_view who = request.caller.arn.empty() ? request.caller.service : request.caller.arn;
  return fmt::format("User: {} is not authorized to perform: {} on resource: {} {}", who, request.action,
                     request.resource, closing_words(decision, request.action));
}

std::optional<dispatch::Denial> PolicyAuthorizer::deny(const dispatch::AccessRequest& access,
                                                       const dispatch::Context& context) const {
  if (book_ == nullptr) return dispatch::Denial{};
  const AccessQuestion question(access, context, *book_, resource_policies_);
  const policy::Decision decision = policy::decide(question.request(), question.policies());
  const bool absent = question.of_absent_bucket();
  if (decision.allowed() && !absent) return std::nullopt;
  const Principal& caller = context.caller;
  std::string closing = closing_words(decision, access.action);
  const bool foreign =
      caller.kind == PrincipalKind::anonymous || caller.account != question.request().resource_account;
  // Who is trusted with a role is never tried out: whoever has it acts as somebody else.
  const bool stays_out =
      absent || question.assumes_role() || (foreign && caller.kind != PrincipalKind::service);
  if (on_refusal_ && !stays_out) {
    on_refusal_({!caller.arn.empty() ? caller.arn : caller.name, access.action, access.resource, closing,
                 described(missing_statements(question.request(), question.policies()))});
    return std::nullopt;
  }
  dispatch::Denial denial;
  denial.absent = absent;
  denial.foreign = foreign;
  if (!question.assumes_role()) denial.reason = std::move(closing);
  return denial;
}

}  // namespace sightline::server
