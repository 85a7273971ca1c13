#include "net/request_head.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/whole_number.h"

namespace sightline::net {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

bool is_token_char(char c) {
  if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) return true;
  return std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

/// Field values: visible characters, spaces, tabs and bytes over 0x7F; no CR, LF, NUL or other control.
bool is_value_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return c == '\t' || (byte >= 0x20 && byte != 0x7F);
}

/// Targets hold no white space and no controls. Bytes over 0x7F pass: some clients do not escape them.
bool is_target_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7F && c != '#';
}

bool is_host_char(char c) {
  return is_token_char(c) || c == ':' || c == '[' || c == ']' || c == '(' || c == ')' || c == ',' || c == ';';
}

std::unexpected<Error> malformed(std::string message) {
  return fail(ErrorKind::corrupt, std::move(message));
}

Result<void> parse_version(std::string_view version, RequestHead& head) {
  if (version == "HTTP/1.1") {
    head.version = HttpVersion::http_1_1;
  } else if (version == "HTTP/1.0") {
    head.version = HttpVersion::http_1_0;
  } else if (version.starts_with("HTTP/") && version.size() == 8) {
    return fail(ErrorKind::unsupported, "only HTTP/1.0 and HTTP/1.1 are served here");
  } else {
    return malformed("the request line does not end with an HTTP version");
  }
  return {};
}

/// Sets target, and host from an absolute form.
Result<void> parse_target(std::string_view target, RequestHead& head) {
  if (target.empty() || !std::ranges::all_of(target, is_target_char))
    return malformed("the request target has a character that must be escaped");
  if (target.front() == '/' || (target == "*" && head.method == "OPTIONS")) {
    head.target = target;
    return {};
  }
  const auto scheme_end = target.find("://");
  const auto scheme = target.substr(0, scheme_end);
  if (scheme_end == std::string_view::npos ||
      (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https")))
    return malformed("the request target is neither a path nor a URL");
  target.remove_prefix(scheme_end + 3);
  const auto host_end = std::min(target.find_first_of("/?"), target.size());
  const auto host = target.substr(0, host_end);
  if (host.empty() || !std::ranges::all_of(host, is_host_char))
    return malformed("the request target names no valid host");
  head.host = host;
  target.remove_prefix(host_end);
  head.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
  return {};
}

Result<void> parse_request_line(std::string_view line, RequestHead& head) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return malformed("the request line is not METHOD TARGET VERSION");
  const auto method = line.substr(0, first);
  if (!is_token(method) || method.size() > 32) return malformed("the request's method is malformed");
  head.method = method;
  TRY(parse_version(line.substr(last + 1), head));
  return parse_target(line.substr(first + 1, last - first - 1), head);
}

Result<void> parse_field(std::string_view line, RequestHead& head) {
  if (line.front() == ' ' || line.front() == '\t')
    return malformed("a header field is folded over two lines");
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return malformed("a header field has no colon");
  const auto name = line.substr(0, colon);
  if (!is_token(name)) return malformed("a header field's name is malformed");
  const auto value = trimmed(line.substr(colon + 1));
  if (!std::ranges::all_of(value, is_value_char))
    return malformed(fmt::format("the header field {} has a control character", name.substr(0, 64)));
  head.headers.add(std::string(name), std::string(value));
  return {};
}

Result<void> decide_host(RequestHead& head) {
  const auto hosts = head.headers.count("Host");
  if (hosts > 1) return malformed("there is more than one Host field");
  if (hosts == 0) {
    if (head.version == HttpVersion::http_1_1) return malformed("the Host field is missing");
    return {};
  }
  const auto host = *head.headers.find("Host");
  if (!std::ranges::all_of(host, is_host_char)) return malformed("the Host field is malformed");
  if (head.host.empty()) head.host = host;
  return {};
}

/// One length, stated once (RFC 9112, section 6).
Result<void> decide_length(RequestHead& head) {
  const auto codings = head.headers.count("Transfer-Encoding");
  const auto lengths = head.headers.count("Content-Length");
  if (codings > 0 && lengths > 0) return malformed("both Transfer-Encoding and Content-Length are there");
  if (codings > 0) {
    if (head.version == HttpVersion::http_1_0) return malformed("Transfer-Encoding is not part of HTTP/1.0");
    if (codings > 1) return malformed("there is more than one Transfer-Encoding field");
    if (!equals_ignoring_case(*head.headers.find("Transfer-Encoding"), "chunked"))
      return fail(ErrorKind::unsupported, "chunked is the only transfer coding served here");
    head.chunked = true;
  }
  if (lengths > 0) {
    if (lengths > 1) return malformed("there is more than one Content-Length field");
    head.content_length = parse_whole<std::uint64_t>(*head.headers.find("Content-Length"));
    if (!head.content_length || *head.content_length > kMaxBodyBytes)
      return malformed("Content-Length is no number of bytes");
  }
  return {};
}

Result<void> decide_connection(RequestHead& head) {
  const bool modern = head.version == HttpVersion::http_1_1;
  head.keep_alive =
      modern ? !head.headers.lists("Connection", "close") : head.headers.lists("Connection", "keep-alive");
  if (const auto expectation = head.headers.find("Expect"); expectation && modern) {
    if (!equals_ignoring_case(*expectation, "100-continue"))
      return fail(ErrorKind::invalid_argument, "100-continue is the only expectation served here");
    head.expects_continue = true;
  }
  return {};
}

}  // namespace

std::string_view RequestHead::query() const {
  const auto mark = target.find('?');
  return mark == std::string::npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
}

Result<std::optional<std::size_t>> find_head_end(std::string_view input) {
  std::size_t line_begin = 0;
  while (true) {
    const auto end = input.find('\n', line_begin);
    const auto line = input.substr(line_begin, end == std::string_view::npos ? end : end - line_begin);
    if (line.find('\0') != std::string_view::npos) return malformed("the header has a NUL");
    if (end == std::string_view::npos) return std::nullopt;
    if (!line.ends_with('\r')) return malformed("a line of the header ends with a bare LF");
    if (line.size() == 1) return end + 1;
    line_begin = end + 1;
  }
}

Result<RequestHead> parse_request_head(std::string_view bytes, const HeadLimits& limits) {
  if (bytes.size() > limits.bytes)
    return fail(ErrorKind::too_large, fmt::format("the header has more than {} bytes", limits.bytes));
  if (!bytes.ends_with("\r\n\r\n")) return malformed("the header does not end with an empty line");
  bytes.remove_suffix(kLineEnd.size());
  RequestHead head;
  bool first = true;
  while (!bytes.empty()) {
    const auto end = bytes.find(kLineEnd);
    const auto line = bytes.substr(0, end);
    bytes.remove_prefix(end + kLineEnd.size());
    if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
      return malformed("a line of the header has a bare CR, LF or NUL");
    if (first) {
      TRY(parse_request_line(line, head));
      first = false;
      continue;
    }
    if (line.empty()) return malformed("the header has an empty line in its midst");
    if (head.headers.size() >= limits.fields)
      return fail(ErrorKind::too_large, fmt::format("there are more than {} header fields", limits.fields));
    TRY(parse_field(line, head));
  }
  if (first) return malformed("the request line is missing");
  TRY(decide_host(head));
  TRY(decide_length(head));
  TRY(decide_connection(head));
  return head;
}

}  // namespace sightline::net
