#include "base/hmac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace sightline {
namespace {

template <typename Digest>
Digest keyed_hash(const EVP_MD* hash, std::span<const std::uint8_t> key, std::string_view text) {
  Digest digest{};
  unsigned length = 0;
  HMAC(hash, key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), digest.data(), &length);
  return digest;
}

}  // namespace

Sha256Digest hmac_sha256(std::span<const std::uint8_t> key, std::string_view text) {
  return keyed_hash<Sha256Digest>(EVP_sha256(), key, text);
}

Sha1Digest hmac_sha1(std::span<const std::uint8_t> key, std::string_view text) {
  return keyed_hash<Sha1Digest>(EVP_sha1(), key, text);
}

std::string hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) text += {kDigits[byte >> 4U], kDigits[byte & 15U]};
  return text;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace sightline
