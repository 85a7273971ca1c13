#include "aws/s3/object_attributes.h"

#include "base/ascii.h"

namespace sightline::aws::s3 {

std::optional<std::string> stored_encoding(const std::optional<std::string>& said) {
  if (!said) return std::nullopt;
  std::string kept;
  for (std::string_view rest = *said; !rest.empty();) {
    const std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
    const std::string_view coding = trimmed(item);
    if (coding.empty() || equals_ignoring_case(coding, "aws-chunked")) continue;
    if (!kept.empty()) kept += ',';
    kept += coding;
  }
  return kept.empty() ? std::nullopt : std::optional(kept);
}

std::string in_quotes(std::string_view etag) {
  return '"' + std::string(etag) + '"';
}

std::string unquoted(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

}  // namespace sightline::aws::s3
