#include "aws/iam/iam_error.h"

#include <fmt/format.h>

#include "aws/iam/model.h"
#include "base/base64.h"

namespace sightline::aws::iam {
namespace {

using identity::Facts;
using identity::Problem;
using identity::Quota;

std::string capitalised(std::string_view word) {
  std::string out(word);
  out.front() = static_cast<char>(out.front() - 'a' + 'A');
  return out;
}

std::string exists_already(const Facts& facts) {
  switch (facts.thing) {
    case identity::Thing::user:
      return fmt::format("User with name {} already exists.", facts.name);
    case identity::Thing::group:
      return fmt::format("Group with name {} already exists.", facts.name);
    case identity::Thing::role:
      return fmt::format("Role with name {} already exists.", facts.name);
    case identity::Thing::policy:
      break;
  }
  return fmt::format("A policy called {} already exists. Duplicate names are not allowed.", facts.name);
}

std::string over_limit(const Facts& facts) {
  const auto quota = [&](std::string_view name) {
    return fmt::format("Cannot exceed quota for {}: {}", name, facts.limit);
  };
  switch (facts.quota) {
    case Quota::users:
      return quota("UsersPerAccount");
    case Quota::groups:
      return quota("GroupsPerAccount");
    case Quota::roles:
      return quota("RolesPerAccount");
    case Quota::policies:
      return quota("PoliciesPerAccount");
    case Quota::groups_of_a_user:
      return quota("GroupsPerUser");
    case Quota::attachments:
      return quota("PoliciesPer" + capitalised(name_of(facts.kind)));
    case Quota::versions:
      return fmt::format(
          "A managed policy can have up to {} versions. Before you create a new version, you must delete an "
          "existing version.",
          facts.limit);
    case Quota::inline_size:
      return fmt::format("Maximum policy size of {} bytes exceeded for {} {}", facts.limit,
                         name_of(facts.kind), facts.name);
    case Quota::policy_size:
      return quota("PolicySize");
    case Quota::trust_size:
      return quota("ACLSizePerRole");
    case Quota::tags:
      return fmt::format("The number of tags has reached the maximum limit of {}.", facts.limit);
    case Quota::session_size:
    case Quota::sessions:
      break;
  }
  return quota("Sessions");
}

/// What is to be done before something can be deleted; empty where that is not what is wrong.
std::string_view conflict(Problem problem) {
  switch (problem) {
    case Problem::has_keys:
      return "Cannot delete entity, must delete access keys first.";
    case Problem::has_inline_policies:
      return "Cannot delete entity, must delete policies first.";
    case Problem::has_attachments:
      return "Cannot delete entity, must detach all policies first.";
    case Problem::has_members:
      return "Cannot delete entity, must remove users from group first.";
    case Problem::is_attached:
      return "Cannot delete a policy attached to entities.";
    case Problem::has_versions:
      return "This policy has more than one version. Before you delete a policy, you must delete the "
             "policy's versions. The default version is deleted with the policy.";
    case Problem::default_version:
      return "Cannot delete the default version of a policy.";
    default:
      return {};
  }
}

/// What is not there; empty where that is not what is wrong.
std::string missing_text(Problem problem, const Facts& facts) {
  switch (problem) {
    case Problem::no_such_entity:
    case Problem::not_a_member:
    case Problem::role_ended:
      return fmt::format("The {} with name {} cannot be found.", name_of(facts.kind), facts.name);
    case Problem::no_such_policy:
      return fmt::format("Policy {} does not exist or is not attachable.", facts.name);
    case Problem::no_such_version:
      return fmt::format("Policy {} version {} does not exist or is not attachable.", facts.name,
                         facts.version);
    case Problem::no_such_inline_policy:
      return fmt::format("The {} policy with name {} cannot be found.", name_of(facts.kind), facts.name);
    case Problem::not_attached:
      return fmt::format("Policy {} was not found.", facts.name);
    default:
      return {};
  }
}

}  // namespace

std::unexpected<wire::ServiceError> failure(const Error& error) {
  return wire::refuse(kServiceFailureException, "The request failed because of an internal error.",
                      error.message);
}

std::unexpected<wire::ServiceError> failure(const identity::Failure& failure) {
  const Facts& facts = failure.facts;
  if (const auto text = conflict(failure.problem); !text.empty())
    return wire::refuse(kDeleteConflictException, std::string(text));
  if (std::string text = missing_text(failure.problem, facts); !text.empty())
    return wire::refuse(kNoSuchEntityException, std::move(text));
  switch (failure.problem) {
    case Problem::already_exists:
      return wire::refuse(kEntityAlreadyExistsException, exists_already(facts));
    case Problem::over_limit:
      return wire::refuse(kLimitExceededException, over_limit(facts));
    case Problem::malformed:
      return wire::refuse(kMalformedPolicyDocumentException, failure.error.message);
    case Problem::invalid:
      return wire::refuse(kInvalidInputException, failure.error.message);
    case Problem::belongs_to_aws:
      return wire::refuse(kUnmodifiableEntityException,
                          fmt::format("Policy {} is owned by AWS and cannot be changed.", facts.name));
    default:
      return iam::failure(failure.error);
  }
}

std::unexpected<wire::ServiceError> failure_of_policy(const identity::Failure& failure) {
  if (failure.problem != Problem::no_such_policy) return iam::failure(failure);
  return wire::refuse(kNoSuchEntityException, fmt::format("Policy {} was not found.", failure.facts.name));
}

std::unexpected<wire::ServiceError> no_such_user(std::string_view name) {
  return wire::refuse(kNoSuchEntityException, fmt::format("The user with name {} cannot be found.", name));
}

std::unexpected<wire::ServiceError> unsupported_parameter(std::string_view name) {
  return wire::refuse(kInvalidInputException, fmt::format("The parameter {} is not supported here.", name));
}

std::string marker_of(std::string_view position) {
  return base64_encode({reinterpret_cast<const std::uint8_t*>(position.data()), position.size()});
}

wire::Answer<std::string> position_of(std::string_view marker) {
  Bytes bytes;
  if (!base64_decode(marker, bytes))
    return std::unexpected(wire::validation_error(kService, "Invalid Marker."));
  return std::string(bytes.begin(), bytes.end());
}

}  // namespace sightline::aws::iam
