#include "cloud/policy/document.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/utf8.h"
#include "cloud/policy/json_tree.h"
#include "cloud/policy/validation.h"

namespace sightline::policy {
namespace {

constexpr std::size_t kMaxBytes = 131072;  // what IAM's models let through, white space and all
/// Of each character that may be counted. One of four bytes takes them all; a policy that is laid out with
/// four spaces a level has twice the characters that it has without.
constexpr std::size_t kBytesPerCharacter = 4;

bool is_white(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

ArnPattern::Short short_form_of(DocumentKind kind) {
  return kind == DocumentKind::resource ? ArnPattern::Short::by_wildcard : ArnPattern::Short::completed;
}

bool keeps_text(DocumentKind kind) {
  return kind == DocumentKind::session || kind == DocumentKind::resource;
}

std::vector<Condition> conditions_of(const JsonTree& statement, bool variables) {
  std::vector<Condition> conditions;
  const JsonTree* operators = statement.find("Condition");
  if (operators == nullptr) return conditions;
  for (std::size_t i = 0; i < operators->items.size(); ++i) {
    const auto what = parse_operator(operators->names[i]);
    const JsonTree& keys = operators->items[i];
    for (std::size_t k = 0; what && k < keys.items.size(); ++k) {
      std::vector<std::string> values;
      each_text_of(&keys.items[k], [&](const std::string& value) { values.push_back(value); });
      conditions.emplace_back(operators->names[i], *what, keys.names[k], values, variables);
    }
  }
  return conditions;
}

Statement compile(const JsonTree& tree, std::size_t index, DocumentKind kind, bool variables) {
  Statement out;
  out.index = index;
  out.allows = tree.find("Effect")->text == "Allow";
  if (const JsonTree* sid = tree.find("Sid")) out.sid = sid->text;
  out.not_action = tree.find("NotAction") != nullptr;
  out.not_resource = tree.find("NotResource") != nullptr;
  out.not_principal = tree.find("NotPrincipal") != nullptr;
  each_text_of(tree.find(out.not_action ? "NotAction" : "Action"), [&](const std::string& text) {
    out.actions.emplace_back(to_lower(text), PatternSyntax{.wildcards = true, .variables = false});
  });
  each_text_of(tree.find(out.not_resource ? "NotResource" : "Resource"), [&](const std::string& text) {
    out.resources.emplace_back(text, PatternSyntax{.wildcards = true, .variables = variables},
                               short_form_of(kind));
  });
  if (const JsonTree* element = tree.find(out.not_principal ? "NotPrincipal" : "Principal"))
    out.principals.emplace(*element);
  out.conditions = conditions_of(tree, variables);
  return out;
}

}  // namespace

PolicySize& PolicySize::operator+=(const PolicySize& other) {
  counted += other.counted;
  bytes += other.bytes;
  return *this;
}

PolicySize size_of(std::string_view text) {
  return {count_characters(text) - static_cast<std::size_t>(std::ranges::count_if(text, is_white)),
          text.size()};
}

bool is_too_large(const PolicySize& size, std::size_t max_characters) {
  return size.counted > max_characters || size.bytes / kBytesPerCharacter > max_characters;
}

Answer<Document> Document::parse(std::string_view text, DocumentKind kind, std::size_t max_characters) {
  if (text.size() > kMaxBytes) return refuse(Problem::too_large, "The policy is too large");
  const auto tree = parse_json_tree(text);
  const bool too_large = kind == DocumentKind::resource ? text.size() > max_characters
                                                        : is_too_large(size_of(text), max_characters);
  if (tree && too_large) return refuse(Problem::too_large, "The policy is too large");
  if (std::string fault = find_fault(tree ? &*tree : nullptr, kind); !fault.empty())
    return refuse(Problem::malformed, std::move(fault));
  State state{kind, keeps_text(kind) ? std::string(text) : std::string(), {}};
  const JsonTree* version = tree->find("Version");
  const bool variables = version != nullptr && version->text == "2012-10-17";
  each_statement(*tree, [&](const JsonTree& statement) {
    state.statements.push_back(compile(statement, state.statements.size(), kind, variables));
  });
  return Document(std::make_shared<const State>(std::move(state)));
}

}  // namespace sightline::policy
