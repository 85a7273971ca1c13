#pragma once
// Signature Version 2 of a presigned S3 request, which boto3, the CLI and JavaScript v2 still make.
// Source: "Signing and authenticating REST requests" in Amazon S3's API reference.

#include <optional>
#include <string>
#include <string_view>

#include "aws/sigv4/presented.h"

namespace sightline::aws::sigv4 {

/// `bucket` is the one that the Host header names: it is signed as part of the path. x-amz- headers, and what
/// a client has moved from there into the query, are signed; the host is not.
[[nodiscard]] std::string string_to_sign_v2(const wire::HttpRequest& request, const Presented& presented,
                                            const std::optional<std::string>& bucket);
[[nodiscard]] std::string signature_v2(std::string_view secret, std::string_view string_to_sign);

}  // namespace sightline::aws::sigv4
