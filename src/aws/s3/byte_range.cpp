#include "aws/s3/byte_range.h"

#include <algorithm>

#include "base/whole_number.h"

namespace sightline::aws::s3 {
namespace {

constexpr std::string_view kUnit = "bytes=";
/// Stands for every offset from here on: no object reaches it, and its successor is a number still.
constexpr std::uint64_t kBeyond = UINT64_MAX - 1;

/// Digits only. A number of any length is a number: one that is too large for 64 bits lies after every
/// object.
std::optional<std::uint64_t> read_offset(std::string_view digits) {
  if (digits.empty() || !std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  return std::min(parse_whole<std::uint64_t>(digits).value_or(kBeyond), kBeyond);
}

}  // namespace

std::expected<std::optional<buckets::PartRange>, RangeProblem> read_range(std::string_view field,
                                                                          std::uint64_t size) {
  using Found = std::optional<buckets::PartRange>;
  if (!field.starts_with(kUnit)) return Found();
  field.remove_prefix(kUnit.size());
  const std::size_t dash = field.find('-');
  if (dash == std::string_view::npos) return Found();
  const auto first = read_offset(field.substr(0, dash));
  const auto last = read_offset(field.substr(dash + 1));
  if (dash == 0) {
    if (!last) return Found();
    const std::uint64_t length = std::min(*last, size);
    if (length == 0) return std::unexpected(RangeProblem::unsatisfiable);
    return Found({size - length, length});
  }
  const bool open = dash + 1 == field.size();
  if (!first || (!last && !open) || (last && *last < *first)) return Found();
  if (*first >= size) return std::unexpected(RangeProblem::unsatisfiable);
  const std::uint64_t end = open ? size - 1 : std::min(*last, size - 1);
  return Found({*first, end - *first + 1});
}

std::optional<buckets::PartRange> read_copy_range(std::string_view field) {
  if (!field.starts_with(kUnit)) return std::nullopt;
  field.remove_prefix(kUnit.size());
  const std::size_t dash = field.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = read_offset(field.substr(0, dash));
  const auto last = read_offset(field.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return buckets::PartRange{*first, *last - *first + 1};
}

}  // namespace sightline::aws::s3
