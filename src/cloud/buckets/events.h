#pragma once
// What is told about objects, in the transaction that changes them.

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "store/database.h"

namespace sightline::buckets {

/// The topic of the outbox.
inline constexpr std::string_view kObjectEvents = "object-events";

enum class Change { put, copied, uploaded_in_parts, deleted };

/// Those of one object are delivered in their order. Account and region are the event's own.
struct ObjectEvent {
  Change change = Change::put;
  std::string bucket;
  std::string key;
  std::uint64_t size = 0;
  std::string etag;  ///< without quotes; empty for a deleted object
  Instant time;
};

[[nodiscard]] Bytes encode_event(const ObjectEvent& event);
/// Errors: corrupt.
[[nodiscard]] Result<ObjectEvent> decode_event(store::BytesView payload);

}  // namespace sightline::buckets
