#pragma once
// Room on the disk that is kept for deleting: on a full disk even a deletion needs some, for the journal of
// its tables.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/descriptor.h"
#include "base/mutex.h"
#include "base/random.h"
#include "base/result.h"
#include "store/blobs.h"
#include "store/stores.h"

namespace sightline::store {

/// A file that holds the room. When a transaction that deletes finds the disk full, it is let go, and taken
/// back as soon as that has been committed: as much of it as there is room for by then. Who writes more asks
/// may_grow() first, so that what the reserve gives goes to deletions only. Thread-safe.
class Reserve {
 public:
  static constexpr std::uint64_t kBytes = std::uint64_t{64} << 20;

  /// The file `folder`/reserve, of `bytes` or of an eighth of what is free, whichever is less. Where the file
  /// system cannot reserve room there is none, and nothing else changes. Errors: permission_denied, io.
  static Result<std::shared_ptr<Reserve>> open(const std::filesystem::path& folder,
                                               std::uint64_t bytes = kBytes);

  /// False when most of the reserve is gone and there is no room to take it back: looked up once in a while.
  [[nodiscard]] bool may_grow() SIGHTLINE_EXCLUDES(mutex_);
  /// Lets go of the room; false when there was none. Until refill(), may_grow() is false. Writes of several
  /// databases may use it at once.
  [[nodiscard]] bool release() SIGHTLINE_EXCLUDES(mutex_);
  /// Takes back what there is room for, once the last of those who use it is done.
  void refill() SIGHTLINE_EXCLUDES(mutex_);
  /// Bytes that are to be kept.
  [[nodiscard]] std::uint64_t size() const { return bytes_; }
  /// Bytes that are kept now.
  [[nodiscard]] std::uint64_t held() const { return held_; }

 private:
  using Ticks = std::chrono::steady_clock;
  Reserve(Descriptor file, std::uint64_t bytes) : file_(std::move(file)), bytes_(bytes) {}
  void take_back() SIGHTLINE_REQUIRES(mutex_);

  const Descriptor file_;
  const std::uint64_t bytes_;
  std::atomic<std::uint64_t> held_ = 0;
  Mutex mutex_;
  int users_ SIGHTLINE_GUARDED_BY(mutex_) = 0;  ///< of what was let go
  Ticks::time_point looked_ SIGHTLINE_GUARDED_BY(mutex_);
};

/// As store/stores.h and store/blobs.h have them, with a reserve, which may be null.
[[nodiscard]] std::unique_ptr<Stores> stores_in_folder(std::filesystem::path folder,
                                                       std::shared_ptr<Reserve> reserve);
/// Nothing is written that would need the reserve.
[[nodiscard]] Result<std::unique_ptr<BlobStore>> open_blob_folder(const std::filesystem::path& folder,
                                                                  Random& random,
                                                                  std::shared_ptr<Reserve> reserve);

}  // namespace sightline::store
