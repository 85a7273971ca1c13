#include "cloud/buckets/types.h"

#include <algorithm>

#include "base/ascii.h"

namespace sightline::buckets {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter_or_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z');
}

/// Four numbers with points between them.
bool looks_like_ip_address(std::string_view name) {
  return std::ranges::count(name, '.') == 3 &&
         std::ranges::all_of(name, [](char c) { return c == '.' || is_digit(c); });
}

/// Whether a list of entity tags names this one. Objects have strong tags alone.
bool lists_tag(std::string_view list, std::string_view etag) {
  while (!list.empty()) {
    std::string_view item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(item.size() + 1, list.size()));
    item = trimmed(item);
    if (item == "*") return true;
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item.size() >= 2 && item.front() == '"' && item.back() == '"') item = item.substr(1, item.size() - 2);
    if (item == etag) return true;
  }
  return false;
}

}  // namespace

std::string_view name_of(ChecksumType type) {
  return type == ChecksumType::full_object ? "FULL_OBJECT" : "COMPOSITE";
}

ChecksumType default_type(ChecksumAlgorithm algorithm) {
  return algorithm == ChecksumAlgorithm::crc64nvme ? ChecksumType::full_object : ChecksumType::composite;
}

Verdict judge(const Conditions& conditions, const ObjectInfo& object) {
  const auto modified = std::chrono::floor<std::chrono::seconds>(object.modified);
  if (conditions.if_match) {
    if (!lists_tag(*conditions.if_match, object.etag)) return Verdict::failed;
  } else if (conditions.if_unmodified_since && modified > *conditions.if_unmodified_since) {
    return Verdict::failed;
  }
  if (conditions.if_none_match) {
    if (lists_tag(*conditions.if_none_match, object.etag)) return Verdict::not_modified;
  } else if (conditions.if_modified_since && modified <= *conditions.if_modified_since) {
    return Verdict::not_modified;
  }
  return Verdict::go_on;
}

bool is_bucket_name(std::string_view name) {
  if (name.size() < 3 || name.size() > 63 || looks_like_ip_address(name)) return false;
  if (!is_letter_or_digit(name.front()) || !is_letter_or_digit(name.back())) return false;
  if (name.find("..") != std::string_view::npos) return false;
  for (const std::string_view reserved : {"xn--", "sthree-"})
    if (name.starts_with(reserved)) return false;
  for (const std::string_view reserved : {"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"})
    if (name.ends_with(reserved)) return false;
  return std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.'; });
}

}  // namespace sightline::buckets
