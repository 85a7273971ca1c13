// All users, groups, roles and policies of an account with their documents, in pages.

#include <algorithm>

#include "aws/iam/answers.h"
#include "aws/iam/registration.h"

namespace sightline::aws::iam {
namespace {

using dispatch::Context;
using identity::EntityKind;
using identity::Identities;
using Response = GetAccountAuthorizationDetailsResponse;

/// Of one page, whatever is asked for: roles may have 10,240 characters each.
constexpr std::size_t kMostDetails = 100;

/// The account's lists one after the other. A marker is a letter for the list, and where it goes on.
class Details {
 public:
  Details(const GetAccountAuthorizationDetailsRequest& request, const Context& context,
          Identities& identities)
      : filter_(request.filter), account_(context.caller.account), identities_(identities) {
    left_ = request.max_items ? std::min(static_cast<std::size_t>(*request.max_items), kMostDetails)
                              : kMostDetails;
  }

  wire::Answer<Response> page(std::string marker) {
    response_.user_detail_list.emplace();
    response_.group_detail_list.emplace();
    response_.role_detail_list.emplace();
    response_.policies.emplace();
    static constexpr std::string_view kLists = "UGRP";
    auto at = kLists.find(marker.empty() ? 'U' : marker.front());
    if (at == std::string_view::npos)
      return std::unexpected(wire::validation_error(kService, "Invalid Marker."));
    std::string after = marker.empty() ? "" : marker.substr(1);
    for (; at < kLists.size(); ++at, after.clear()) {
      const std::optional<std::string> next = TRY(list(kLists[at], after));
      // What is full ends the page, also before a list that has not begun.
      if (next || (left_ == 0 && at + 1 < kLists.size())) {
        end_page(response_, next ? kLists[at] + *next : std::string(1, kLists[at + 1]));
        return std::move(response_);
      }
    }
    end_page(response_, std::nullopt);
    return std::move(response_);
  }

 private:
  [[nodiscard]] bool wants(std::string_view kind) const {
    return !filter_ || std::ranges::find(*filter_, kind) != filter_->end();
  }

  /// Where it goes on, if it does.
  wire::Answer<std::optional<std::string>> list(char which, const std::string& after) {
    switch (which) {
      case 'U':
        return wants("User") ? users(after) : nothing();
      case 'G':
        return wants("Group") ? groups(after) : nothing();
      case 'R':
        return wants("Role") ? roles(after) : nothing();
      default:
        return wants("LocalManagedPolicy") ? policies(after) : nothing();
    }
  }
  static wire::Answer<std::optional<std::string>> nothing() { return std::optional<std::string>(); }

  wire::Answer<std::optional<std::string>> users(const std::string& after) {
    const auto page = identities_.list_users(account_, {.after = after, .limit = left_});
    if (!page) return failure(page.error());
    for (const identity::User& user : page->users) {
      UserDetail& detail = response_.user_detail_list->emplace_back();
      detail.path = user.path;
      detail.user_name = user.name;
      detail.user_id = user.id;
      detail.arn = user.arn;
      detail.create_date = user.created;
      const identity::EntityRef ref{EntityKind::user, user.name};
      detail.user_policy_list = TRY(inline_policies(ref));
      detail.attached_managed_policies = TRY(attached(ref));
      auto& names = detail.group_list.emplace();
      const auto groups_of = identities_.groups().groups_of(account_, user.name);
      if (!groups_of) return failure(groups_of.error());
      for (const identity::Entity& group : *groups_of) names.push_back(group.name);
      const auto tags = identities_.tags().list(account_, ref);
      if (!tags) return failure(tags.error());
      detail.tags = tags_of(*tags);
      --left_;
    }
    return page->next;
  }

