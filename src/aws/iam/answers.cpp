#include "aws/iam/answers.h"

#include "aws/wire/uri.h"

namespace sightline::aws::iam {

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
