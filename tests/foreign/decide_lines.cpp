// Decides requests that come as lines of JSON, one answer a line; see iam_simulate.py for both.

#include <boost/json.hpp>
#include <deque>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "cloud/policy/decision.h"
#include "cloud/policy/explanation.h"

namespace {

namespace json = boost::json;
namespace policy = sightline::policy;

constexpr std::size_t kNoLimit = 1U << 17U;

std::string text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

policy::CallerKind kind_of(const std::string& name) {
  const std::pair<std::string_view, policy::CallerKind> kinds[] = {
      {"root", policy::CallerKind::root},
      {"user", policy::CallerKind::user},
      {"role", policy::CallerKind::role},
      {"session", policy::CallerKind::session},
      {"federated_user", policy::CallerKind::federated_user},
      {"service", policy::CallerKind::service},
      {"federated", policy::CallerKind::federated},
  };
  for (const auto& [known, kind] : kinds)
    if (known == name) return kind;
  return policy::CallerKind::anonymous;
}

/// A case and all that its views point to.
class Case {
 public:
  explicit Case(const json::object& line) : line_(line) {}

  json::object answer() {
    const json::object& caller = line_.at("caller").as_object();
    policy::Request request;
    request.caller.kind = kind_of(text_of(caller, "kind"));
    request.caller.account = keep(text_of(caller, "account"));
    request.caller.arn = keep(text_of(caller, "arn"));
    request.caller.name = keep(text_of(caller, "name"));
    request.caller.id = keep(text_of(caller, "id"));
    request.caller.source_arn = keep(text_of(caller, "source_arn"));
    request.caller.service = keep(text_of(caller, "service"));
    request.action = keep(text_of(line_, "action"));
    request.resource = keep(text_of(line_, "resource"));
    request.resource_account = keep(text_of(line_, "resource_account"));
    policy::Keys keys;
    policy::Surroundings around;
    around.now = sightline::SystemClock().now();
    around.resource_account = request.resource_account;
    policy::add_global_keys(request.caller, around, keys);
    for (const auto& [name, values] : line_.at("keys").as_object())
      for (const auto& value : values.as_array()) {
        if (&value == values.as_array().data()) keys.set(name, std::vector<std::string>());
        keys.add(name, std::string(value.as_string()));
      }
    request.keys = &keys;
    const auto identity = attach("identity", policy::DocumentKind::identity);
    const auto session = attach("session", policy::DocumentKind::session);
    const bool trust = request.action.starts_with("sts:AssumeRole");
    const auto resource =
        attach("resource_policy", trust ? policy::DocumentKind::trust : policy::DocumentKind::resource);
    if (!fault_.empty()) return {{"fault", fault_}};
    policy::Policies policies{identity, session, {}};
    if (!resource.empty()) policies.resource = resource.front();
    return report(request, policies);
  }

 private:
  static json::object report(const policy::Request& request, const policy::Policies& policies) {
    const policy::Decision decision = policy::decide(request, policies);
    constexpr const char* kOutcomes[] = {"Allowed", "ExplicitlyDenied", "ImplicitlyDenied"};
    json::array statements;
    for (const auto& statement : policy::explain(request, policies))
      statements.emplace_back(policy::describe(statement));
    json::array missing;
    for (const auto& statement : policy::missing_statements(request, policies))
      missing.emplace_back(statement.statement);
    return {{"outcome", kOutcomes[static_cast<int>(decision.outcome)]},
            {"words", policy::closing_words(decision, request.action)},
            {"statements", statements},
            {"missing", missing}};
  }

  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

  std::vector<policy::AttachedPolicy> attach(std::string_view member, policy::DocumentKind kind) {
    std::vector<policy::AttachedPolicy> out;
    for (const auto& document : line_.at(member).as_array()) {
      auto parsed = policy::Document::parse(json::serialize(document), kind, kNoLimit);
      if (!parsed) {
        fault_ = parsed.error().error.message;
        continue;
      }
      out.push_back({member, &documents_.emplace_back(std::move(*parsed))});
    }
    return out;
  }

  const json::object& line_;
  std::deque<std::string> texts_;
  std::deque<policy::Document> documents_;
  std::string fault_;
};

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const json::value value = json::parse(line);
    std::cout << json::serialize(Case(value.as_object()).answer()) << std::endl;
  }
}
