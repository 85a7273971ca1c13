#include "aws/iam/answers.h"

#include "aws/wire/uri.h"

namespace sightline::aws::iam {

wire::Answer<std::string> user_meant(const std::optional<std::string>& name,
                                     const dispatch::Context& context) {
  if (name) return *name;
  using identity::PrincipalKind;
  const PrincipalKind kind = context.caller.kind;
  if (kind == PrincipalKind::root || kind == PrincipalKind::user || kind == PrincipalKind::session)
    return context.caller.name;
  return std::unexpected(
      wire::validation_error(kService, "Must specify userName when calling with non-User credentials"));
}

std::optional<std::vector<Tag>> tags_of(const std::vector<identity::Tag>& tags) {
  if (tags.empty()) return std::nullopt;
  std::vector<Tag> answer;
  for (const identity::Tag& tag : tags) answer.push_back({tag.key, tag.value});
  return answer;
}

std::vector<identity::Tag> tags_from(const std::optional<std::vector<Tag>>& tags) {
  std::vector<identity::Tag> out;
  if (tags)
    for (const Tag& tag : *tags) out.push_back({*tag.key, *tag.value});
  return out;
}

std::string encoded_document(std::string_view document) {
  return wire::percent_encode(document);
}

}  // namespace sightline::aws::iam
