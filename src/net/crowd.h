#pragma once
// What the clients of one server share, and each one's part of it: connections, transfers, memory.
//
// Three quarters of each are for whoever comes. The last quarter is kept for peers that have little: a peer
// may take of it only while it has less than an equal share of that quarter, so that no address can take all.
// A peer is an IPv4 address, or the first 64 bits of an IPv6 address.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/mutex.h"

namespace sightline::net {

struct CrowdLimits {
  std::uint64_t connections = 0;
  std::uint64_t transfers = 0;       ///< requests whose body is coming in, or that stream
  std::uint64_t buffered_bytes = 0;  ///< of requests and answers in memory
};

/// One amount of something that peers share. Thread-safe.
class SharedAmount {
 public:
  explicit SharedAmount(std::uint64_t limit) : limit_(limit) {}
  /// Adds `more` to the peer's part and to the sum where the peer may have it; else changes nothing.
  [[nodiscard]] bool take(std::atomic<std::uint64_t>& part, std::uint64_t more, std::uint64_t peers);
  /// Adds without asking.
  void add(std::atomic<std::uint64_t>& part, std::uint64_t more);
  void give_back(std::atomic<std::uint64_t>& part, std::uint64_t less);
  [[nodiscard]] std::uint64_t taken() const { return taken_; }
  [[nodiscard]] std::uint64_t limit() const { return limit_; }

 private:
  const std::uint64_t limit_;
  std::atomic<std::uint64_t> taken_ = 0;
};

/// Thread-safe. Shared with its guests, some of which may outlive the server: in a task that a stopped loop
/// never runs.
class Crowd : public std::enable_shared_from_this<Crowd> {
 public:
  class Guest;

  explicit Crowd(const CrowdLimits& limits)
      : connections_(limits.connections),
        transfers_(limits.transfers),
        buffered_bytes_(limits.buffered_bytes) {}

  /// A place for one more connection of `peer`; null where there is none for it.
  [[nodiscard]] std::unique_ptr<Guest> enter(const std::string& peer);

  [[nodiscard]] std::uint64_t transfers() const { return transfers_.taken(); }
  [[nodiscard]] std::uint64_t transfers_limit() const { return transfers_.limit(); }
  [[nodiscard]] std::uint64_t buffered_bytes() const { return buffered_bytes_.taken(); }
  [[nodiscard]] std::uint64_t buffered_bytes_limit() const { return buffered_bytes_.limit(); }
  /// More than half of the memory is taken: pieces are to be small.
  [[nodiscard]] bool is_short_of_memory() const;
  /// How many bytes a transfer must move in a time in which it must move `least` when there is no crowd:
  /// twice as many for every eighth of the places or of the memory that is taken, up to 128 times.
  [[nodiscard]] std::uint64_t floor(std::uint64_t least) const;

 private:
  struct Peer {
    std::atomic<std::uint64_t> connections, transfers, buffered_bytes;
  };
  void leave(const std::string& peer, Peer& part);
  [[nodiscard]] std::uint64_t peers() const { return peer_count_; }

  SharedAmount connections_;
  SharedAmount transfers_;
  SharedAmount buffered_bytes_;
  mutable Mutex mutex_;
  std::unordered_map<std::string, std::unique_ptr<Peer>> peers_
      SIGHTLINE_GUARDED_BY(mutex_);  ///< those with a connection
  std::atomic<std::uint64_t> peer_count_ = 0;
};

/// One connection's part. Gives everything back when it is destroyed. Used by one thread.
class Crowd::Guest {
 public:
  Guest(std::shared_ptr<Crowd> crowd, std::string name, Peer& peer)
      : crowd_(std::move(crowd)), name_(std::move(name)), peer_(peer) {}
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;
  ~Guest();

  /// A transfer begins, unless there is no place for it. One at a time.
  [[nodiscard]] bool begin_transfer();
  void end_transfer();
  /// The connection now has `bytes` in memory. False when that is more than before and more than its peer may
  /// have; it counts all the same, until the caller drops it.
  bool hold(std::uint64_t bytes);

 private:
  const std::shared_ptr<Crowd> crowd_;
  const std::string name_;
  Peer& peer_;
  bool transfers_ = false;
  std::uint64_t held_ = 0;
};

}  // namespace sightline::net
