#pragma once
// Who owns a bucket, and whom its policy lets in: of all buckets in memory, for every request asks it.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "cloud/policy/document.h"

namespace sightline::buckets {

/// What keeps the public out, whatever policies and access control lists say. There are no such lists here:
/// the settings about them are kept, and change nothing.
struct PublicAccessBlock {
  bool block_acls = false;
  bool ignore_acls = false;
  bool block_policy = false;      ///< a policy that lets everyone in cannot be set
  bool restrict_buckets = false;  ///< nor does one that is there count for other accounts
  bool operator==(const PublicAccessBlock&) const = default;
};

/// Of a bucket that is new.
inline constexpr PublicAccessBlock kBlockAll{true, true, true, true};

inline constexpr std::size_t kMaxPolicy = 20'480;  ///< bytes of a bucket's

struct BucketAccess {
  std::string account;  ///< its owner's
  std::optional<policy::Document> policy = {};
  bool is_public = false;  ///< the policy lets everyone in
  std::optional<PublicAccessBlock> block = kBlockAll;

  /// What counts of the policy for a caller of `account`, which is empty for nobody; null where nothing does.
  [[nodiscard]] const policy::Document* policy_for(std::string_view account) const;
};

/// Thread-safe. Changed by what runs after a commit, in the order of commits. Its size is that of the
/// buckets' names and policies (kMaxBuckets, kMaxPolicy).
class AccessDirectory {
 public:
  /// As `account` sees it: its own, where several have the name, as folders of older versions may; else the
  /// one that was made first.
  [[nodiscard]] std::optional<BucketAccess> find(std::string_view bucket, std::string_view account) const;
  /// Adds it, or takes the place of what the account's bucket had.
  void put(const std::string& bucket, BucketAccess access);
  void remove(std::string_view bucket, std::string_view account);
  /// `change` is called where the bucket is there.
  template <typename Change>
  void change(std::string_view bucket, std::string_view account, const Change& change) {
    const WriterLock lock(mutex_);
    if (BucketAccess* found = own(bucket, account)) change(*found);
  }

 private:
  [[nodiscard]] BucketAccess* own(std::string_view bucket, std::string_view account)
      SIGHTLINE_REQUIRES(mutex_);

  mutable SharedMutex mutex_;
  std::map<std::string, std::vector<BucketAccess>, std::less<>> buckets_ SIGHTLINE_GUARDED_BY(mutex_);
};

}  // namespace sightline::buckets
