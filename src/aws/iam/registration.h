#pragma once
// How the sources of this folder register their handlers.

#include "aws/dispatch/operations.h"
#include "aws/iam/operations.h"

namespace sightline::aws::iam {

inline constexpr std::uint64_t kMaxBody = std::uint64_t{1} << 20U;

/// Without MFA, which there is not here, AWS lets nobody call IAM with a session of GetSessionToken: who
/// finds one could make a key that lasts.
inline wire::Answer<void> refuse_sessions(const dispatch::Context& context) {
  if (context.caller.kind != identity::PrincipalKind::session) return {};
  return wire::refuse({"InvalidClientTokenId", "InvalidClientTokenId", 403, wire::Fault::sender},
                      "The security token included in the request is invalid");
}

/// `handler` takes the request, the context and Identities.
template <typename Op, typename Handler>
void add(dispatch::Operations& operations, const Dependencies& dependencies, const Handler& handler) {
  operations.unary<Op>(dependencies.quick, kMaxBody,
                       [&identities = dependencies.identities, handler](
                           const typename Op::Request& request,
                           const dispatch::Context& context) -> wire::Answer<typename Op::Response> {
                         TRY(refuse_sessions(context));
                         return handler(request, context, identities);
                       });
}

void add_roles(dispatch::Operations& operations, const Dependencies& dependencies);
void add_groups(dispatch::Operations& operations, const Dependencies& dependencies);
void add_entity_policies(dispatch::Operations& operations, const Dependencies& dependencies);
void add_managed_policies(dispatch::Operations& operations, const Dependencies& dependencies);
void add_account_details(dispatch::Operations& operations, const Dependencies& dependencies);
void add_simulation(dispatch::Operations& operations, const Dependencies& dependencies);
void add_tags(dispatch::Operations& operations, const Dependencies& dependencies);

}  // namespace sightline::aws::iam
