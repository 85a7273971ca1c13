#pragma once
// The text that a Signature Version 4 signs, made again from what came over the wire.
// Source: "Create a signed AWS API request" in AWS's IAM User Guide.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/wire/http.h"

namespace sightline::aws::sigv4 {

/// S3 signs a path as it is, encoded once. All others resolve its dots and double slashes and encode it
/// again.
enum class PathRule { as_is, normalized };

[[nodiscard]] std::string canonical_path(std::string_view path, PathRule rule);
/// Parameters decoded, encoded strictly and sorted, without `X-Amz-Signature`. Empty optional where the
/// encoding is broken.
[[nodiscard]] std::optional<std::string> canonical_query(std::string_view query);
/// Value of all lines named `name`: trimmed, runs of spaces made one, joined by commas. Empty optional where
/// there is none.
[[nodiscard]] std::optional<std::string> canonical_header(const wire::Headers& headers,
                                                          std::string_view name);

/// `signed_headers` are in small letters and sorted. Empty optional where the query cannot be read or one of
/// the headers is not there.
[[nodiscard]] std::optional<std::string> canonical_request(const wire::HttpRequest& request, PathRule rule,
                                                           const std::vector<std::string>& signed_headers,
                                                           std::string_view payload_hash);

}  // namespace sightline::aws::sigv4
