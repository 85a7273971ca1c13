#pragma once
// Users of an account: made, looked up, listed, renamed, deleted.

#include "aws/dispatch/context.h"
#include "aws/iam/model.h"
#include "aws/wire/service_error.h"
#include "cloud/identity/identities.h"

namespace sightline::aws::iam {

[[nodiscard]] wire::Answer<CreateUserResponse> create_user(const CreateUserRequest& request,
                                                           const dispatch::Context& context,
                                                           identity::Identities& identities);
/// Without a name the caller. Of the root nothing but its id and ARN is known.
[[nodiscard]] wire::Answer<GetUserResponse> get_user(const GetUserRequest& request,
                                                     const dispatch::Context& context,
                                                     identity::Identities& identities);
[[nodiscard]] wire::Answer<ListUsersResponse> list_users(const ListUsersRequest& request,
                                                         const dispatch::Context& context,
                                                         identity::Identities& identities);
[[nodiscard]] wire::Answer<wire::Empty> update_user(const UpdateUserRequest& request,
                                                    const dispatch::Context& context,
                                                    identity::Identities& identities);
[[nodiscard]] wire::Answer<wire::Empty> delete_user(const DeleteUserRequest& request,
                                                    const dispatch::Context& context,
                                                    identity::Identities& identities);

}  // namespace sightline::aws::iam
