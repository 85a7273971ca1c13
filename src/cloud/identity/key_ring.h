#pragma once
// All keys in memory, so that a signature is verified without the disk.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/mutex.h"
#include "cloud/identity/credential.h"

namespace sightline::identity {

/// Thread-safe. A key that has gone stays known, as one that is inactive, until it is forgotten.
class KeyRing {
 public:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using Keys = std::unordered_map<std::string, Credential, Hash, std::equal_to<>>;
  using Ids = std::unordered_set<std::string, Hash, std::equal_to<>>;

  [[nodiscard]] std::optional<Credential> find(std::string_view id) const;
  void put(Credential credential);
  void set_active(std::string_view id, bool active);
  void deactivate(const std::vector<std::string>& ids);
  void remove(const std::vector<std::string>& ids);
  void forget(const std::vector<std::string>& ids);
  /// Whose id `principal` has is called so from now on; sessions stay sessions.
  void rename(const Principal& principal);
  void replace(Keys keys, Ids gone);

 private:
  mutable SharedMutex mutex_;
  Keys keys_ SIGHTLINE_GUARDED_BY(mutex_);
  Ids gone_ SIGHTLINE_GUARDED_BY(mutex_);
};

}  // namespace sightline::identity
