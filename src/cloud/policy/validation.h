#pragma once
// What documents may say, and AWS's words for what they may not.

#include <string>
#include <string_view>

#include "cloud/policy/document.h"
#include "cloud/policy/json_tree.h"

namespace sightline::policy {

/// Of a trust policy with other actions than those that assume a role.
inline constexpr std::string_view kTrustActionsFault =
    "Trust Policy statement actions can only be sts:AssumeRole, sts:AssumeRoleWithSAML,  and "
    "sts:AssumeRoleWithWebIdentity";

/// AWS's message for the first fault of a document; empty where there is none. `tree` null: it is no JSON.
[[nodiscard]] std::string find_fault(const JsonTree* tree, DocumentKind kind);

/// The statements of a document, in an array, or one outside of any; null where it has none.
[[nodiscard]] const JsonTree* statements_of(const JsonTree& document);

/// Calls `use` for each text of a member that is a text or an array of them; nulls are passed over.
template <typename Use>
void each_text_of(const JsonTree* member, const Use& use) {
  if (member == nullptr) return;
  if (!member->is(JsonTree::Type::array)) {
    use(member->text);
    return;
  }
  for (const JsonTree& one : member->items)
    if (!one.is(JsonTree::Type::null)) use(one.text);
}

/// Calls `use` for each statement.
template <typename Use>
void each_statement(const JsonTree& document, const Use& use) {
  const JsonTree* statements = statements_of(document);
  if (statements == nullptr) return;
  if (statements->is(JsonTree::Type::object)) {
    use(*statements);
    return;
  }
  for (const JsonTree& one : statements->items) use(one);
}

}  // namespace sightline::policy
