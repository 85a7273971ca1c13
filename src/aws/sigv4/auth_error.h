#pragma once
// What is wrong with a request's credentials, in the words of each family of services.

#include <string>

#include "aws/wire/service_error.h"

namespace sightline::aws::sigv4 {

enum class AuthFailure {
  missing,          ///< no signature at all
  incomplete,       ///< a signature that lacks a part, or cannot be read
  mismatch,         ///< not what the key would have made of this request
  skewed,           ///< signed too long ago, or in the future
  expired,          ///< a presigned request past its time
  unknown_key,      ///< no such key id, or a disabled one
  bad_token,        ///< a session token that does not belong to the key
  expired_token,    ///< a session that is over
  unsigned_header,  ///< a header that must be signed is not
  body_mismatch,    ///< the body is not the one that was signed
};

/// With `message` empty, the service's usual words.
[[nodiscard]] wire::ServiceError auth_error(const wire::Service& service, AuthFailure failure,
                                            std::string message = {});

}  // namespace sightline::aws::sigv4
