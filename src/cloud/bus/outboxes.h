#pragma once
// The outboxes of a server, by name: for whoever looks after what could not be delivered.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/events.h"

namespace sightline::bus {

struct DeadLetter {
  std::string id;  ///< "buckets/17"
  store::DeadEvent dead;
};

/// Filled at assembly, then constant: thread-safe from then on. The outboxes outlive it.
class Outboxes {
 public:
  /// `source`: BusOptions::source, without a '/'.
  void add(std::string source, store::Outbox& outbox) {
    outboxes_.insert_or_assign(std::move(source), &outbox);
  }

  /// Those of an account, the oldest of each outbox first: as many as an outbox keeps of one account.
  [[nodiscard]] Result<std::vector<DeadLetter>> dead_letters(std::string_view account) const;
  /// Has those of the account's that have these ids delivered again; returns how many there were. Errors:
  /// unavailable (too many events wait).
  [[nodiscard]] Result<std::int64_t> revive(std::string_view account, std::span<const std::string> ids) const;

 private:
  std::map<std::string, store::Outbox*, std::less<>> outboxes_;
};

}  // namespace sightline::bus
