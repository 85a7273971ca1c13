#include "cloud/queues/waiting_room.h"

namespace sightline::queues {

void WaitingRoom::add(WaiterPtr waiter) {
  Waiter* const raw = waiter.get();
  by_queue_[raw->request.queue].emplace(raw->id, raw);
  by_deadline_.emplace(std::pair(raw->deadline, raw->id), raw);
  waiters_.emplace(raw->id, std::move(waiter));
}

WaiterPtr WaitingRoom::take(std::uint64_t id) {
  auto node = waiters_.extract(id);
  if (node.empty()) return nullptr;
  WaiterPtr waiter = std::move(node.mapped());
  by_deadline_.erase({waiter->deadline, id});
  const auto queue = by_queue_.find(waiter->request.queue);
  queue->second.erase(id);
  if (queue->second.empty()) by_queue_.erase(queue);
  return waiter;
}

std::vector<WaiterPtr> WaitingRoom::take(const QueueKey& queue, std::size_t limit) {
  std::vector<WaiterPtr> taken;
  while (taken.size() < limit) {
    const auto found = by_queue_.find(queue);
    if (found == by_queue_.end()) break;
    taken.push_back(take(found->second.begin()->first));
  }
  return taken;
}

std::vector<WaiterPtr> WaitingRoom::take_expired(Instant now) {
  std::vector<WaiterPtr> taken;
  while (!by_deadline_.empty() && by_deadline_.begin()->first.first <= now)
    taken.push_back(take(by_deadline_.begin()->first.second));
  return taken;
}

std::vector<WaiterPtr> WaitingRoom::take_all() {
  return take_expired(Instant::max());
}

std::optional<Instant> WaitingRoom::next_deadline() const {
  if (by_deadline_.empty()) return std::nullopt;
  return by_deadline_.begin()->first.first;
}

}  // namespace sightline::queues
