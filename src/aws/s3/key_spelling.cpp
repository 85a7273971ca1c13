#include "aws/s3/key_spelling.h"

#include "aws/wire/uri.h"
#include "base/markup.h"

namespace sightline::aws::s3 {

std::optional<std::string> key_in_answer(const std::optional<std::string>& key) {
  return key && is_xml_text(*key) ? key : std::nullopt;
}

bool stands_in_xml(const std::optional<std::string>& key) {
  return !key || is_xml_text(*key);
}

std::string in_url_encoding(const std::string& key) {
  return wire::percent_encode(key, wire::Slash::plain);
}

}  // namespace sightline::aws::s3
