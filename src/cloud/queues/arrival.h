#pragma once
// A message that comes from the bus.

#include "cloud/bus/target.h"
#include "cloud/queues/message.h"
#include "cloud/queues/queue.h"

namespace sightline::queues {

struct Arrival {
  bus::DeliveryId id;
  QueueKey queue;
  NewMessage message;
};

}  // namespace sightline::queues