  wire::Answer<std::optional<std::string>> groups(const std::string& after) {
    const auto page = identities_.groups().list(account_, {.after = after, .limit = left_});
    if (!page) return failure(page.error());
    for (const identity::Entity& group : page->items) {
      GroupDetail& detail = response_.group_detail_list->emplace_back();
      detail.path = group.path;
      detail.group_name = group.name;
      detail.group_id = group.id;
      detail.arn = group.arn;
      detail.create_date = group.created;
      const identity::EntityRef ref{EntityKind::group, group.name};
      detail.group_policy_list = TRY(inline_policies(ref));
      detail.attached_managed_policies = TRY(attached(ref));
      --left_;
    }
    return page->next;
  }

  wire::Answer<std::optional<std::string>> roles(const std::string& after) {
    const auto page = identities_.roles().list(account_, {.after = after, .limit = left_});
    if (!page) return failure(page.error());
    for (const identity::Role& role : page->items) {
      RoleDetail& detail = response_.role_detail_list->emplace_back();
      detail.path = role.entity.path;
      detail.role_name = role.entity.name;
      detail.role_id = role.entity.id;
      detail.arn = role.entity.arn;
      detail.create_date = role.entity.created;
      detail.assume_role_policy_document = encoded_document(role.trust);
      const identity::EntityRef ref{EntityKind::role, role.entity.name};
      detail.role_policy_list = TRY(inline_policies(ref));
      detail.attached_managed_policies = TRY(attached(ref));
      detail.instance_profile_list.emplace();
      const auto tags = identities_.tags().list(account_, ref);
      if (!tags) return failure(tags.error());
      detail.tags = tags_of(*tags);
      --left_;
    }
    return page->next;
  }

  wire::Answer<std::optional<std::string>> policies(const std::string& after) {
    const auto page = identities_.customer_policies().list(account_, {.after = after, .limit = left_});
    if (!page) return failure(page.error());
    for (const identity::Policy& policy : page->items) {
      ManagedPolicyDetail& detail = response_.policies->emplace_back();
      detail.policy_name = policy.name;
      detail.policy_id = policy.id;
      detail.arn = policy.arn;
      detail.path = policy.path;
      detail.default_version_id = policy.default_version;
      detail.attachment_count = static_cast<std::int32_t>(policy.attachments);
      detail.permissions_boundary_usage_count = 0;
      detail.is_attachable = true;
      if (!policy.description.empty()) detail.description = policy.description;
      detail.create_date = policy.created;
      detail.update_date = policy.updated;
      const auto versions = identities_.customer_policies().versions(account_, policy.arn);
      if (!versions) return failure(versions.error());
      auto& list = detail.policy_version_list.emplace();
      for (const identity::PolicyVersion& version : *versions)
        list.push_back({encoded_document(version.document), version.id, version.is_default, version.created});
      --left_;
    }
    return page->next;
  }

  wire::Answer<std::vector<PolicyDetail>> inline_policies(const identity::EntityRef& ref) {
    const auto all = identities_.entity_policies().list(account_, ref);
    if (!all) return failure(all.error());
    std::vector<PolicyDetail> details;
    for (const identity::InlinePolicy& policy : *all)
      details.push_back({policy.name, encoded_document(policy.document)});
    return details;
  }

  wire::Answer<std::vector<AttachedPolicy>> attached(const identity::EntityRef& ref) {
    const auto arns = identities_.entity_policies().attached(account_, ref);
    if (!arns) return failure(arns.error());
    std::vector<AttachedPolicy> policies;
    for (const std::string& arn : *arns) policies.push_back({arn.substr(arn.rfind('/') + 1), arn});
    return policies;
  }

  const std::optional<std::vector<std::string>>& filter_;
  const std::string& account_;
  Identities& identities_;
  std::size_t left_ = 0;
  Response response_;
};

wire::Answer<Response> account_details(const GetAccountAuthorizationDetailsRequest& request,
                                       const Context& context, Identities& identities) {
  std::string marker;
  if (request.marker) marker = TRY(position_of(*request.marker));
  return Details(request, context, identities).page(std::move(marker));
}

}  // namespace

void add_account_details(dispatch::Operations& operations, const Dependencies& dependencies) {
  add<GetAccountAuthorizationDetails>(operations, dependencies, account_details);
}

}  // namespace sightline::aws::iam
