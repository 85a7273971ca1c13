#include "app/server/requests_under_way.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace sightline::server {
namespace {

constexpr std::size_t kNamed = 5;          // in one line
constexpr std::size_t kLongestPath = 200;  // characters of it

/// Without what a terminal might obey.
std::string plain(std::string_view text) {
  std::string out(text.substr(0, kLongestPath));
  for (char& c : out) {
    if (c <= ' ' || c > '~') c = '?';
  }
  return out;
}

}  // namespace

void RequestsUnderWay::begin(const net::RequestHead& head, Instant now) {
  Request request{head.method, std::string(head.path().substr(0, kLongestPath)), head.peer, now};
  const std::scoped_lock lock(mutex_);
  requests_.insert_or_assign(head.id, std::move(request));
}

void RequestsUnderWay::end(std::string_view id) {
  const std::string key(id);
  const std::scoped_lock lock(mutex_);
  requests_.erase(key);
}

std::size_t RequestsUnderWay::size() const {
  const std::scoped_lock lock(mutex_);
  return requests_.size();
}

std::string RequestsUnderWay::describe(Instant now) const {
  std::vector<Request> oldest;
  std::size_t all = 0;
  {
    const std::scoped_lock lock(mutex_);
    all = requests_.size();
    oldest.reserve(all);
    for (const auto& [id, request] : requests_) oldest.push_back(request);
  }
  const std::size_t named = std::min(all, kNamed);
  std::ranges::partial_sort(oldest, oldest.begin() + static_cast<std::ptrdiff_t>(named), {}, &Request::since);
  std::string text;
  for (std::size_t i = 0; i < named; ++i) {
    const Request& request = oldest[i];
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - request.since).count();
    text += fmt::format("{}{} {} of {}, for {} s", i == 0 ? "" : "; ", plain(request.method),
                        plain(request.path), request.peer, seconds);
  }
  if (all > named) text += fmt::format("; and {} more", all - named);
  return text;
}

}  // namespace sightline::server
