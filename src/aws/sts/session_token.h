#pragma once
// Temporary keys for the caller.

#include "aws/dispatch/context.h"
#include "aws/sts/model.h"
#include "aws/wire/service_error.h"
#include "cloud/identity/identities.h"

namespace sightline::aws::sts {

[[nodiscard]] wire::Answer<GetSessionTokenResponse> get_session_token(const GetSessionTokenRequest& request,
                                                                      const dispatch::Context& context,
                                                                      identity::Identities& identities);

}  // namespace sightline::aws::sts
