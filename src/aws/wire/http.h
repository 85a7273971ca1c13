#pragma once
// A request and an answer as the codecs see them: a head, and a body that is in memory or passes elsewhere.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::aws::wire {

struct Header {
  std::string name;
  std::string value;
};

/// Header lines in the order they came; names compare without regard to case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> lines) : lines_(lines) {}

  void add(std::string name, std::string value) { lines_.push_back({std::move(name), std::move(value)}); }
  /// The first line of that name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  /// How many lines have that name.
  [[nodiscard]] std::size_t count(std::string_view name) const;
  [[nodiscard]] auto begin() const { return lines_.begin(); }
  [[nodiscard]] auto end() const { return lines_.end(); }
  [[nodiscard]] std::size_t size() const { return lines_.size(); }

 private:
  std::vector<Header> lines_;
};

/// The target is as it stood in the request line: undecoded path, and the query after its question mark.
struct HttpRequest {
  std::string method;
  std::string target;
  Headers headers;
  std::span<const std::uint8_t> body = {};

  [[nodiscard]] std::string_view path() const;
  [[nodiscard]] std::string_view query() const;
  [[nodiscard]] std::string_view body_text() const {
    return {reinterpret_cast<const char*>(body.data()), body.size()};
  }
};

struct HttpResponse {
  int status = 200;
  Headers headers;
  std::string body;
};

[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace sightline::aws::wire
