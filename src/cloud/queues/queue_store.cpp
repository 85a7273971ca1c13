#include "cloud/queues/queue_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hex.h"
#include "cloud/queues/queue_tables.h"
#include "store/values.h"

namespace sightline::queues {
namespace {

using store::bytes;
using store::instant;
using store::number;
using store::Row;
using store::text;
using store::Transaction;

/// Rows that one commit removes: no sender waits long for it.
constexpr std::int64_t kCleanUpRows = 1000;
/// Those that nobody settles: of a process that was killed, a call's worth.
constexpr std::chrono::milliseconds kArrivalsKept = std::chrono::days(14);

std::int64_t milliseconds(std::int64_t seconds) {
  return seconds * 1000;
}

Result<std::optional<Queue>> read_queue(Transaction& transaction, const QueueKey& key) {
  std::optional<Queue> queue;
  TRY(transaction.query(sql::kQueue, {key.account, key.region, bytes(key.name)}, [&](const Row& row) {
    queue = Queue{key,
                  {row.integer(1), row.integer(2), row.integer(3), row.integer(4), row.integer(5)},
                  row.integer(0)};
  }));
  return queue;
}

Result<Queue> existing_queue(Transaction& transaction, const QueueKey& key) {
  auto queue = TRY(read_queue(transaction, key));
  if (!queue) return fail(ErrorKind::not_found, fmt::format("there is no queue '{}'", key.name));
  return *std::move(queue);
}

/// True when fewer than asked for were there.
Result<bool> delete_old(Transaction& transaction, const QueueKey& key, std::int64_t queue,
                        std::int64_t until) {
  const auto deleted = TRY(transaction.execute(sql::kDeleteOld, {key.account, key.region, queue, key.account,
                                                                 key.region, queue, until, kCleanUpRows}));
  return deleted < kCleanUpRows;
}

}  // namespace

Result<std::unique_ptr<QueueStore>> QueueStore::open(store::Stores& stores, const Clock& clock,
                                                     Random& random) {
  std::unique_ptr<QueueStore> store(new QueueStore(clock, random));
  store->database_ = TRY(stores.open({"queues", {kQueuesSchema}}));
  return store;
}

std::int64_t QueueStore::next_sequence(Instant now) {
  std::int64_t last = last_sequence_;
  std::int64_t next = 0;
  do {
    next = std::max(last + 1, number(now) * 1000);
  } while (!last_sequence_.compare_exchange_weak(last, next));
  return next;
}

Result<Queue> QueueStore::create(const QueueKey& key, std::span<const AttributeSetting> settings) {
  std::array<std::uint8_t, 8> chance{};
  random_.fill(chance);
  Queue queue{key, {}, 0};
  for (const std::uint8_t byte : chance) queue.number = (queue.number << 7) | (byte & 0x7F);
  for (const AttributeSetting& setting : settings) queue.attributes.*(setting.rule->value) = setting.value;
  TRY(database_->write([&](Transaction& transaction) -> Result<void> {
    if (auto existing = TRY(read_queue(transaction, key))) {
      for (const AttributeSetting& setting : settings)
        if (existing->attributes.*(setting.rule->value) != setting.value)
          return fail(ErrorKind::already_exists, std::string(setting.rule->name));
      queue = *std::move(existing);
      return {};
    }
    const QueueAttributes& attributes = queue.attributes;
    TRY(transaction.execute(
        sql::kInsertQueue, {key.account, key.region, bytes(key.name), queue.number,
                            attributes.visibility_timeout, attributes.delay, attributes.retention,
                            attributes.maximum_message_size, attributes.receive_wait, number(clock_.now())}));
    return {};
  }));
  return queue;
}

Result<Queue> QueueStore::find(const QueueKey& key) {
  Queue queue;
  TRY(database_->read([&](Transaction& transaction) -> Result<void> {
    queue = TRY(existing_queue(transaction, key));
    return {};
  }));
  return queue;
}

Result<void> QueueStore::remove(const QueueKey& key) {
  return database_->write([&](Transaction& transaction) -> Result<void> {
    const Queue queue = TRY(existing_queue(transaction, key));
    TRY(transaction.execute(sql::kDeleteQueue, {key.account, key.region, bytes(key.name)}));
    // The messages may be many: clean_up() removes them bit by bit.
    TRY(transaction.execute(sql::kInsertAbandoned, {key.account, key.region, queue.number}));
    return {};
  });
}

PreparedMessage::PreparedMessage(QueueKey to, NewMessage sent, std::string named)
    : key(std::move(to)),
      message(std::move(sent)),
      check(message),
      attributes(encode_attributes(message.attributes)),
      id(std::move(named)) {}

Result<void> QueueStore::insert(Transaction& transaction, const PreparedMessage& prepared) {
  const auto& [key, message, check, attributes, id] = prepared;
  const Queue queue = TRY(existing_queue(transaction, key));
  TRY(check.verdict(queue.attributes.maximum_message_size));
  const Instant now = clock_.now();
  const std::int64_t visible = number(now) + milliseconds(message.delay.value_or(queue.attributes.delay));
  const store::Value trace =
      message.trace_header ? store::Value(std::string_view(*message.trace_header)) : store::Value();
  const std::string cause = message.cause.text();
  TRY(transaction.execute(sql::kInsertMessage,
                          {key.account, key.region, queue.number, id, message.body, bytes(attributes),
                           message.sender, trace, number(now), next_sequence(now), visible, cause}));
  return {};
}

void QueueStore::send(const QueueKey& key, NewMessage message,
                      std::move_only_function<void(Result<std::string>)> done) {
  const auto sending = std::make_shared<const PreparedMessage>(key, std::move(message), make_uuid(random_));
  database_->write([this, sending](Transaction& transaction) { return insert(transaction, *sending); },
                   [sending, done = std::move(done)](Result<void> written) mutable {
                     if (!written) return done(std::unexpected(std::move(written).error()));
                     done(sending->id);
                   });
}

void QueueStore::remove_message(const QueueKey& key, Receipt receipt, store::Database::Done done) {
  database_->write(
      [key, receipt = std::move(receipt)](Transaction& transaction) -> Result<void> {
        const Queue queue = TRY(existing_queue(transaction, key));
        if (queue.number != receipt.queue)
          return fail(ErrorKind::invalid_argument, "the receipt handle is of another queue");
        TRY(transaction.execute(sql::kDeleteMessage,
                                {key.account, key.region, queue.number, receipt.message, receipt.token}));
        return {};
      },
      std::move(done));
}

void QueueStore::drain() {
  // What is queued is told of first; there is nothing that this could fail at.
  static_cast<void>(database_->write([](Transaction&) -> Result<void> { return {}; }));
}

Result<QueueState> QueueStore::state_of(const QueueKey& key) {
  QueueState state;
  TRY(database_->read([&](Transaction& transaction) -> Result<void> {
    state.queue = TRY(existing_queue(transaction, key));
    return transaction.query(sql::kNextVisible, {key.account, key.region, state.queue.number},
                             [&](const Row& row) { state.next = instant(row.integer(0)); });
  }));
  return state;
}

Result<std::vector<ReceivedMessage>> QueueStore::claim_for(Transaction& transaction, const Queue& queue,
                                                           const Want& want) {
  std::array<std::uint8_t, 8> chance{};
  random_.fill(chance);
  const std::string token = hex(chance);
  const QueueKey& key = queue.key;
  const std::int64_t now = number(clock_.now());
  const std::int64_t hidden_until =
      now + milliseconds(want.visibility_timeout.value_or(queue.attributes.visibility_timeout));
  std::vector<std::pair<std::int64_t, ReceivedMessage>> claimed;
  std::optional<Error> damaged;
  TRY(transaction.query(
      sql::kClaim,
      {hidden_until, token, now, key.account, key.region, queue.number, now, key.account, key.region,
       queue.number, now, now - milliseconds(queue.attributes.retention), std::int64_t{want.max_messages}},
      [&](const Row& row) {
        ReceivedMessage message;
        message.id = row.text(0);
        message.receipt_handle = encode_receipt({queue.number, message.id, token});
        message.body = row.text(1);
        auto attributes = decode_attributes(text(row.bytes(2)));
        if (attributes)
          message.attributes = *std::move(attributes);
        else
          damaged = attributes.error();
        message.sender = row.text(3);
        if (!row.is_null(4)) message.trace_header = row.text(4);
        message.sent = instant(row.integer(5));
        message.first_received = instant(row.integer(6));
        message.receive_count = row.integer(7);
        message.cause = Cause::parse(row.text(9)).value_or(Cause());
        claimed.emplace_back(row.integer(8), std::move(message));
      }));
  if (damaged) return std::unexpected(*std::move(damaged));
  std::ranges::sort(claimed, {}, [](const auto& pair) { return pair.first; });
  std::vector<ReceivedMessage> messages;
  messages.reserve(claimed.size());
  for (auto& [sequence, message] : claimed) messages.push_back(std::move(message));
  return messages;
}

Result<std::vector<std::vector<ReceivedMessage>>> QueueStore::claim_in(Transaction& transaction,
                                                                       const QueueKey& key,
                                                                       std::span<const Want> wants) {
  std::vector<std::vector<ReceivedMessage>> all(wants.size());
  const Queue queue = TRY(existing_queue(transaction, key));
  // Else they would be due for ever.
  TRY(delete_old(transaction, key, queue.number,
                 number(clock_.now()) - milliseconds(queue.attributes.retention)));
  for (std::size_t i = 0; i < wants.size(); ++i) {
    all[i] = TRY(claim_for(transaction, queue, wants[i]));
    if (all[i].empty()) break;
  }
  return all;
}

Result<std::vector<std::vector<ReceivedMessage>>> QueueStore::claim(const QueueKey& key,
                                                                    std::span<const Want> wants) {
  std::vector<std::vector<ReceivedMessage>> all;
  TRY(database_->write([&](Transaction& transaction) -> Result<void> {
    all = TRY(claim_in(transaction, key, wants));
    return {};
  }));
  return all;
}

void QueueStore::claim(const QueueKey& key, const Want& want, ClaimDone done) {
  const auto claimed = std::make_shared<std::vector<ReceivedMessage>>();
  database_->write(
      [this, key, want, claimed](Transaction& transaction) -> Result<void> {
        *claimed = std::move(TRY(claim_in(transaction, key, std::span(&want, 1))).front());
        return {};
      },
      [claimed, done = std::move(done)](Result<void> written) mutable {
        if (!written) return done(std::unexpected(std::move(written).error()));
        done(std::move(*claimed));
      });
}

Result<void> QueueStore::give_back_in(Transaction& transaction, const QueueKey& key,
                                      std::span<const ReceivedMessage> messages) {
  for (const ReceivedMessage& message : messages) {
    const auto receipt = decode_receipt(message.receipt_handle);
    if (!receipt) continue;
    TRY(transaction.execute(sql::kGiveBack, {number(clock_.now()), key.account, key.region, receipt->queue,
                                             receipt->message, receipt->token}));
  }
  return {};
}

Result<void> QueueStore::give_back(const QueueKey& key, std::span<const ReceivedMessage> messages) {
  return database_->write([&](Transaction& transaction) { return give_back_in(transaction, key, messages); });
}

void QueueStore::give_back(const QueueKey& key, std::vector<ReceivedMessage> messages,
                           store::Database::Done done) {
  database_->write([this, key, messages = std::move(messages)](
                       Transaction& transaction) { return give_back_in(transaction, key, messages); },
                   std::move(done));
}

Result<bool> QueueStore::clean_up() {
  struct Stale {
    QueueKey key;
    std::int64_t number;
    std::int64_t until;
    bool abandoned;
  };
  std::vector<Stale> stale;
  const std::int64_t now = number(clock_.now());
  TRY(database_->read([&](Transaction& transaction) -> Result<void> {
    TRY(transaction.query(sql::kAllQueues, {}, [&](const Row& row) {
      stale.push_back({{std::string(row.text(0)), std::string(row.text(1)), ""},
                       row.integer(2),
                       now - milliseconds(row.integer(3)),
                       false});
    }));
    return transaction.query(sql::kAbandoned, {}, [&](const Row& row) {
      stale.push_back({{std::string(row.text(0)), std::string(row.text(1)), ""},
                       row.integer(2),
                       std::numeric_limits<std::int64_t>::max(),
                       true});
    });
  }));
  TRY(database_->write([&](Transaction& transaction) -> Result<void> {
    TRY(transaction.execute(sql::kDeleteOldArrivals, {now - kArrivalsKept.count()}));
    return {};
  }));
  bool more = false;
  for (const Stale& queue : stale) {
    TRY(database_->write([&](Transaction& transaction) -> Result<void> {
      const bool all = TRY(delete_old(transaction, queue.key, queue.number, queue.until));
      more = more || !all;
      if (all && queue.abandoned)
        TRY(transaction.execute(sql::kDeleteAbandoned, {queue.key.account, queue.key.region, queue.number}));
      return {};
    }));
  }
  return more;
}

}  // namespace sightline::queues
