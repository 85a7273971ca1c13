#pragma once
// Secrets at rest: sealed with a master key, so that they can be opened only with it and only where they
// belong.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"

namespace sightline {

/// 256 bits and the name they go by. Wiped when it goes.
class MasterKey {
 public:
  static constexpr std::size_t kBytes = 32;

  MasterKey(std::string key_id, const std::array<std::uint8_t, kBytes>& key_bytes);
  MasterKey(const MasterKey&) = default;
  MasterKey(MasterKey&&) = default;
  MasterKey& operator=(const MasterKey&) = delete;
  ~MasterKey();

  /// From chance, with an id of 16 hexadecimal digits.
  static MasterKey make(Random& random);

  std::string id;  ///< 1 to 32 of A-Z a-z 0-9 - _
  std::array<std::uint8_t, kBytes> bytes{};
};

/// Seals and opens with AES-256-GCM. Immutable, thread-safe as far as `random` is.
///
/// A sealed value is text: "s1:KEY-ID:NONCE:DATA", nonce (12 bytes) and data (ciphertext, then the tag of 16
/// bytes) in Base64. Version, key id and what it belongs to are authenticated with it. The nonce is random,
/// which is safe for 2^32 values a key: rotate long before. The length of a secret can be seen from outside.
class SecretKeys {
 public:
  static constexpr std::size_t kLongestSecret = 1 << 20;  ///< bytes

  /// The first seals, all open. To rotate, put a new one first, seal all anew (needs_sealing()), then drop
  /// the old. Errors: invalid_argument (no key, a bad id, one id twice).
  static Result<SecretKeys> create(std::vector<MasterKey> keys);

  /// `belongs_to` names the one place of the value, as "access-key/AKIA.../secret": opened for any other, it
  /// is corrupt, so that who can write the store cannot move secrets about. Errors: too_large, internal.
  [[nodiscard]] Result<std::string> seal(std::string_view secret, std::string_view belongs_to,
                                         Random& random) const;

  /// Errors: corrupt (damaged, made up, or of another place), unavailable (its key is not here; the message
  /// names the key's id), unsupported (of a later version). No message holds any of the secret.
  [[nodiscard]] Result<std::string> open(std::string_view sealed, std::string_view belongs_to) const;

  /// True where it was not sealed with the first key (or is no sealed value): seal it anew.
  [[nodiscard]] bool needs_sealing(std::string_view sealed) const;

 private:
  explicit SecretKeys(std::vector<MasterKey> keys) : keys_(std::move(keys)) {}
  std::vector<MasterKey> keys_;
};

/// Whether text has the beginning of a sealed value of any version: what was kept plain before does not.
[[nodiscard]] bool looks_sealed(std::string_view text);

}  // namespace sightline
