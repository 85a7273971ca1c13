// Tokens that a client makes up: none is taken but what make_page_token() makes.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "sight/jobs/page_token.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sightline::jobs;
  constexpr std::array<std::uint8_t, 32> kSecret{1, 2, 3};
  const std::string text(data, data + size);
  if (const auto position = read_page_token(kSecret, "job", text);
      position && make_page_token(kSecret, "job", *position) != text) {
    __builtin_trap();
  }
  const std::string token = make_page_token(kSecret, "job", static_cast<std::int64_t>(size));
  if (read_page_token(kSecret, "job", token) != static_cast<std::int64_t>(size)) __builtin_trap();
  if (read_page_token(kSecret, text, token) && text != "job") __builtin_trap();
  return 0;
}
