// Documents, condition values and ARNs of anybody: whatever is read is decided on and explained, and what is
// said to be missing allows.

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cloud/policy/decision.h"
#include "cloud/policy/explanation.h"

namespace {

namespace policy = sightline::policy;

/// The next line of the input.
std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return line;
}

/// `few_steps`: so few that none is lacking; else an explanation and a decision may end at different places.
void decide_by(const policy::Document& document, const policy::Request& request, bool few_steps) {
  const std::array<policy::AttachedPolicy, 1> attached{{{"fuzzed", &document}}};
  policy::Policies policies;
  if (document.kind() == policy::DocumentKind::resource || document.kind() == policy::DocumentKind::trust)
    policies.resource = attached.front();
  else if (document.kind() == policy::DocumentKind::session)
    policies.session = attached;
  else
    policies.identity = attached;
  const policy::Decision decision = policy::decide(request, policies);
  if (decision.allowed() != policy::closing_words(decision, request.action).empty()) std::abort();
  bool applies = false;
  for (const auto& statement : policy::explain(request, policies)) {
    if (policy::describe(statement).empty()) std::abort();
    applies = applies || (statement.match.applies() && !statement.allows);
  }
  const bool denied = decision.outcome == policy::Outcome::explicitly_denied;
  const bool asks_who = request.action.size() == std::string_view("sts:GetCallerIdentity").size();
  if (few_steps && applies != denied && !asks_who) std::abort();
  if (decision.allowed() && !policy::missing_statements(request, policies).empty()) std::abort();
}

}  // namespace

/// Lines: an action, a resource, a value of the key aws:username, one of aws:SourceIp, one of s3:prefix; then
/// the document.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  policy::Keys keys;
  policy::Request request;
  request.action = take_line(rest);
  request.resource = take_line(rest);
  request.resource_account = "111122223333";
  for (const std::string_view name : {"aws:username", "aws:sourceip", "s3:prefix"})
    keys.set(name, std::string(take_line(rest)));
  request.keys = &keys;
  const bool few_steps = (size - rest.size()) * rest.size() < policy::kMostSteps / 2;
  const policy::Caller callers[] = {{},
                                    {.kind = policy::CallerKind::user,
                                     .account = "111122223333",
                                     .arn = "arn:aws:iam::111122223333:user/anna",
                                     .name = "anna",
                                     .id = "AIDAEXAMPLEEXAMPLE01"},
                                    {.kind = policy::CallerKind::session,
                                     .account = "444455556666",
                                     .arn = "arn:aws:sts::444455556666:assumed-role/worker/night",
                                     .id = "AROAEXAMPLEEXAMPLE01:night",
                                     .source_arn = "arn:aws:iam::444455556666:role/worker",
                                     .source_id = "AROAEXAMPLEEXAMPLE01"},
                                    {.kind = policy::CallerKind::service, .service = "lambda.amazonaws.com"}};
  for (const auto kind :
       {policy::DocumentKind::identity, policy::DocumentKind::managed, policy::DocumentKind::session,
        policy::DocumentKind::trust, policy::DocumentKind::resource}) {
    const auto document = policy::Document::parse(rest, kind, 20'480);
    if (!document) {
      if (document.error().error.message.empty()) std::abort();
      continue;
    }
    for (const policy::Caller& caller : callers) {
      request.caller = caller;
      decide_by(*document, request, few_steps);
    }
  }
  return 0;
}
