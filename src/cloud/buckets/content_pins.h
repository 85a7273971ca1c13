#pragma once
// Keeps the blobs of a content that is being read while its object is replaced or deleted.

#include <map>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "store/blobs.h"

namespace sightline::buckets {

/// Thread-safe. What a killed process had pinned is left to the sweep.
class ContentPins {
 public:
  explicit ContentPins(store::BlobStore& blobs) : blobs_(blobs) {}

  /// A content in use; the object that named it may be gone by the time that it is pinned, so its first blob
  /// must be opened afterwards.
  class Pin {
   public:
    Pin(ContentPins& pins, std::string content, std::vector<store::BlobId> blobs);
    Pin(Pin&& other) noexcept;
    Pin& operator=(Pin&&) = delete;
    ~Pin();

   private:
    ContentPins* pins_;
    std::string content_;
  };

  /// Removes the blobs now, or when the last pin goes. The first one goes before any later pin: who can open
  /// it finds all. What cannot be removed is left to the sweep.
  void remove(const std::string& content, std::vector<store::BlobId> blobs);
  /// Whether a content with this blob is pinned. Its cost grows with all that is.
  [[nodiscard]] bool holds(const store::BlobId& blob) const;

 private:
  struct Held {
    int pins = 0;
    std::vector<store::BlobId> blobs;
    bool doomed = false;
  };
  void unpin(const std::string& content);

  store::BlobStore& blobs_;
  mutable Mutex mutex_;
  std::map<std::string, Held> held_ SIGHTLINE_GUARDED_BY(mutex_);
};

}  // namespace sightline::buckets
