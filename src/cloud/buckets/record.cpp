#include "cloud/buckets/record.h"

namespace sightline::buckets {
namespace {

constexpr std::string_view kMetadata = "meta:";

struct Place {
  std::string_view name;
  std::optional<std::string> Attributes::* member;
};

constexpr Place kPlaces[] = {{"content-type", &Attributes::content_type},
                             {"content-encoding", &Attributes::content_encoding},
                             {"content-disposition", &Attributes::content_disposition},
                             {"content-language", &Attributes::content_language},
                             {"cache-control", &Attributes::cache_control},
                             {"expires", &Attributes::expires}};

void put(Bytes& out, std::string_view text) {
  for (unsigned i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(text.size() >> (8 * i) & 0xFFU));
  out.insert(out.end(), text.begin(), text.end());
}

Result<std::string> take(store::BytesView& bytes) {
  std::size_t length = 0;
  for (unsigned i = 0; i < 4 && bytes.size() >= 4; ++i) length |= std::size_t{bytes[i]} << (8 * i);
  if (bytes.size() < 4 || length > bytes.size() - 4)
    return fail(ErrorKind::corrupt, "a row of the buckets is damaged; restore the database from a backup");
  std::string text(bytes.begin() + 4, bytes.begin() + 4 + static_cast<std::ptrdiff_t>(length));
  bytes = bytes.subspan(4 + length);
  return text;
}

}  // namespace

Bytes encode_fields(const Fields& fields) {
  Bytes out;
  for (const auto& [name, value] : fields) {
    put(out, name);
    put(out, value);
  }
  return out;
}

Result<Fields> decode_fields(store::BytesView bytes) {
  Fields fields;
  while (!bytes.empty()) {
    std::string name = TRY(take(bytes));
    fields.emplace_back(std::move(name), TRY(take(bytes)));
  }
  return fields;
}

Bytes encode_attributes(const Attributes& attributes) {
  Fields fields;
  for (const Place& place : kPlaces) {
    if (const auto& value = attributes.*place.member) fields.emplace_back(place.name, *value);
  }
  for (const auto& [name, value] : attributes.metadata)
    fields.emplace_back(std::string(kMetadata) + name, value);
  return encode_fields(fields);
}

Result<Attributes> decode_attributes(store::BytesView bytes) {
  Attributes attributes;
  for (auto& [name, value] : TRY(decode_fields(bytes))) {
    for (const Place& place : kPlaces) {
      if (place.name == name) attributes.*place.member = value;
    }
    if (name.starts_with(kMetadata)) attributes.metadata.emplace(name.substr(kMetadata.size()), value);
  }
  return attributes;
}

}  // namespace sightline::buckets
