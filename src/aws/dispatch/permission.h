#pragma once
// What a caller must be allowed before an operation runs, and who decides it.
//
// Each operation's row in operations.txt names IAM actions and templates of resources (wire::Permission).
// Operations fills them from the decoded and validated request and asks the Authorizer, for all kinds of
// handler at the same place; of a streamed body nothing has been read then. What no template can say is said
// by a function that is registered beside the handler, or the handler asks itself for each thing it touches
// (check_access).

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/dispatch/context.h"
#include "aws/wire/model.h"
#include "aws/wire/service_error.h"
#include "cloud/policy/document.h"

namespace sightline::aws::dispatch {

/// One thing that a caller wants to do.
struct AccessRequest {
  std::string action;    ///< "s3:GetObject"
  std::string resource;  ///< an ARN, or "*" where the action knows no resources
  /// Condition keys that the request itself says, such as s3:prefix. What every request has stands in
  /// Context.
  std::vector<std::pair<std::string, std::string>> conditions = {};
  /// What a refusal calls the resource, where that is not its ARN: "user alice", as the request has it. The
  /// path and spelling that it was found under are not for everybody.
  std::string shown_as = {};
  bool operator==(const AccessRequest&) const = default;
};

/// Why something is refused.
struct Denial {
  /// As AWS ends its message: "because no identity-based policy allows the s3:GetObject action". Empty where
  /// AWS does not say.
  std::string reason;
  bool absent = false;   ///< there is no such resource, which S3 says in its place
  bool foreign = false;  ///< it is another account's: S3 says no reason then
};

/// Decides. Thread-safe, and quick: it is asked in the middle of requests.
class Authorizer {
 public:
  Authorizer() = default;
  Authorizer(const Authorizer&) = delete;
  Authorizer& operator=(const Authorizer&) = delete;
  virtual ~Authorizer() = default;
  /// Nothing where `context.caller` may do it.
  [[nodiscard]] virtual std::optional<Denial> deny(const AccessRequest& access,
                                                   const Context& context) const = 0;
};

/// What hangs on a resource: whose it is, and its own policy, which other accounts need beside theirs.
struct ResourcePolicy {
  std::string owner;                              ///< an account
  std::optional<policy::Document> document = {};  ///< of a role its trust policy
};

/// Resource policies by ARN, from whichever domain keeps the resource. Filled at start, then constant.
class ResourcePolicies {
 public:
  /// As `account`, the caller's, may use it: a policy that does not count for others is left out, and where
  /// several have the name, the account's own is meant. The account is empty where nobody signed. Nothing for
  /// what does not exist.
  using Find = std::function<std::optional<ResourcePolicy>(std::string_view arn, std::string_view account)>;
  /// `service` as ARNs name it: "s3", "lambda".
  void add(std::string service, Find find) { finders_.insert_or_assign(std::move(service), std::move(find)); }
  [[nodiscard]] std::optional<ResourcePolicy> find(std::string_view arn, std::string_view account) const;

 private:
  std::map<std::string, Find, std::less<>> finders_;
};

/// Texts that stand in a template in place of a member's value, one permission each. `value` is null where
/// the request leaves the member out.
using Resolver =
    std::function<wire::Answer<std::vector<std::string>>(const std::string* value, const Context& context)>;
/// Of one service, by the name that its templates use.
using Resolvers = std::map<std::string, Resolver, std::less<>>;

/// The permissions that `operation` needs for `request`, an object of its input's struct. Errors: a
/// resolver's; internal where a template that must give something gives nothing: an omission allows nothing.
[[nodiscard]] wire::Answer<std::vector<AccessRequest>> needed_permissions(const wire::Operation& operation,
                                                                          const void* request,
                                                                          const Context& context,
                                                                          const Resolvers& resolvers);

/// The names of resolvers that an operation's templates use.
[[nodiscard]] std::vector<std::string_view> resolvers_of(const wire::Operation& operation);

/// Asks the context's authorizer.
[[nodiscard]] bool may(const AccessRequest& access, const Context& context);
/// The same. Errors: AccessDenied in the words of `service`.
[[nodiscard]] wire::Answer<void> check_access(const AccessRequest& access, const Context& context,
                                              const wire::Service& service);

}  // namespace sightline::aws::dispatch
