#include "store/events.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "store/values.h"

namespace sightline::store {
namespace {

constexpr std::string_view kMigrations[] = {
    // `due`: when an event may be claimed; while it is leased, when the lease ends. One row counts the ids,
    // so
    // that they rise in the order of commits, also with several writers.
    R"(CREATE TABLE events (
         id BIGINT NOT NULL PRIMARY KEY,
         account TEXT NOT NULL,
         region TEXT NOT NULL,
         topic TEXT NOT NULL,
         ordering_key BLOB,
         payload BLOB NOT NULL,
         created BIGINT NOT NULL,
         due BIGINT NOT NULL,
         leased BIGINT NOT NULL,
         attempts BIGINT NOT NULL);
       CREATE INDEX events_by_due ON events (topic, due, id);
       CREATE INDEX events_by_key ON events (topic, ordering_key, id);
       CREATE TABLE events_dead (
         id BIGINT NOT NULL PRIMARY KEY,
         account TEXT NOT NULL,
         region TEXT NOT NULL,
         topic TEXT NOT NULL,
         ordering_key BLOB,
         payload BLOB NOT NULL,
         created BIGINT NOT NULL,
         attempts BIGINT NOT NULL,
         died BIGINT NOT NULL,
         error TEXT NOT NULL);
       CREATE TABLE events_counter (one BIGINT NOT NULL PRIMARY KEY, last BIGINT NOT NULL);
       INSERT INTO events_counter (one, last) VALUES (1, 0);)",
};

constexpr std::string_view kNextId = "UPDATE events_counter SET last = last + 1 WHERE one = 1 RETURNING last";
constexpr std::string_view kInsert =
    "INSERT INTO events (id, account, region, topic, ordering_key, payload, created, due, leased, attempts) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0)";
// Of each ordering key the first event alone, also while that one is leased or waits for its retry. `due` is
// asked for twice, for the case that another process has claimed the event in between.
constexpr std::string_view kClaim =
    "UPDATE events SET attempts = attempts + 1, leased = 1, due = $1 WHERE due <= $2 AND id IN "
    "(SELECT e.id FROM events e WHERE e.topic = $3 AND e.due <= $4 AND NOT EXISTS "
    "(SELECT 1 FROM events p WHERE p.topic = e.topic AND p.ordering_key = e.ordering_key AND p.id < e.id) "
    "ORDER BY e.due, e.id LIMIT $5) "
    "RETURNING id, account, region, topic, payload, created, attempts";
constexpr std::string_view kNextDue =
    "SELECT e.due FROM events e WHERE e.topic = $1 AND NOT EXISTS "
    "(SELECT 1 FROM events p WHERE p.topic = e.topic AND p.ordering_key = e.ordering_key AND p.id < e.id) "
    "ORDER BY e.due, e.id LIMIT 1";
constexpr std::string_view kConfirm = "DELETE FROM events WHERE id = $1";
constexpr std::string_view kRetry =
    "UPDATE events SET due = $1, leased = 0 WHERE id = $2 AND leased = 1 AND attempts = $3";
constexpr std::string_view kGiveBack =
    "UPDATE events SET due = $1, leased = 0, attempts = attempts - 1 WHERE id = $2 AND leased = 1 AND "
    "attempts = $3";
constexpr std::string_view kRelease = "UPDATE events SET due = $1, leased = 0 WHERE leased = 1";
constexpr std::string_view kBury =
    "INSERT INTO events_dead (id, account, region, topic, ordering_key, payload, created, attempts, died, "
    "error) "
    "SELECT id, account, region, topic, ordering_key, payload, created, attempts, CAST($1 AS BIGINT), "
    "CAST($2 AS TEXT) FROM events WHERE id = $3 AND leased = 1 AND attempts = $4";
constexpr std::string_view kDead =
    "SELECT id, account, region, topic, payload, created, attempts, died, error FROM events_dead "
    "ORDER BY id LIMIT $1";
constexpr std::string_view kRevive =
    "INSERT INTO events (id, account, region, topic, ordering_key, payload, created, due, leased, attempts) "
    "SELECT id, account, region, topic, ordering_key, payload, created, CAST($1 AS BIGINT), 0, 0 "
    "FROM events_dead WHERE id = $2";
constexpr std::string_view kUnbury = "DELETE FROM events_dead WHERE id = $1";

constexpr std::string_view kStatements[] = {kNextId,   kInsert,  kClaim, kNextDue, kConfirm, kRetry,
                                            kGiveBack, kRelease, kBury,  kDead,    kRevive,  kUnbury};

Event event_of(const Row& row) {
  const BytesView payload = row.bytes(4);
  return {row.integer(0),
          std::string(row.text(1)),
          std::string(row.text(2)),
          std::string(row.text(3)),
          {payload.begin(), payload.end()},
          instant(row.integer(5)),
          static_cast<int>(row.integer(6))};
}

}  // namespace

