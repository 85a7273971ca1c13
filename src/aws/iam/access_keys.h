#pragma once
// Access keys of a user; where none is named, of the caller.

#include "aws/dispatch/context.h"
#include "aws/iam/model.h"
#include "aws/wire/service_error.h"
#include "cloud/identity/identities.h"

namespace sightline::aws::iam {

[[nodiscard]] wire::Answer<CreateAccessKeyResponse> create_access_key(const CreateAccessKeyRequest& request,
                                                                      const dispatch::Context& context,
                                                                      identity::Identities& identities);
[[nodiscard]] wire::Answer<ListAccessKeysResponse> list_access_keys(const ListAccessKeysRequest& request,
                                                                    const dispatch::Context& context,
                                                                    identity::Identities& identities);
[[nodiscard]] wire::Answer<wire::Empty> update_access_key(const UpdateAccessKeyRequest& request,
                                                          const dispatch::Context& context,
                                                          identity::Identities& identities);
[[nodiscard]] wire::Answer<wire::Empty> delete_access_key(const DeleteAccessKeyRequest& request,
                                                          const dispatch::Context& context,
                                                          identity::Identities& identities);

}  // namespace sightline::aws::iam
