#pragma once
// AWS's own managed policies that are built in, with their real paths and documents.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cloud/policy/decision.h"

namespace sightline::policy {

/// Constant for the life of the program.
struct ManagedPolicy {
  std::string_view name;      ///< "AWSLambdaRole"
  std::string_view path;      ///< "/service-role/"
  std::string_view version;   ///< of the document, "v1"
  std::string_view created;   ///< ISO 8601, in UTC
  std::string_view updated;   ///< likewise
  std::string_view document;  ///< JSON of version 2012-10-17; some are longer than users' may be

  /// "arn:aws:iam::aws:policy/service-role/AWSLambdaRole".
  [[nodiscard]] std::string arn() const;
};

/// In the order of their names.
[[nodiscard]] std::span<const ManagedPolicy> managed_policies();
/// Null where none that is built in has the ARN.
[[nodiscard]] const ManagedPolicy* find_managed_policy(std::string_view arn);
/// The same, compiled when it is first asked for. Its texts last as long as the program.
[[nodiscard]] std::optional<AttachedPolicy> find_compiled_policy(std::string_view arn);

}  // namespace sightline::policy