const Schema kEventsSchema{"events", kMigrations, kStatements};

Outbox::Outbox(Database& database, const Clock& clock, Random& random, const OutboxOptions& options)
    : database_(database), clock_(clock), random_(random), options_(options) {}

void Outbox::on_append(std::function<void()> callback) {
  std::lock_guard lock(mutex_);
  on_append_ = std::move(callback);
}

Result<std::int64_t> Outbox::append(Transaction& transaction, const NewEvent& event) {
  std::int64_t id = 0;
  TRY(transaction.query(kNextId, {}, [&](const Row& row) { id = row.integer(0); }));
  const Instant now = clock_.now();
  const Value key = event.ordering_key.empty() ? Value() : Value(event.ordering_key);
  TRY(transaction.execute(kInsert, {id, event.account, event.region, event.topic, key, event.payload,
                                    number(now), number(event.not_before.value_or(now))}));
  tell_after(transaction);
  return id;
}

void Outbox::tell_after(Transaction& transaction) {
  transaction.after_commit([this] {
    std::lock_guard lock(mutex_);
    if (on_append_) on_append_();
  });
}

Result<std::vector<Event>> Outbox::claim(const std::vector<std::string>& topics, std::size_t limit) {
  std::vector<Event> events;
  TRY(database_.write([&](Transaction& transaction) -> Result<void> {
    events.clear();
    const Instant now = clock_.now();
    for (const std::string& topic : topics) {
      const auto room = static_cast<std::int64_t>(limit - events.size());
      if (room == 0) break;
      TRY(transaction.query(kClaim, {number(now + options_.lease), number(now), topic, number(now), room},
                            [&](const Row& row) { events.push_back(event_of(row)); }));
    }
    return {};
  }));
  std::ranges::sort(events, {}, &Event::id);
  return events;
}

Result<void> Outbox::confirm(const Event& event) {
  return database_.write([&](Transaction& transaction) -> Result<void> {
    TRY(transaction.execute(kConfirm, {event.id}));
    return {};
  });
}

Instant Outbox::retry_time(int attempt) {
  auto delay = options_.first_retry;
  for (int i = 1; i < attempt && delay < options_.longest_retry; ++i) delay *= 2;
  delay = std::min(delay, options_.longest_retry);
  std::array<std::uint8_t, 2> chance{};
  random_.fill(chance);
  // What failed together does not come back together.
  const auto share = chance[0] * 256 + chance[1];
  return clock_.now() + delay / 2 + delay * share / (2 * 65536);
}

Result<void> Outbox::fail_delivery(const Event& event, std::string_view error) {
  return database_.write([&](Transaction& transaction) -> Result<void> {
    if (event.attempt < options_.max_attempts) {
      TRY(transaction.execute(kRetry,
                              {number(retry_time(event.attempt)), event.id, std::int64_t{event.attempt}}));
      return {};
    }
    const auto buried =
        TRY(transaction.execute(kBury, {number(clock_.now()), error, event.id, std::int64_t{event.attempt}}));
    if (buried > 0) TRY(transaction.execute(kConfirm, {event.id}));
    return {};
  });
}

Result<void> Outbox::give_back(const Event& event) {
  return database_.write([&](Transaction& transaction) -> Result<void> {
    TRY(transaction.execute(kGiveBack, {number(clock_.now()), event.id, std::int64_t{event.attempt}}));
    return {};
  });
}

Result<void> Outbox::release_leases() {
  return database_.write([&](Transaction& transaction) -> Result<void> {
    TRY(transaction.execute(kRelease, {number(clock_.now())}));
    return {};
  });
}

Result<std::optional<Instant>> Outbox::next_due(const std::vector<std::string>& topics) {
  std::optional<Instant> next;
  TRY(database_.read([&](Transaction& transaction) -> Result<void> {
    for (const std::string& topic : topics) {
      TRY(transaction.query(kNextDue, {topic}, [&](const Row& row) {
        const Instant due = instant(row.integer(0));
        next = next ? std::min(*next, due) : due;
      }));
    }
    return {};
  }));
  return next;
}

Result<std::vector<DeadEvent>> Outbox::dead_letters(std::size_t limit) {
  std::vector<DeadEvent> dead;
  TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(kDead, {static_cast<std::int64_t>(limit)}, [&](const Row& row) {
      dead.push_back({event_of(row), instant(row.integer(7)), std::string(row.text(8))});
    });
  }));
  return dead;
}

Result<void> Outbox::revive(std::int64_t id) {
  return database_.write([&](Transaction& transaction) -> Result<void> {
    const auto revived = TRY(transaction.execute(kRevive, {number(clock_.now()), id}));
    if (revived == 0) return fail(ErrorKind::not_found, "there is no dead letter with that id");
    TRY(transaction.execute(kUnbury, {id}));
    tell_after(transaction);
    return {};
  });
}

}  // namespace sightline::store
