#include "cloud/policy/principals.h"

#include <fmt/format.h>

#include <algorithm>

#include "cloud/policy/pattern.h"

namespace sightline::policy {
namespace {

constexpr std::size_t kAccountDigits = 12;

bool is_account(std::string_view text) {
  return text.size() == kAccountDigits &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// The account whose root an ARN means; empty where it means someone else.
std::string_view account_of_root(std::string_view arn) {
  const auto parts = split_arn(arn);
  return parts && (*parts)[2] == "iam" && (*parts)[5] == "root" ? (*parts)[4] : std::string_view();
}

bool is_id(std::string_view text) {
  return text.size() >= 16 && text.size() <= 128 && text.starts_with('A') &&
         std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

/// What the AWS member of an element may say besides "*".
bool is_aws_principal(std::string_view text) {
  if (is_account(text) || is_id(text)) return true;
  const auto parts = split_arn(text);
  if (!parts || (*parts)[0] != "arn" || !is_account((*parts)[4])) return false;
  const std::string_view name = (*parts)[5];
  if (name.find_first_of("*?") != std::string_view::npos) return false;
  if ((*parts)[2] == "iam") return name == "root" || name.starts_with("user/") || name.starts_with("role/");
  return (*parts)[2] == "sts" && (name.starts_with("assumed-role/") || name.starts_with("federated-user/"));
}

/// Calls `use` for each text of a member that is a text or several.
template <typename Use>
void each_text(const JsonTree& member, const Use& use) {
  if (member.is(JsonTree::Type::string)) use(member.text);
  for (const JsonTree& one : member.items) use(one.text);
}

}  // namespace

std::string check_principals(const JsonTree& element) {
  if (element.is(JsonTree::Type::string))
    return element.text == "*" ? "" : fmt::format("\"{}\"", element.text);
  if (!element.is(JsonTree::Type::object) || element.items.empty()) return "\"\"";
  for (std::size_t i = 0; i < element.items.size(); ++i) {
    const std::string& kind = element.names[i];
    const JsonTree& member = element.items[i];
    const bool known = kind == "AWS" || kind == "Service" || kind == "Federated" || kind == "CanonicalUser";
    const bool texts =
        member.is(JsonTree::Type::string) ||
        (member.is(JsonTree::Type::array) && !member.items.empty() &&
         std::ranges::all_of(member.items, [](const auto& one) { return one.is(JsonTree::Type::string); }));
    if (!known || !texts) return fmt::format("\"{}\"", kind);
    std::string wrong;
    each_text(member, [&](const std::string& text) {
      const bool right = kind == "AWS" ? text == "*" || is_aws_principal(text) : !text.empty();
      if (!right && wrong.empty()) wrong = fmt::format("\"{}\":\"{}\"", kind, text);
    });
    if (!wrong.empty()) return wrong;
  }
  return {};
}

Principals::Principals(const JsonTree& element) {
  if (element.is(JsonTree::Type::string)) everyone_ = element.text == "*";
  for (std::size_t i = 0; i < element.items.size(); ++i) {
    const std::string& kind = element.names[i];
    each_text(element.items[i], [&](const std::string& text) {
      if (kind == "Service") {
        services_.push_back(text);
      } else if (kind == "Federated") {
        federated_.push_back(text);
      } else if (kind == "CanonicalUser") {
        canonical_.push_back(text);
      } else if (text == "*") {
        everyone_ = true;
      } else if (is_account(text)) {
        accounts_.push_back(text);
      } else if (const auto account = account_of_root(text); !account.empty()) {
        accounts_.emplace_back(account);
      } else {
        others_.push_back(text);
      }
    });
  }
}

bool Principals::names(std::string_view arn, std::string_view id) const {
  const auto has = [&](std::string_view text) {
    return !text.empty() && std::ranges::find(others_, text) != others_.end();
  };
  return has(arn) || has(id);
}

bool Principals::names_account(const Caller& caller) const {
  const auto has = [](const std::vector<std::string>& texts, std::string_view text) {
    return !text.empty() && std::ranges::find(texts, text) != texts.end();
  };
  return has(accounts_, caller.account) || has(canonical_, caller.canonical_user);
}

Closeness Principals::closeness(const Caller& caller) const {
  if (everyone_) return Closeness::itself;
  switch (caller.kind) {
    case CallerKind::anonymous:
      return Closeness::none;
    case CallerKind::service:
      return std::ranges::find(services_, caller.service) != services_.end() ? Closeness::itself
                                                                             : Closeness::none;
    case CallerKind::federated:
      return std::ranges::find(federated_, caller.service) != federated_.end() ? Closeness::itself
                                                                               : Closeness::none;
    default:
      break;
  }
  if (names(caller.arn, caller.id)) return Closeness::itself;
  if (names(caller.source_arn, caller.source_id)) return Closeness::source;
  return names_account(caller) ? Closeness::account : Closeness::none;
}

bool Principals::name_fully(const Caller& caller) const {
  if (everyone_) return true;
  if (caller.account.empty()) return closeness(caller) == Closeness::itself;
  if (!names_account(caller)) return false;
  if (caller.kind == CallerKind::root) return true;
  const bool source = caller.source_arn.empty() || names(caller.source_arn, caller.source_id);
  return source && names(caller.arn, caller.id);
}

std::vector<std::string> Principals::texts() const {
  std::vector<std::string> out;
  if (everyone_) out.emplace_back("*");
  const auto add = [&](std::string_view kind, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) out.push_back(fmt::format("{}:{}", kind, text));
  };
  add("AWS", accounts_);
  add("AWS", others_);
  add("Service", services_);
  add("Federated", federated_);
  add("CanonicalUser", canonical_);
  return out;
}

}  // namespace sightline::policy
