// What policies would say: of a principal, or of documents that come with the request.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <set>

#include "aws/iam/answers.h"
#include "aws/iam/registration.h"
#include "cloud/policy/decision.h"
#include "cloud/policy/explanation.h"

namespace sightline::aws::iam {
namespace {

using dispatch::Context;
using identity::Identities;

// What one request may make the server compute.
constexpr std::size_t kMostEvaluations = 100;    ///< a page has no more, whatever is asked for
constexpr std::size_t kMostPolicyText = 20'480;  ///< of all documents that come with the request
constexpr std::size_t kMostContext = 65'536;     ///< bytes of resources' ARNs and of condition keys
constexpr std::size_t kLeastOfText = 32;         ///< so many bytes a text counts at least

std::string_view source_type(std::string_view policy, policy::PolicyType type) {
  if (type == policy::PolicyType::resource) return "resource";
  if (policy.starts_with("arn:aws:iam::aws:")) return "aws-managed";
  return policy.starts_with("arn:") ? "user-managed" : "none";
}

std::size_t counted(std::string_view text) {
  return std::max(text.size(), kLeastOfText);
}

std::size_t counted(const std::vector<std::string>& texts) {
  std::size_t sum = 0;
  for (const std::string& text : texts) sum += counted(text);
  return sum;
}

std::size_t counted(const ContextEntry& entry) {
  return counted(entry.context_key_name.value_or("")) +
         (entry.context_key_values ? counted(*entry.context_key_values) : 0);
}

/// Errors: InvalidInput where a request's condition keys and resources are too many or too long.
template <typename Request>
wire::Answer<void> check_context(const Request& request) {
  std::size_t sum = request.resource_arns ? counted(*request.resource_arns) : 0;
  if (request.context_entries)
    for (const ContextEntry& entry : *request.context_entries) sum += counted(entry);
  if (sum <= kMostContext) return {};
  return wire::refuse(
      kInvalidInputException,
      fmt::format("Resources and context entries of a simulation have {} bytes at most here.", kMostContext));
}

/// All that one simulation stands on.
class Simulation {
 public:
  Simulation(std::string account, Instant now) : account_(std::move(account)) {
    around_.now = now;
    around_.secure.reset();  // for the request to say
    caller_.kind = policy::CallerKind::user;
    caller_.account = account_;
  }
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  void act_as(std::string_view arn, std::string_view id, const std::vector<identity::Tag>& tags) {
    arn_ = arn;
    id_ = id;
    if (arn.contains(":user/")) name_ = arn_.substr(arn_.rfind('/') + 1);
    if (arn.contains(":role/")) caller_.kind = policy::CallerKind::role;
    caller_.arn = arn_;
    caller_.id = id_;
    caller_.name = name_;
    for (const identity::Tag& tag : tags) around_.principal_tags.emplace_back(tag.key, tag.value);
  }
  void add(identity::EffectivePolicies policies) {
    held_ = std::move(policies);
    attached_.insert(attached_.end(), held_.all().begin(), held_.all().end());
  }

  wire::Answer<void> add(const std::optional<std::vector<std::string>>& documents) {
    if (!documents) return {};
    for (std::size_t i = 0; i < documents->size(); ++i) {
      names_.push_back(fmt::format("PolicyInputList.{}", i + 1));
      attached_.push_back({names_.back(), TRY(read((*documents)[i], policy::DocumentKind::identity))});
    }
    return {};
  }
  wire::Answer<void> set_resource(const std::optional<std::string>& document,
                                  const std::optional<std::string>& owner) {
    if (document) resource_.emplace("ResourcePolicy", TRY(read(*document, policy::DocumentKind::resource)));
    if (owner) {
      const auto parts = policy::split_arn(*owner);
      resource_account_ = parts ? std::string((*parts)[4]) : *owner;
    }
    return {};
  }
  /// Once all else is set.
  void set_keys(const std::optional<std::vector<ContextEntry>>& entries) {
    around_.resource_account = resource_account();
    policy::add_global_keys(caller_, around_, keys_);
    if (!entries) return;
    for (const ContextEntry& entry : *entries)
      if (entry.context_key_name && entry.context_key_values)
        keys_.set(*entry.context_key_name, *entry.context_key_values);
  }

  [[nodiscard]] EvaluationResult evaluate(const std::string& action, const std::string& resource) const {
    policy::Request request;
    request.caller = caller_;
    request.action = action;
    request.resource = resource;
    request.resource_account = resource_account();
    request.keys = &keys_;
    policy::Policies policies;
    policies.identity = attached_;
    policies.resource = resource_;
    const policy::Decision decision = decide(request, policies);
    EvaluationResult result;
    result.eval_action_name = action;
    result.eval_resource_name = resource;
    result.eval_decision = name_of(decision.outcome);
    auto& matched = result.matched_statements.emplace();
    if (decision.statement != nullptr) {
      Statement& statement = matched.emplace_back();
      statement.source_policy_id = decision.policy;
      statement.source_policy_type =
          source_type(decision.policy, decision.by.value_or(policy::PolicyType::identity));
    }
    result.missing_context_values = missing_keys(request, policies);
    return result;
  }

 private:
  [[nodiscard]] std::string_view resource_account() const {
    return resource_account_.empty() ? account_ : resource_account_;
  }

