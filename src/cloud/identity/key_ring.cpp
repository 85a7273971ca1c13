#include "cloud/identity/key_ring.h"

namespace sightline::identity {

std::optional<Credential> KeyRing::find(std::string_view id) const {
  const ReaderLock lock(mutex_);
  const auto found = keys_.find(id);
  if (found != keys_.end()) return found->second;
  if (!gone_.contains(id)) return std::nullopt;
  Credential credential;
  credential.access_key_id = id;
  credential.active = false;
  return credential;
}

void KeyRing::put(Credential credential) {
  std::string id = credential.access_key_id;
  const WriterLock lock(mutex_);
  keys_.insert_or_assign(std::move(id), std::move(credential));
}

void KeyRing::set_active(std::string_view id, bool active) {
  const WriterLock lock(mutex_);
  if (const auto found = keys_.find(id); found != keys_.end()) found->second.active = active;
}

void KeyRing::deactivate(const std::vector<std::string>& ids) {
  const WriterLock lock(mutex_);
  for (const std::string& id : ids) {
    if (const auto found = keys_.find(id); found != keys_.end()) found->second.active = false;
  }
}

void KeyRing::remove(const std::vector<std::string>& ids) {
  const WriterLock lock(mutex_);
  for (const std::string& id : ids) {
    keys_.erase(id);
    gone_.insert(id);
  }
}

void KeyRing::forget(const std::vector<std::string>& ids) {
  const WriterLock lock(mutex_);
  for (const std::string& id : ids) gone_.erase(id);
}

void KeyRing::rename(const Principal& principal) {
  const WriterLock lock(mutex_);
  for (auto& [id, credential] : keys_) {
    Principal& owner = credential.principal;
    if (owner.account != principal.account || owner.id != principal.id) continue;
    owner.name = principal.name;
    owner.arn = principal.arn;
  }
}

void KeyRing::replace(Keys keys, Ids gone) {
  const WriterLock lock(mutex_);
  keys_.swap(keys);
  gone_.swap(gone);
}

}  // namespace sightline::identity
