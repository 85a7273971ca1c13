#pragma once
// JSON read strictly: a name twice in an object, invalid UTF-8 and deep nesting are errors, members keep
// their order.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::policy {

struct JsonTree {
  enum class Type : std::uint8_t { null, boolean, number, string, array, object };

  Type type = Type::null;
  std::string text;                ///< a string's, or how a number or boolean was written
  std::vector<std::string> names;  ///< of an object's members, which are `items`
  std::vector<JsonTree> items;

  /// Null where an object has no such member.
  [[nodiscard]] const JsonTree* find(std::string_view name) const;
  [[nodiscard]] JsonTree* find(std::string_view name);
  [[nodiscard]] bool is(Type wanted) const { return type == wanted; }
};

/// Nothing where `text` is not JSON, or breaks the rules above.
[[nodiscard]] std::optional<JsonTree> parse_json_tree(std::string_view text);
/// Without white space; numbers as they were written.
[[nodiscard]] std::string write_json_tree(const JsonTree& tree);

}  // namespace sightline::policy
