#include "cloud/bus/arn.h"

#include <algorithm>
#include <array>

namespace sightline::bus {

std::optional<Arn> parse_arn(std::string_view text) {
  // Nothing that would break a line of the log, or look like another name there.
  if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; })) return std::nullopt;
  std::array<std::string_view, 5> parts;  // arn, partition, service, region, account
  for (std::string_view& part : parts) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    part = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (parts[0] != "arn" || parts[1] != "aws" || parts[2].empty() || text.empty()) return std::nullopt;
  return Arn{std::string(parts[2]), std::string(parts[3]), std::string(parts[4]), std::string(text)};
}

}  // namespace sightline::bus
