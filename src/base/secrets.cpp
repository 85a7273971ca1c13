#include "base/secrets.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "base/base64.h"
#include "base/hex.h"
#include "base/utf8.h"

namespace sightline {
namespace {

constexpr std::string_view kVersion = "s1";
constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;
constexpr std::size_t kLongestId = 32;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

bool is_key_id(std::string_view id) {
  return !id.empty() && id.size() <= kLongestId && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// An id holds no colon: no two of version, id and place make the same text.
std::string context_of(std::string_view id, std::string_view belongs_to) {
  return fmt::format("sightline:{}:{}:{}", kVersion, id, belongs_to);
}

const std::uint8_t* bytes_at(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

struct Parts {
  std::string_view version;
  std::string_view id;
  std::string_view nonce;
  std::string_view data;
};

std::optional<Parts> parts_of(std::string_view sealed) {
  std::array<std::string_view, 4> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t colon = sealed.find(':');
    if ((colon == std::string_view::npos) != (i + 1 == parts.size())) return std::nullopt;
    parts[i] = sealed.substr(0, colon);
    sealed.remove_prefix(std::min(sealed.size(), parts[i].size() + 1));
  }
  return Parts{parts[0], parts[1], parts[2], parts[3]};
}

// What an unfinished secret leaves in memory is wiped, however the function ends.
struct Wiped {
  Bytes bytes;
  ~Wiped() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

bool encrypt(const MasterKey& key, std::span<const std::uint8_t> nonce, std::string_view context,
             std::string_view secret, Bytes& data) {
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int written = 0;
  int rest = 0;
  data.resize(secret.size() + kTag);
  return cipher != nullptr &&
         EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.bytes.data(), nonce.data()) == 1 &&
         EVP_EncryptUpdate(cipher.get(), nullptr, &written, bytes_at(context),
                           static_cast<int>(context.size())) == 1 &&
         EVP_EncryptUpdate(cipher.get(), data.data(), &written, bytes_at(secret),
                           static_cast<int>(secret.size())) == 1 &&
         EVP_EncryptFinal_ex(cipher.get(), data.data() + written, &rest) == 1 &&
         EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTag, data.data() + secret.size()) == 1;
}

bool decrypt(const MasterKey& key, std::span<const std::uint8_t> nonce, std::string_view context,
             std::span<std::uint8_t> data, Bytes& secret) {
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const std::size_t size = data.size() - kTag;
  int written = 0;
  int rest = 0;
  secret.resize(size + kTag);  // never empty: OpenSSL takes a null pointer for more context
  const bool good =
      cipher != nullptr &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.bytes.data(), nonce.data()) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTag, data.data() + size) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &written, bytes_at(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), secret.data(), &written, data.data(), static_cast<int>(size)) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), secret.data() + written, &rest) == 1;
  return good;
}

}  // namespace

MasterKey::MasterKey(std::string key_id, const std::array<std::uint8_t, kBytes>& key_bytes)
    : id(std::move(key_id)), bytes(key_bytes) {}

MasterKey::~MasterKey() {
  OPENSSL_cleanse(bytes.data(), bytes.size());
}

MasterKey MasterKey::make(Random& random) {
  std::array<std::uint8_t, 8> id{};
  random.fill(id);
  MasterKey key(hex(id), {});
  random.fill(key.bytes);
  return key;
}

Result<SecretKeys> SecretKeys::create(std::vector<MasterKey> keys) {
  if (keys.empty()) return fail(ErrorKind::invalid_argument, "there is no key to seal secrets with");
  for (auto key = keys.begin(); key != keys.end(); ++key) {
    if (!is_key_id(key->id))
      return fail(
          ErrorKind::invalid_argument,
          fmt::format("'{}' is no key id: 1 to {} letters, digits, - and _", printable(key->id), kLongestId));
    if (std::any_of(keys.begin(), key, [&](const MasterKey& earlier) { return earlier.id == key->id; }))
      return fail(ErrorKind::invalid_argument, fmt::format("two keys have the id {}", key->id));
  }
  return SecretKeys(std::move(keys));
}

Result<std::string> SecretKeys::seal(std::string_view secret, std::string_view belongs_to,
                                     Random& random) const {
  if (secret.size() > kLongestSecret || belongs_to.size() > kLongestSecret)
    return fail(ErrorKind::too_large,
                fmt::format("a secret of more than {} bytes is not sealed", kLongestSecret));
  const MasterKey& key = keys_.front();
  std::array<std::uint8_t, kNonce> nonce{};
  random.fill(nonce);
  Bytes data;
  if (!encrypt(key, nonce, context_of(key.id, belongs_to), secret, data))
    return fail(ErrorKind::internal, "a secret could not be sealed");
  return fmt::format("{}:{}:{}:{}", kVersion, key.id, base64_encode(nonce), base64_encode(data));
}

Result<std::string> SecretKeys::open(std::string_view sealed, std::string_view belongs_to) const {
  const auto damaged = [] {
    return fail(ErrorKind::corrupt, "a sealed secret is damaged, or was sealed for another place");
  };
  const auto parts = parts_of(sealed);
  if (!parts) return damaged();
  if (parts->version != kVersion) {
    if (looks_sealed(sealed))
      return fail(ErrorKind::unsupported,
                  fmt::format("a secret is sealed in the form '{}', which this version does not know",
                              printable(parts->version)));
    return damaged();
  }
  const auto key = std::ranges::find(keys_, parts->id, &MasterKey::id);
  if (key == keys_.end()) {
    if (!is_key_id(parts->id)) return damaged();
    return fail(
        ErrorKind::unavailable,
        fmt::format("a secret is sealed with the key '{}', which is not here: add it to the key file, "
                    "behind the first",
                    parts->id));
  }
  Bytes nonce;
  Bytes data;
  if (belongs_to.size() > kLongestSecret || parts->data.size() > 2 * kLongestSecret ||
      !base64_decode(parts->nonce, nonce) || !base64_decode(parts->data, data) || nonce.size() != kNonce ||
      data.size() < kTag)
    return damaged();
  Wiped secret;
  if (!decrypt(*key, nonce, context_of(key->id, belongs_to), data, secret.bytes)) return damaged();
  return std::string(secret.bytes.begin(), secret.bytes.end() - kTag);
}

bool SecretKeys::needs_sealing(std::string_view sealed) const {
  const auto parts = parts_of(sealed);
  return !parts || parts->version != kVersion || parts->id != keys_.front().id;
}

bool looks_sealed(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon < 2 || text.front() != 's') return false;
  return std::ranges::all_of(text.substr(1, colon - 1), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace sightline
