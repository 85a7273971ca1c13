#pragma once
// Names of resources: "arn:aws:sqs:us-east-1:000000000000:jobs".

#include <optional>
#include <string>
#include <string_view>

namespace sightline::bus {

/// Region and account may be empty, as in a bucket's.
struct Arn {
  std::string service;
  std::string region;
  std::string account;
  std::string resource;  ///< all that follows the account
};

/// nullopt where a part is missing, or service or resource are empty.
[[nodiscard]] std::optional<Arn> parse_arn(std::string_view text);

}  // namespace sightline::bus
