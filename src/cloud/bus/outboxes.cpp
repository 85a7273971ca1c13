#include "cloud/bus/outboxes.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace sightline::bus {
namespace {

/// nullopt where it is no number.
std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return number;
}

}  // namespace

Result<std::vector<DeadLetter>> Outboxes::dead_letters(std::string_view account) const {
  std::vector<DeadLetter> all;
  for (const auto& [source, outbox] : outboxes_) {
    const auto most = static_cast<std::size_t>(outbox->options().max_dead_each);
    for (store::DeadEvent& dead : TRY(outbox->dead_letters(account, most)))
      all.push_back({fmt::format("{}/{}", source, dead.event.id), std::move(dead)});
  }
  return all;
}

Result<std::int64_t> Outboxes::revive(std::string_view account, std::span<const std::string> ids) const {
  std::int64_t revived = 0;
  for (const auto& [source, outbox] : outboxes_) {
    const std::string prefix = source + "/";
    std::vector<std::int64_t> numbers;
    for (const std::string_view id : ids) {
      if (!id.starts_with(prefix)) continue;
      if (const auto number = parse_number(id.substr(prefix.size()))) numbers.push_back(*number);
    }
    if (!numbers.empty()) revived += TRY(outbox->revive(account, numbers));
  }
  return revived;
}

}  // namespace sightline::bus
