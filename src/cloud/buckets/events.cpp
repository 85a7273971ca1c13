#include "cloud/buckets/events.h"

#include <algorithm>
#include <charconv>

#include "cloud/buckets/record.h"
#include "cloud/buckets/tables.h"

namespace sightline::buckets {
namespace {

struct ChangeRow {
  Change change;
  std::string_view name;
};

constexpr ChangeRow kChangeRows[] = {{Change::put, "put"},
                                     {Change::copied, "copied"},
                                     {Change::uploaded_in_parts, "uploaded-in-parts"},
                                     {Change::deleted, "deleted"},
                                     {Change::configured, "configured"}};

template <typename Number>
bool parse(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Bytes encode_event(const ObjectEvent& event) {
  Fields fields{{"change", std::string(kChangeRows[static_cast<std::size_t>(event.change)].name)},
                {"bucket", event.bucket},
                {"key", event.key},
                {"size", std::to_string(event.size)},
                {"etag", event.etag},
                {"time", std::to_string(number(event.time))},
                {"principal", event.origin.principal},
                {"source-ip", event.origin.source_ip},
                {"request-id", event.origin.request_id}};
  if (event.origin.trace_header) fields.emplace_back("trace-header", *event.origin.trace_header);
  return encode_fields(fields);
}

Result<ObjectEvent> decode_event(const store::Event& from) {
  ObjectEvent event;
  event.origin.cause = from.cause;
  event.account = from.account;
  event.region = from.region;
  event.notification = from.subscription;
  event.sequence = from.sequence;
  std::int64_t time = 0;
  bool right = true;
  for (auto& [name, value] : TRY(decode_fields(from.payload))) {
    if (name == "change") {
      const auto* const row = std::ranges::find(kChangeRows, std::string_view(value), &ChangeRow::name);
      right = right && row != std::end(kChangeRows);
      if (right) event.change = row->change;
    } else if (name == "bucket") {
      event.bucket = std::move(value);
    } else if (name == "key") {
      event.key = std::move(value);
    } else if (name == "etag") {
      event.etag = std::move(value);
    } else if (name == "size") {
      right = right && parse(value, event.size);
    } else if (name == "time") {
      right = right && parse(value, time);
    } else if (name == "principal") {
      event.origin.principal = std::move(value);
    } else if (name == "source-ip") {
      event.origin.source_ip = std::move(value);
    } else if (name == "request-id") {
      event.origin.request_id = std::move(value);
    } else if (name == "trace-header") {
      event.origin.trace_header = std::move(value);
    }
  }
  if (!right || event.bucket.empty()) return fail(ErrorKind::corrupt, "an event about an object is damaged");
  event.time = instant(time);
  return event;
}

}  // namespace sightline::buckets
