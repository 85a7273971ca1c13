#include "cloud/buckets/content_pins.h"

#include <algorithm>
#include <utility>

namespace sightline::buckets {

ContentPins::Pin::Pin(ContentPins& pins, std::string content, std::vector<store::BlobId> blobs)
    : pins_(&pins), content_(std::move(content)) {
  const MutexLock lock(pins_->mutex_);
  Held& held = pins_->held_[content_];
  if (++held.pins == 1) held.blobs = std::move(blobs);
}

ContentPins::Pin::Pin(Pin&& other) noexcept
    : pins_(std::exchange(other.pins_, nullptr)), content_(std::move(other.content_)) {}

ContentPins::Pin::~Pin() {
  if (pins_ != nullptr) pins_->unpin(content_);
}

void ContentPins::remove(const std::string& content, std::vector<store::BlobId> blobs) {
  if (blobs.empty()) return;
  {
    const MutexLock lock(mutex_);
    const auto held = held_.find(content);
    if (held != held_.end()) {
      held->second.doomed = true;
      return;
    }
    static_cast<void>(blobs_.remove(blobs.front()));
  }
  for (const store::BlobId& blob : blobs) static_cast<void>(blobs_.remove(blob));
}

bool ContentPins::holds(const store::BlobId& blob) const {
  const MutexLock lock(mutex_);
  return std::ranges::any_of(held_, [&](const auto& held) {
    return std::ranges::find(held.second.blobs, blob) != held.second.blobs.end();
  });
}

void ContentPins::unpin(const std::string& content) {
  std::vector<store::BlobId> doomed;
  {
    const MutexLock lock(mutex_);
    const auto held = held_.find(content);
    if (--held->second.pins > 0) return;
    if (held->second.doomed) doomed = std::move(held->second.blobs);
    held_.erase(held);
    if (!doomed.empty()) static_cast<void>(blobs_.remove(doomed.front()));
  }
  for (const store::BlobId& blob : doomed) static_cast<void>(blobs_.remove(blob));
}

}  // namespace sightline::buckets
