#include "cloud/buckets/access.h"

#include <algorithm>

namespace sightline::buckets {

const policy::Document* BucketAccess::policy_for(std::string_view caller) const {
  const bool restricted = is_public && block && block->restrict_buckets && caller != account;
  return policy && !restricted ? &*policy : nullptr;
}

std::optional<BucketAccess> AccessDirectory::find(std::string_view bucket, std::string_view account) const {
  const ReaderLock lock(mutex_);
  const auto found = buckets_.find(bucket);
  if (found == buckets_.end()) return std::nullopt;
  const auto own = std::ranges::find(found->second, account, &BucketAccess::account);
  return own != found->second.end() ? *own : found->second.front();
}

BucketAccess* AccessDirectory::own(std::string_view bucket, std::string_view account) {
  const auto found = buckets_.find(bucket);
  if (found == buckets_.end()) return nullptr;
  const auto own = std::ranges::find(found->second, account, &BucketAccess::account);
  return own != found->second.end() ? &*own : nullptr;
}

void AccessDirectory::put(const std::string& bucket, BucketAccess access) {
  const WriterLock lock(mutex_);
  if (BucketAccess* found = own(bucket, access.account)) {
    *found = std::move(access);
  } else {
    buckets_[bucket].push_back(std::move(access));
  }
}

void AccessDirectory::remove(std::string_view bucket, std::string_view account) {
  const WriterLock lock(mutex_);
  const auto found = buckets_.find(bucket);
  if (found == buckets_.end()) return;
  std::erase_if(found->second, [&](const BucketAccess& one) { return one.account == account; });
  if (found->second.empty()) buckets_.erase(found);
}

}  // namespace sightline::buckets
