#include "app/server/adapters/policy_authorizer.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/dispatch/resource_owner.h"
#include "base/ascii.h"
#include "cloud/identity/role_session.h"
#include "cloud/policy/explanation.h"

namespace sightline::server {
namespace {

namespace dispatch = aws::dispatch;
using identity::Principal;
using identity::PrincipalKind;
using policy::CallerKind;

bool is_of_root(const Principal& principal) {
  return principal.kind == PrincipalKind::root ||
         (principal.kind == PrincipalKind::session && principal.id == principal.account);
}

CallerKind kind_of(const Principal& principal) {
  switch (principal.kind) {
    case PrincipalKind::root:
    case PrincipalKind::user:
    case PrincipalKind::session:
      return is_of_root(principal) ? CallerKind::root : CallerKind::user;
    case PrincipalKind::role_session:
      return CallerKind::session;
    case PrincipalKind::service:
      return CallerKind::service;
    case PrincipalKind::anonymous:
      break;
  }
  return CallerKind::anonymous;
}

/// A session's tags come before those of its role.
std::vector<std::pair<std::string, std::string>> tags_of(const Principal& principal,
                                                         const identity::PolicyBook& book) {
  std::vector<std::pair<std::string, std::string>> tags;
  const auto add = [&](const std::vector<identity::Tag>& more) {
    for (const identity::Tag& tag : more) tags.emplace_back(tag.key, tag.value);
  };
  const auto holder = book.find(principal.role ? principal.role->role_id : principal.id);
  if (holder) add(holder->tags);
  if (principal.role) add(principal.role->tags);
  return tags;
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

policy::Caller policy_caller(const Principal& principal) {
  policy::Caller caller;
  caller.kind = kind_of(principal);
  // Nobody is of no account, wherever the call comes from.
  if (caller.kind != CallerKind::anonymous) caller.account = principal.account;
  // S3 shows the account as the owner of its objects.
  caller.canonical_user = caller.account;
  caller.arn = principal.arn;
  caller.id = principal.id;
  if (caller.kind == CallerKind::user) caller.name = principal.name;
  if (caller.kind == CallerKind::service) caller.service = principal.name;
  if (principal.role) {
    caller.source_arn = principal.role->role_arn;
    caller.source_id = principal.role->role_id;
  }
  return caller;
}

AccessQuestion::AccessQuestion(const dispatch::AccessRequest& access, const dispatch::Context& context,
                               const identity::PolicyBook& book,
                               const dispatch::ResourcePolicies& resource_policies) {
  const auto resource = resource_policy(resource_policies, access, context);
  absent_ = is_absent_bucket(access, resource);
  const std::string action = to_lower(access.action);
  assumes_role_ =
      action.starts_with("sts:assumerole") || action == "sts:tagsession" || action == "sts:setsourceidentity";
  resource_account_ = owner_of(access.resource, resource, context);
  request_.caller = policy_caller(context.caller);
  request_.action = access.action;
  request_.resource = access.resource;
  request_.resource_account = resource_account_;
  request_.keys = &keys_;
  gather_keys(access, context, book);
  gather_policies(context, book, resource);
}

void AccessQuestion::gather_policies(const dispatch::Context& context, const identity::PolicyBook& book,
                                     const std::optional<dispatch::ResourcePolicy>& resource) {
  const Principal& caller = context.caller;
  if (request_.caller.kind == CallerKind::user || caller.role)
    identity_ = book.policies_of(caller.role ? caller.role->role_id : caller.id);
  policies_.identity = identity_.all();
  if (caller.role) {
    if (caller.role->policy) {
      session_document_ = caller.role->policy;
      session_.push_back({"of the session", &*session_document_});
    }
    session_managed_ = book.managed(caller.role->policy_arns);
    session_.insert(session_.end(), session_managed_.all().begin(), session_managed_.all().end());
    policies_.session = session_;
  }
  if (!resource || !resource->document) return;
  // Who may assume a role is said by the role; what else may be done to it, by policies of callers alone.
  if (resource->document->kind() == policy::DocumentKind::trust && !assumes_role_) return;
  resource_document_ = resource->document;
  policies_.resource = policy::AttachedPolicy{"of the resource", &*resource_document_};
}

void AccessQuestion::gather_keys(const dispatch::AccessRequest& access, const dispatch::Context& context,
                                 const identity::PolicyBook& book) {
  policy::Surroundings around;
  around.now = context.now;
  around.source_ip = context.source_ip;
  around.user_agent = context.user_agent;
  around.region = context.region;
  around.resource_account = resource_account_;
  around.secure = context.secure;
  around.principal_tags = tags_of(context.caller, book);
  add_global_keys(request_.caller, around, keys_);
  const bool temporary = context.caller.role || context.caller.kind == PrincipalKind::session;
  if (temporary) keys_.set("aws:multifactorauthpresent", "false");
  if (context.caller.role && !context.caller.role->source_identity.empty())
    keys_.set("aws:sourceidentity", context.caller.role->source_identity);
  if (!context.referer.empty()) keys_.set("aws:referer", context.referer);
  for (const auto& [key, value] : access.conditions) keys_.add(key, value);
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
  if (decision.allowed() && !question.absent()) return std::nullopt;
  const Principal& caller = context.caller;
  std::string closing = closing_words(decision, access.action);
  const bool outsider =
      caller.kind == PrincipalKind::anonymous || caller.account != question.request().resource_account;
  if (on_refusal_ && !outsider && !question.absent()) {
    on_refusal_({!caller.arn.empty() ? caller.arn : caller.name, access.action, access.resource, closing,
                 described(missing_statements(question.request(), question.policies()))});
    return std::nullopt;
  }
  dispatch::Denial denial{{}, outsider, question.absent()};
  if (!question.assumes_role()) denial.closing = std::move(closing);
  return denial;
}

}  // namespace sightline::server
