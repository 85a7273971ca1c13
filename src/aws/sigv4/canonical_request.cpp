#include "aws/sigv4/canonical_request.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "aws/wire/uri.h"
#include "base/ascii.h"

namespace sightline::aws::sigv4 {
namespace {

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// Resolves `.`, `..` and empty segments, as RFC 3986 and the services do.
std::string normalize(std::string_view path) {
  std::vector<std::string_view> segments;
  bool ends_in_slash = false;
  while (!path.empty()) {
    const std::string_view segment = path.substr(0, path.find('/'));
    ends_in_slash = segment.size() < path.size() || segment == "." || segment == "..";
    path.remove_prefix(std::min(segment.size() + 1, path.size()));
    if (segment == "..") {
      if (!segments.empty()) segments.pop_back();
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(segment);
    }
  }
  return fmt::format("/{}{}", fmt::join(segments, "/"), ends_in_slash && !segments.empty() ? "/" : "");
}

std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (!is_space(c)) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

}  // namespace

std::string canonical_path(std::string_view path, PathRule rule) {
  if (rule == PathRule::normalized) return wire::percent_encode(normalize(path), wire::Slash::plain);
  if (path.empty()) return "/";
  const auto decoded = wire::percent_decode(path);
  return decoded ? wire::percent_encode(*decoded, wire::Slash::plain) : std::string(path);
}

std::optional<std::string> canonical_query(std::string_view query) {
  const auto parameters = wire::parse_query(query);
  if (!parameters) return std::nullopt;
  std::vector<std::pair<std::string, std::string>> encoded;
  for (const wire::Parameter& parameter : *parameters) {
    if (parameter.name == "X-Amz-Signature") continue;
    encoded.emplace_back(wire::percent_encode(parameter.name), wire::percent_encode(parameter.value));
  }
  std::ranges::sort(encoded);
  std::string text;
  for (const auto& [name, value] : encoded)
    text += fmt::format("{}{}={}", text.empty() ? "" : "&", name, value);
  return text;
}

std::optional<std::string> canonical_header(const wire::Headers& headers, std::string_view name) {
  std::optional<std::string> joined;
  for (const wire::Header& line : headers) {
    if (!equals_ignoring_case(line.name, name)) continue;
    joined = joined ? *joined + "," + squeezed(line.value) : squeezed(line.value);
  }
  return joined;
}

std::optional<std::string> canonical_request(const wire::HttpRequest& request, PathRule rule,
                                             const std::vector<std::string>& signed_headers,
                                             std::string_view payload_hash) {
  const auto query = canonical_query(request.query());
  if (!query) return std::nullopt;
  std::string text =
      fmt::format("{}\n{}\n{}\n", request.method, canonical_path(request.path(), rule), *query);
  for (const std::string& name : signed_headers) {
    const auto value = canonical_header(request.headers, name);
    if (!value) return std::nullopt;
    text += fmt::format("{}:{}\n", name, *value);
  }
  return text + fmt::format("\n{}\n{}", fmt::join(signed_headers, ";"), payload_hash);
}

}  // namespace sightline::aws::sigv4
