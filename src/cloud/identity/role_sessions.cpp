#include "cloud/identity/role_sessions.h"

#include <algorithm>

namespace sightline::identity {
namespace {

constexpr char kBetween = '\x1e';
constexpr char kWithin = '\x1f';

/// Each part of `column` ends with a separator.
template <typename Use>
void each_part(std::string_view column, const Use& use) {
  while (!column.empty()) {
    const auto end = std::min(column.find(kBetween), column.size());
    use(column.substr(0, end));
    column.remove_prefix(std::min(end + 1, column.size()));
  }
}

}  // namespace

std::string join_arns(const std::vector<std::string>& arns) {
  std::string column;
  for (const std::string& arn : arns) (column += arn) += kBetween;
  return column;
}

std::string join_tags(const RoleSession& session) {
  std::string column;
  for (const Tag& tag : session.tags) {
    ((column += tag.key) += kWithin) += tag.value;
    if (std::ranges::count(session.transitive_keys, tag.key) > 0) column += kWithin;
    column += kBetween;
  }
  return column;
}

std::vector<std::string> split_arns(std::string_view column) {
  std::vector<std::string> arns;
  each_part(column, [&](std::string_view part) { arns.emplace_back(part); });
  return arns;
}

void split_tags(std::string_view column, RoleSession& session) {
  each_part(column, [&](std::string_view part) {
    const bool transitive = part.ends_with(kWithin) && std::ranges::count(part, kWithin) == 2;
    if (transitive) part.remove_suffix(1);
    const auto middle = std::min(part.find(kWithin), part.size());
    Tag& tag = session.tags.emplace_back();
    tag.key = part.substr(0, middle);
    tag.value = part.substr(std::min(middle + 1, part.size()));
    if (transitive) session.transitive_keys.push_back(tag.key);
  });
}

}  // namespace sightline::identity
