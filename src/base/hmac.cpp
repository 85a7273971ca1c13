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

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace sightline
