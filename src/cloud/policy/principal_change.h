#pragma once
// Documents that follow a principal whose ARN changes, or goes: AWS keeps its id in them.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sightline::policy {

/// The document with `by` in place of each principal (AWS) of its statements that `is_meant`; nothing where
/// none is. All else, such as the values of conditions, says what it said; white space goes.
[[nodiscard]] std::optional<std::string> replace_principals(
    std::string_view document, const std::function<bool(std::string_view)>& is_meant, std::string_view by);

}  // namespace sightline::policy
