#pragma once
// What those who are notified of a bucket's changes receive.

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "cloud/buckets/types.h"
#include "store/events.h"

namespace sightline::buckets {

/// The topic of the outbox.
inline constexpr std::string_view kObjectEvents = "object-events";

enum class Change {
  put,
  copied,
  uploaded_in_parts,
  deleted,     ///< perhaps there was no such object
  configured,  ///< the bucket's notifications: says to a target that it will be notified
};

/// In no promised order; of two about one object the later has the larger sequence.
struct ObjectEvent {
  Change change = Change::put;
  std::string bucket;
  std::string key;  ///< empty for Change::configured
  std::uint64_t size = 0;
  std::string etag;  ///< without quotes; empty for a deleted object
  Instant time;
  Origin origin = {};
  // Of its row in the outbox.
  std::string account = {};       ///< whose the bucket is
  std::string region = {};        ///< of the bucket
  std::string notification = {};  ///< Notification::id
  std::int64_t sequence = 0;
};

/// Without what stands in the row.
[[nodiscard]] Bytes encode_event(const ObjectEvent& event);
/// Errors: corrupt.
[[nodiscard]] Result<ObjectEvent> decode_event(const store::Event& from);

}  // namespace sightline::buckets
