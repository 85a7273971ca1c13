#include "cloud/policy/principal_change.h"

#include "cloud/policy/json_tree.h"

namespace sightline::policy {
namespace {

class Change {
 public:
  Change(const std::function<bool(std::string_view)>& is_meant, std::string_view by)
      : is_meant_(is_meant), by_(by) {}

  /// A document's statements: one, or several in an array.
  void in_statements(JsonTree& statements) {
    if (statements.is(JsonTree::Type::object)) return in_statement(statements);
    for (JsonTree& one : statements.items) in_statement(one);
  }
  [[nodiscard]] bool done() const { return done_; }

 private:
  void in_statement(JsonTree& statement) {
    for (const std::string_view element : {"Principal", "NotPrincipal"})
      if (JsonTree* principals = statement.find(element))
        if (JsonTree* member = principals->find("AWS")) in_member(*member);
  }
  void in_member(JsonTree& member) {
    in_text(member);
    for (JsonTree& one : member.items) in_text(one);
  }
  void in_text(JsonTree& one) {
    if (!one.is(JsonTree::Type::string) || !is_meant_(one.text)) return;
    one.text = by_;
    done_ = true;
  }

  const std::function<bool(std::string_view)>& is_meant_;
  std::string_view by_;
  bool done_ = false;
};

}  // namespace

std::optional<std::string> replace_principals(std::string_view document,
                                              const std::function<bool(std::string_view)>& is_meant,
                                              std::string_view by) {
  auto tree = parse_json_tree(document);
  if (!tree) return std::nullopt;
  JsonTree* statements = tree->find("Statement");
  if (statements == nullptr) return std::nullopt;
  Change change(is_meant, by);
  change.in_statements(*statements);
  return change.done() ? std::optional(write_json_tree(*tree)) : std::nullopt;
}

}  // namespace sightline::policy
