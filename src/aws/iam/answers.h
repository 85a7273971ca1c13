#pragma once
// What requests and answers of this service have in common.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "aws/dispatch/context.h"
#include "aws/iam/iam_error.h"
#include "aws/iam/model.h"
#include "base/ascii.h"
#include "cloud/identity/identities.h"

namespace sightline::aws::iam {

inline constexpr std::size_t kDefaultPage = 100;

/// Whom a request means.
template <typename Request>
identity::EntityRef entity_of(const Request& request) {
  if constexpr (requires { request.role_name; }) {
    return {identity::EntityKind::role, *request.role_name};
  } else if constexpr (requires { request.group_name; }) {
    return {identity::EntityKind::group, *request.group_name};
  } else {
    return {identity::EntityKind::user, *request.user_name};
  }
}

/// `user` as the domain has it: identity::User, or the Entity of a group's member.
template <typename Kept>
User user_answer(const Kept& user) {
  User answer;
  answer.path = user.path;
  answer.user_name = user.name;
  answer.user_id = user.id;
  answer.arn = user.arn;
  answer.create_date = user.created;
  return answer;
}

/// Of a list that the domain gives in pages; `after` outlives what is returned.
template <typename Request>
wire::Answer<identity::ListQuery> query_of(const Request& request, std::string& after) {
  identity::ListQuery query;
  if constexpr (requires { request.path_prefix; })
    if (request.path_prefix) query.path_prefix = *request.path_prefix;
  if (request.marker) after = TRY(position_of(*request.marker));
  query.after = after;
  query.limit = request.max_items ? static_cast<std::size_t>(*request.max_items) : kDefaultPage;
  return query;
}

template <typename Response>
void end_page(Response& response, const std::optional<std::string>& next) {
  response.is_truncated = next.has_value();
  if (next) response.marker = marker_of(*next);
}

/// A page of a short list that the domain gives as a whole, in the order of `key`.
template <typename Request, typename Response, typename T, typename Key, typename Add>
wire::Answer<void> fill_page(const Request& request, Response& response, const std::vector<T>& all,
                             const Key& key, const Add& add) {
  auto at = all.begin();
  if (request.marker) {
    const std::string after = TRY(position_of(*request.marker));
    at = std::ranges::find_if(all, [&](const T& one) { return std::string_view(key(one)) > after; });
  }
  const std::size_t limit = request.max_items ? static_cast<std::size_t>(*request.max_items) : kDefaultPage;
  std::optional<std::string> last;
  for (std::size_t count = 0; at != all.end() && count < limit; ++at, ++count) {
    add(*at);
    last = key(*at);
  }
  end_page(response, at == all.end() ? std::nullopt : last);
  return {};
}

/// The name of the user whom a request means: who names none means who calls, and the root is empty. Errors:
/// ValidationError, where neither is a user nor the root.
[[nodiscard]] wire::Answer<std::string> user_meant(const std::optional<std::string>& name,
                                                   const dispatch::Context& context);

[[nodiscard]] std::optional<std::vector<Tag>> tags_of(const std::vector<identity::Tag>& tags);
[[nodiscard]] std::vector<identity::Tag> tags_from(const std::optional<std::vector<Tag>>& tags);
/// As IAM's answers carry documents.
[[nodiscard]] std::string encoded_document(std::string_view document);

}  // namespace sightline::aws::iam
