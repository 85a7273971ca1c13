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
#include "cloud/queues/arrival.h"
#include "cloud/queues/message.h"
#include "cloud/queues/queue.h"
#include "store/database.h"
#include "store/stores.h"

namespace sightline::queues {

/// A message that is to be put into a queue: what takes long is done before the writes stand in line.
struct PreparedMessage {
  PreparedMessage(QueueKey to, NewMessage sent, std::string named);
  QueueKey key;
  NewMessage message;
  MessageCheck check;
  std::string attributes;  ///< encoded
  std::string id;
};

/// One receiver's share of a claim.
struct Want {
  int max_messages = 1;
  std::optional<std::int64_t> visibility_timeout;
};

/// A queue, and when its next message may be received; nullopt when it has none.
struct QueueState {
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
  /// One result for each, in their order, in one commit. What has arrived before is not put again: that is a
  /// success. Forgets the arrivals that are settled.
  [[nodiscard]] Result<std::vector<Result<void>>> accept(std::vector<Arrival> arrivals,
                                                         std::span<const bus::DeliveryId> settled);
  /// Tells as Database::write().
  void remove_message(const QueueKey& key, Receipt receipt, store::Database::Done done);
  /// Waits until all of that has been told.
  void drain();

  [[nodiscard]] Result<QueueState> state_of(const QueueKey& key);
  /// One list for each that wants some, in their order, in one commit.
  [[nodiscard]] Result<std::vector<std::vector<ReceivedMessage>>> claim(const QueueKey& key,
                                                                        std::span<const Want> wants);
  using ClaimDone = std::move_only_function<void(Result<std::vector<ReceivedMessage>>)>;
  /// The same for one, who is told as Database::write() tells.
  void claim(const QueueKey& key, const Want& want, ClaimDone done);
  /// As if they had not been received.
  [[nodiscard]] Result<void> give_back(const QueueKey& key, std::span<const ReceivedMessage> messages);
  /// The same, which waits for nothing.
  void give_back(const QueueKey& key, std::vector<ReceivedMessage> messages, store::Database::Done done);
  /// Removes some of what is too old or of queues that are gone; true when more may be left.
  [[nodiscard]] Result<bool> clean_up();

 private:
  QueueStore(const Clock& clock, Random& random) : clock_(clock), random_(random) {}

  [[nodiscard]] Result<std::vector<std::vector<ReceivedMessage>>> claim_in(store::Transaction& transaction,
                                                                           const QueueKey& key,
                                                                           std::span<const Want> wants);
  [[nodiscard]] Result<void> give_back_in(store::Transaction& transaction, const QueueKey& key,
                                          std::span<const ReceivedMessage> messages);
  [[nodiscard]] Result<std::vector<ReceivedMessage>> claim_for(store::Transaction& transaction,
                                                               const Queue& queue, const Want& want);
  [[nodiscard]] std::int64_t next_sequence(Instant now);
  /// Puts the message into the queue that it names. Errors: not_found, those of MessageCheck.
  [[nodiscard]] Result<void> insert(store::Transaction& transaction, const PreparedMessage& prepared);

  const Clock& clock_;
  Random& random_;
  std::atomic<std::int64_t> last_sequence_ = 0;
  std::unique_ptr<store::Database> database_;
};

}  // namespace sightline::queues
