#include "base/cause.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/sha256.h"

namespace sightline {
namespace {

constexpr std::size_t kTargetDigits = 16;

std::string short_name(std::string_view target) {
  return sha256_hex({reinterpret_cast<const std::uint8_t*>(target.data()), target.size()})
      .substr(0, kTargetDigits);
}

}  // namespace

int Cause::depth() const {
  int depth = 0;
  for (const Link& link : links_) depth += link.passes;
  return depth;
}

int Cause::passes(std::string_view target) const {
  const auto found = std::ranges::find(links_, short_name(target), &Link::target);
  return found == links_.end() ? 0 : found->passes;
}

Cause Cause::through(std::string_view target) const {
  Cause next = *this;
  std::string name = short_name(target);
  const auto found = std::ranges::find(next.links_, name, &Link::target);
  if (found == next.links_.end()) {
    next.links_.push_back({std::move(name), 1});
  } else {
    ++found->passes;
  }
  return next;
}

std::string Cause::text() const {
  std::string out;
  for (const Link& link : links_)
    out += fmt::format("{}{}:{}", out.empty() ? "" : " ", link.target, link.passes);
  return out;
}

Result<Cause> Cause::parse(std::string_view text) {
  Cause cause;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    Link link{std::string(item.substr(0, kTargetDigits)), 0};
    const char* const end = item.data() + item.size();
    const bool framed = item.size() > kTargetDigits + 1 && item[kTargetDigits] == ':';
    const auto read = framed ? std::from_chars(item.data() + kTargetDigits + 1, end, link.passes)
                             : std::from_chars_result{nullptr, std::errc::invalid_argument};
    if (read.ec != std::errc() || read.ptr != end || link.passes < 1)
      return fail(ErrorKind::corrupt, "the cause of an event is damaged");
    cause.links_.push_back(std::move(link));
  }
  return cause;
}

}  // namespace sightline
