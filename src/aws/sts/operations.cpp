#include "aws/sts/operations.h"

#include "aws/sts/assume_role.h"
#include "aws/sts/model.h"
#include "aws/sts/session_token.h"

namespace sightline::aws::sts {
namespace {

constexpr std::uint64_t kMaxBody = std::uint64_t{1} << 20U;

wire::Answer<GetCallerIdentityResponse> get_caller_identity(const GetCallerIdentityRequest&,
                                                            const dispatch::Context& context) {
  GetCallerIdentityResponse response;
  response.user_id = context.caller.id;
  response.account = context.caller.account;
  response.arn = context.caller.arn;
  return response;
}

}  // namespace

void add_operations(dispatch::Operations& operations, const Dependencies& dependencies) {
  operations.unary<GetCallerIdentity>(dependencies.quick, kMaxBody, get_caller_identity);
  operations.permissions<AssumeRole>(permissions_to_assume);
  operations.unary<AssumeRole>(dependencies.quick, kMaxBody,
                               [&identities = dependencies.identities](const AssumeRoleRequest& request,
                                                                       const dispatch::Context& context) {
                                 return assume_role(request, context, identities);
                               });
  operations.unary<GetSessionToken>(
      dependencies.quick, kMaxBody,
      [&identities = dependencies.identities](const GetSessionTokenRequest& request,
                                              const dispatch::Context& context) {
        return get_session_token(request, context, identities);
      });
}

}  // namespace sightline::aws::sts
