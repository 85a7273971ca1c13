#include "net/access_log.h"

#include <fmt/format.h>

#include <string_view>

#include "base/time_text.h"

namespace sightline::net {
namespace {

/// Text inside JSON quotes: quotes, backslashes and everything outside printable ASCII escaped. Bytes over
/// 0x7F are shown as the code point of the same number, since paths need not be UTF-8.
std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7F) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

std::string or_dash(std::string_view text) {
  return text.empty() ? "-" : escaped(text);
}

double milliseconds(const AccessRecord& record) {
  return static_cast<double>(record.took.count()) / 1000;
}

}  // namespace

std::string to_text(const AccessRecord& record) {
  return fmt::format("{} {} {} {} {} {} {} in={} out={} {:.3f}ms{}{}", iso8601(record.time, Fraction::always),
                     record.id, record.peer, or_dash(record.method), or_dash(record.path),
                     or_dash(record.operation), record.status, record.bytes_in, record.bytes_out,
                     milliseconds(record), record.note.empty() ? "" : " ", escaped(record.note));
}

std::string to_json(const AccessRecord& record) {
  return fmt::format(
      R"({{"time":"{}","request_id":"{}","peer":"{}","method":"{}","path":"{}","operation":"{}",)"
      R"("status":{},"bytes_in":{},"bytes_out":{},"ms":{:.3f},"note":"{}"}})",
      iso8601(record.time, Fraction::always), escaped(record.id), escaped(record.peer),
      escaped(record.method), escaped(record.path), escaped(record.operation), record.status, record.bytes_in,
      record.bytes_out, milliseconds(record), escaped(record.note));
}

}  // namespace sightline::net
