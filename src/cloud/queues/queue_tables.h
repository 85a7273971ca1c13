#pragma once
// The tables of this module.

#include "store/database.h"

namespace sightline::queues {

extern const store::Schema kQueuesSchema;

namespace sql {
extern const std::string_view kInsertQueue, kQueue, kDeleteQueue, kAllQueues;
extern const std::string_view kInsertMessage, kClaim, kGiveBack, kDeleteMessage, kNextVisible;
extern const std::string_view kInsertAbandoned, kAbandoned, kDeleteAbandoned, kDeleteOld;
extern const std::string_view kInsertArrival, kDeleteArrival, kDeleteOldArrivals;
}  // namespace sql

}  // namespace sightline::queues
