#include "cloud/identity/key_material.h"

#include <array>

#include "base/base64.h"

namespace sightline::identity {
namespace {

std::string base32(std::size_t characters, Random& random) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::array<std::uint8_t, 32> bytes{};
  random.fill(std::span(bytes).first(characters));
  std::string text;
  for (std::size_t i = 0; i < characters; ++i) text += kDigits[bytes.at(i) % kDigits.size()];
  return text;
}

template <std::size_t kBytes>
std::string random_base64(Random& random) {
  std::array<std::uint8_t, kBytes> bytes{};
  random.fill(bytes);
  return base64_encode(bytes);
}

}  // namespace

std::string make_access_key_id(std::string_view prefix, Random& random) {
  return std::string(prefix) + base32(16, random);
}

std::string make_entity_id(std::string_view prefix, Random& random) {
  return std::string(prefix) + base32(17, random);
}

std::string make_secret(Random& random) {
  return random_base64<30>(random);
}

std::string make_session_token(Random& random) {
  return random_base64<144>(random);
}

}  // namespace sightline::identity
