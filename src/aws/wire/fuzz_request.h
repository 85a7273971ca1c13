#pragma once
// A request out of arbitrary bytes: `METHOD target`, lines of headers, an empty line, the body.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "aws/wire/http.h"

namespace sightline::aws::wire {

inline HttpRequest fuzzed_request(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const auto take_line = [&] {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    return line;
  };
  HttpRequest request;
  const std::string_view first = take_line();
  request.method = first.substr(0, first.find(' '));
  request.target = first.size() > request.method.size() ? first.substr(request.method.size() + 1) : "";
  for (std::string_view line = take_line(); !line.empty(); line = take_line()) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    request.headers.add(std::string(line.substr(0, colon)), std::string(line.substr(colon + 1)));
  }
  request.body = {reinterpret_cast<const std::uint8_t*>(rest.data()), rest.size()};
  return request;
}

}  // namespace sightline::aws::wire
