#include "net/message.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>

#include "base/ascii.h"

namespace sightline::net {
namespace {

std::string_view reason_of(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 507:
      return "Insufficient Storage";
    default:
      return "-";
  }
}

bool is_servers_own(std::string_view name) {
  for (const std::string_view own : {"Content-Length", "Transfer-Encoding", "Connection", "Date"})
    if (equals_ignoring_case(name, own)) return true;
  return false;
}

/// Handlers may echo what a client sent: a line break in it would begin a field of the client's making.
void append_safely(std::string& out, std::string_view text) {
  for (const char c : text) out += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
}

}  // namespace

bool has_no_body(std::string_view method, int status) {
  return method == "HEAD" || status == 204 || status == 304 || status < 200;
}

std::string encode_response_head(const RequestHead& request, const Response& response, BodyLength length,
                                 bool keep_alive, std::string_view date) {
  std::string out;
  out.reserve(256);
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status,
                 reason_of(response.status), date);
  for (const Header& field : response.headers) {
    if (is_servers_own(field.name)) continue;
    append_safely(out, field.name);
    out += ": ";
    append_safely(out, field.value);
    out += "\r\n";
  }
  const bool may_tell_length =
      response.status >= 200 && response.status != 204 && (response.status != 304 || length.bytes);
  if (may_tell_length && length.bytes) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", *length.bytes);
  } else if (may_tell_length && request.version == HttpVersion::http_1_1) {
    out += "Transfer-Encoding: chunked\r\n";
  }
  if (!keep_alive) {
    out += "Connection: close\r\n";
  } else if (request.version == HttpVersion::http_1_0) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  return out;
}

}  // namespace sightline::net
