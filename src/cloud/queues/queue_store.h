#pragma once
// Queues and messages in their tables. Of this module alone; who waits for messages: queues.h.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "cloud/queues/message.h"
#include "cloud/queues/queue.h"
#include "store/database.h"
#include "store/stores.h"

namespace sightline::queues {

/// One receiver's share of a claim.
struct Want {
  int max_messages = 1;
  std::optional<std::int64_t> visibility_timeout;
};

/// A queue, and when its next message may be received; nullopt when it has none.
struct Look {
  Queue queue;
  std::optional<Instant> next;
};

/// Thread-safe. Errors of all: not_found (the queue), and those of the store.
class QueueStore {
 public:
  static Result<std::unique_ptr<QueueStore>> open(store::Stores& stores, const Clock& clock, Random& random);

  [[nodiscard]] Result<Queue> create(const QueueKey& key, std::span<const AttributeSetting> settings);
  [[nodiscard]] Result<Queue> find(const QueueKey& key);
  [[nodiscard]] Result<void> remove(const QueueKey& key);
  /// Tells the message's id, as Database::write() tells.
  void send(const QueueKey& key, NewMessage message, std::move_only_function<void(Result<std::string>)> done);
  /// Tells as Database::write().
  void remove_message(const QueueKey& key, Receipt receipt, store::Database::Done done);
  /// Waits until all of that has been told.
  void drain();

  [[nodiscard]] Result<Look> look(const QueueKey& key);
  /// One list for each that wants some, in their order, in one commit.
  [[nodiscard]] Result<std::vector<std::vector<ReceivedMessage>>> claim(const QueueKey& key,
                                                                        std::span<const Want> wants);
  /// As if they had not been received.
  [[nodiscard]] Result<void> give_back(const QueueKey& key, std::span<const ReceivedMessage> messages);
  /// Removes some of what is too old or of queues that are gone; true when more may be left.
  [[nodiscard]] Result<bool> clean_up();

 private:
  QueueStore(const Clock& clock, Random& random) : clock_(clock), random_(random) {}

  [[nodiscard]] Result<std::vector<ReceivedMessage>> claim_for(store::Transaction& transaction,
                                                               const Queue& queue, const Want& want);
  [[nodiscard]] std::int64_t next_sequence(Instant now);

  const Clock& clock_;
  Random& random_;
  std::atomic<std::int64_t> last_sequence_ = 0;
  std::unique_ptr<store::Database> database_;
};

}  // namespace sightline::queues