  wire::Answer<const policy::Document*> read(const std::string& text, policy::DocumentKind kind) {
    text_ += text.size();
    if (text_ > kMostPolicyText)
      return wire::refuse(
          kInvalidInputException,
          fmt::format("Policies of a simulation have {} bytes at most here.", kMostPolicyText));
    auto document = policy::Document::parse(text, kind, kMostPolicyText);
    if (!document) return wire::refuse(kInvalidInputException, document.error().error.message);
    return &documents_.emplace_back(*std::move(document));
  }

  /// Condition keys that a statement about this action and resource looks for, and that nobody has given.
  static std::vector<std::string> missing_keys(const policy::Request& request,
                                               const policy::Policies& policies) {
    std::set<std::string> missing;
    for (const policy::ExplainedStatement& statement : explain(request, policies)) {
      if (!statement.match.action || !statement.match.resource) continue;
      for (const policy::ExplainedCondition& condition : statement.conditions)
        if (!condition.seen) missing.insert(condition.key);
    }
    return {missing.begin(), missing.end()};
  }

  const std::string account_;
  std::string arn_;
  std::string id_;
  std::string name_;
  std::string resource_account_;
  policy::Caller caller_;
  policy::RequestContext around_;
  policy::Keys keys_;
  identity::EffectivePolicies held_;
  std::deque<std::string> names_;
  std::deque<policy::Document> documents_;
  std::vector<policy::AttachedPolicy> attached_;
  std::optional<policy::AttachedPolicy> resource_;
  std::size_t text_ = 0;
};

/// Each action on each resource, a page of them.
template <typename Request, typename Response>
wire::Answer<Response> run(const Request& request, Simulation& simulation) {
  TRY(check_context(request));
  TRY(simulation.add(request.policy_input_list));
  TRY(simulation.set_resource(request.resource_policy, request.resource_owner));
  simulation.set_keys(request.context_entries);
  const std::vector<std::string> everything{"*"};
  const std::vector<std::string>& resources =
      request.resource_arns && !request.resource_arns->empty() ? *request.resource_arns : everything;
  std::size_t at = 0;
  if (request.marker) {
    const std::string position = TRY(position_of(*request.marker));
    std::from_chars(position.data(), position.data() + position.size(), at);
  }
  const std::size_t end = request.action_names->size() * resources.size();
  const std::size_t asked = request.max_items ? static_cast<std::size_t>(*request.max_items) : kDefaultPage;
  const std::size_t last = std::min(end, std::min(at, end) + std::min(asked, kMostEvaluations));
  Response response;
  auto& results = response.evaluation_results.emplace();
  for (; at < last; ++at)
    results.push_back(simulation.evaluate((*request.action_names)[at / resources.size()],
                                          resources[at % resources.size()]));
  end_page(response, last < end ? std::optional(fmt::format("{}", last)) : std::nullopt);
  return response;
}

/// Of the caller's account alone.
std::shared_ptr<const identity::Holder> find_holder(std::string_view arn, const Context& context,
                                                    const Identities& identities) {
  auto holder = identities.policies().find_by_arn(arn);
  return holder && holder->account == context.caller.account ? holder : nullptr;
}

/// Whoever is not known has the ARN alone.
void act(Simulation& simulation, const std::string& arn, const Context& context,
         const Identities& identities) {
  const auto holder = find_holder(arn, context, identities);
  simulation.act_as(arn, holder ? holder->id : "", holder ? holder->tags : std::vector<identity::Tag>());
}

wire::Answer<SimulatePolicyResponse> simulate_principal(const SimulatePrincipalPolicyRequest& request,
                                                        const Context& context, Identities& identities) {
  if (request.permissions_boundary_policy_input_list)
    return unsupported_parameter("PermissionsBoundaryPolicyInputList");
  if (request.policy_exclusion_list) return unsupported_parameter("PolicyExclusionList");
  const auto holder = find_holder(*request.policy_source_arn, context, identities);
  if (!holder)
    return wire::refuse(kNoSuchEntityException,
                        fmt::format("The entity with ARN {} cannot be found.", *request.policy_source_arn));
  Simulation simulation(context.caller.account, context.now);
  act(simulation, request.caller_arn.value_or(holder->arn), context, identities);
  simulation.add(identities.policies().policies_of(holder->id));
  return run<SimulatePrincipalPolicyRequest, SimulatePolicyResponse>(request, simulation);
}

wire::Answer<SimulatePolicyResponse> simulate_custom(const SimulateCustomPolicyRequest& request,
                                                     const Context& context, Identities& identities) {
  if (request.permissions_boundary_policy_input_list)
    return unsupported_parameter("PermissionsBoundaryPolicyInputList");
  if (request.ordered_organization_policy_input_list)
    return unsupported_parameter("OrderedOrganizationPolicyInputList");
  Simulation simulation(context.caller.account, context.now);
  if (request.caller_arn) act(simulation, *request.caller_arn, context, identities);
  return run<SimulateCustomPolicyRequest, SimulatePolicyResponse>(request, simulation);
}

}  // namespace

void add_simulation(dispatch::Operations& operations, const Dependencies& dependencies) {
  add<SimulatePrincipalPolicy>(operations, dependencies, simulate_principal);
  add<SimulateCustomPolicy>(operations, dependencies, simulate_custom);
}

}  // namespace sightline::aws::iam
