// Tokens that a client makes up: none is taken, and those that are made here are taken as they are alone.

#include <cstddef>
#include <cstdint>
#include <string>

#include "sight/collections/page_tokens.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const sightline::collections::PageTokens tokens(sightline::collections::PageTokens::Key{1, 2, 3});
  const std::string text(data, data + size);
  // Whoever finds one that is taken has made what make() makes.
  if (const auto place = tokens.read("list", text); place && tokens.make("list", *place) != text)
    __builtin_trap();
  const std::string token = tokens.make("list", text);
  if (tokens.read("list", token) != text || tokens.read("another", token)) __builtin_trap();
  for (std::string other = token; !other.empty(); other.pop_back()) {
    other.back() = other.back() == 'A' ? 'B' : 'A';
    if (other != token && tokens.read("list", other) == text) __builtin_trap();
  }
  return 0;
}
