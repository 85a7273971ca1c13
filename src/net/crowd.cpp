#include "net/crowd.h"

#include <algorithm>
#include <utility>

namespace sightline::net {
namespace {

constexpr std::uint64_t kSteps = 8;  ///< in which the floor on speed doubles

std::uint64_t steps_of(const SharedAmount& amount) {
  if (amount.limit() == 0) return kSteps;
  return std::min(amount.taken(), amount.limit()) * kSteps / amount.limit();
}

}  // namespace

bool SharedAmount::take(std::atomic<std::uint64_t>& part, std::uint64_t more, std::uint64_t peers) {
  const std::uint64_t reserve = limit_ / 4;
  const std::uint64_t taken = taken_ += more;
  const std::uint64_t mine = part += more;
  // A newcomer's share is kept free too; one place is little among however many peers.
  const std::uint64_t share = std::max<std::uint64_t>(reserve / (peers + 1), 1);
  const bool may = taken <= limit_ - reserve || (taken <= limit_ && mine <= share);
  if (!may) give_back(part, more);
  return may;
}

void SharedAmount::add(std::atomic<std::uint64_t>& part, std::uint64_t more) {
  taken_ += more;
  part += more;
}

void SharedAmount::give_back(std::atomic<std::uint64_t>& part, std::uint64_t less) {
  taken_ -= less;
  part -= less;
}

std::unique_ptr<Crowd::Guest> Crowd::enter(const std::string& peer) {
  const MutexLock lock(mutex_);
  auto& part = peers_[peer];
  if (part == nullptr) part = std::make_unique<Peer>();
  peer_count_ = peers_.size();
  if (connections_.take(part->connections, 1, peers()))
    return std::make_unique<Guest>(shared_from_this(), peer, *part);
  if (part->connections == 0) peers_.erase(peer);
  peer_count_ = peers_.size();
  return nullptr;
}

void Crowd::leave(const std::string& peer, Peer& part) {
  const MutexLock lock(mutex_);
  connections_.give_back(part.connections, 1);
  if (part.connections == 0) peers_.erase(peer);
  peer_count_ = peers_.size();
}

bool Crowd::is_short_of_memory() const {
  return buffered_bytes_.taken() > buffered_bytes_.limit() / 2;
}

std::uint64_t Crowd::floor(std::uint64_t least) const {
  const std::uint64_t steps = std::max(steps_of(transfers_), steps_of(buffered_bytes_));
  return least << std::min(steps, kSteps - 1);
}

Crowd::Guest::~Guest() {
  end_transfer();
  hold(0);
  crowd_->leave(name_, peer_);
}

bool Crowd::Guest::begin_transfer() {
  if (transfers_) return true;
  const auto& memory = crowd_->buffered_bytes_;
  transfers_ =
      memory.taken() < memory.limit() && crowd_->transfers_.take(peer_.transfers, 1, crowd_->peers());
  return transfers_;
}

void Crowd::Guest::end_transfer() {
  if (std::exchange(transfers_, false)) crowd_->transfers_.give_back(peer_.transfers, 1);
}

bool Crowd::Guest::hold(std::uint64_t bytes) {
  const std::uint64_t before = std::exchange(held_, bytes);
  if (bytes <= before) {
    if (bytes < before) crowd_->buffered_bytes_.give_back(peer_.buffered_bytes, before - bytes);
    return true;
  }
  if (crowd_->buffered_bytes_.take(peer_.buffered_bytes, bytes - before, crowd_->peers())) return true;
  crowd_->buffered_bytes_.add(peer_.buffered_bytes, bytes - before);
  return false;
}

}  // namespace sightline::net
