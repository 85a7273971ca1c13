#include "store/events.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>

#include "base/hex.h"
#include "store/values.h"

namespace sightline::store {
namespace {

constexpr std::string_view kMigrations[] = {
    // `due`: when an event may be claimed; while it is leased, when the lease ends. One row counts the ids,
    // so that they rise in the order of commits, also with several writers.
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
    // A row is what one subscriber gets. What waits and what is dead is counted in the row of the ids, so
    // that a limit can be kept without counting rows.
    R"(ALTER TABLE events ADD COLUMN sequence BIGINT NOT NULL DEFAULT 0;
       ALTER TABLE events ADD COLUMN event TEXT NOT NULL DEFAULT '';
       ALTER TABLE events ADD COLUMN subscription TEXT NOT NULL DEFAULT '';
       ALTER TABLE events ADD COLUMN target TEXT NOT NULL DEFAULT '';
       ALTER TABLE events ADD COLUMN cause TEXT NOT NULL DEFAULT '';
       UPDATE events SET sequence = id, event = CAST(id AS TEXT);
       CREATE UNIQUE INDEX events_by_subscription ON events (event, subscription);
       ALTER TABLE events_dead ADD COLUMN sequence BIGINT NOT NULL DEFAULT 0;
       ALTER TABLE events_dead ADD COLUMN event TEXT NOT NULL DEFAULT '';
       ALTER TABLE events_dead ADD COLUMN subscription TEXT NOT NULL DEFAULT '';
       ALTER TABLE events_dead ADD COLUMN target TEXT NOT NULL DEFAULT '';
       ALTER TABLE events_dead ADD COLUMN cause TEXT NOT NULL DEFAULT '';
       UPDATE events_dead SET sequence = id, event = CAST(id AS TEXT);
       ALTER TABLE events_counter ADD COLUMN waiting BIGINT NOT NULL DEFAULT 0;
       ALTER TABLE events_counter ADD COLUMN dead BIGINT NOT NULL DEFAULT 0;
       UPDATE events_counter SET waiting = (SELECT COUNT(*) FROM events),
         dead = (SELECT COUNT(*) FROM events_dead);)",
    // The same of each account that has any, so that one cannot use up the room of all.
    R"(CREATE TABLE events_accounts (
         account TEXT NOT NULL PRIMARY KEY,
         waiting BIGINT NOT NULL,
         dead BIGINT NOT NULL);
       CREATE INDEX events_accounts_by_dead ON events_accounts (dead);
       CREATE INDEX events_dead_by_account ON events_dead (account, id);
       INSERT INTO events_accounts (account, waiting, dead)
         SELECT e.account, SUM(e.waiting), SUM(e.dead) FROM
           (SELECT account, 1 AS waiting, 0 AS dead FROM events
            UNION ALL SELECT account, 0 AS waiting, 1 AS dead FROM events_dead) AS e
         GROUP BY e.account;)",
};

constexpr std::string_view kTakeIds =
    "UPDATE events_counter SET last = last + $1, waiting = waiting + $2 WHERE one = 1 "
    "RETURNING last, waiting, dead";
constexpr std::string_view kCount =
    "UPDATE events_counter SET waiting = waiting + $1, dead = dead + $2 WHERE one = 1 RETURNING waiting, "
    "dead";
constexpr std::string_view kCountAccount =
    "INSERT INTO events_accounts (account, waiting, dead) VALUES ($1, $2, $3) "
    "ON CONFLICT (account) DO UPDATE SET waiting = events_accounts.waiting + excluded.waiting, "
    "dead = events_accounts.dead + excluded.dead RETURNING waiting, dead";
constexpr std::string_view kForgetAccount =
    "DELETE FROM events_accounts WHERE account = $1 AND waiting = 0 AND dead = 0";
constexpr std::string_view kMostDead = "SELECT account FROM events_accounts ORDER BY dead DESC LIMIT 1";
constexpr std::string_view kSizes = "SELECT waiting, dead FROM events_counter WHERE one = 1";
constexpr std::string_view kInsert =
    "INSERT INTO events (id, account, region, topic, ordering_key, payload, created, due, leased, attempts, "
    "sequence, event, subscription, target, cause) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, $9, $10, $11, $12, $13)";
// Of each ordering key of a subscriber the first event only, also while that one is leased or waits for its
// retry. `due` is asked for twice, for the case that another process has claimed the event in between.
constexpr std::string_view kClaim =
    "UPDATE events SET attempts = attempts + 1, leased = 1, due = $1 WHERE due <= $2 AND id IN "
    "(SELECT e.id FROM events e WHERE e.topic = $3 AND e.due <= $4 AND NOT EXISTS "
    "(SELECT 1 FROM events p WHERE p.topic = e.topic AND p.ordering_key = e.ordering_key AND "
    "p.subscription = e.subscription AND p.id < e.id) "
    "ORDER BY e.due, e.id LIMIT $5) "
    "RETURNING id, account, region, topic, payload, created, attempts, sequence, event, subscription, "
    "target, cause";
constexpr std::string_view kNextDue =
    "SELECT e.due FROM events e WHERE e.topic = $1 AND NOT EXISTS "
    "(SELECT 1 FROM events p WHERE p.topic = e.topic AND p.ordering_key = e.ordering_key AND "
    "p.subscription = e.subscription AND p.id < e.id) "
    "ORDER BY e.due, e.id LIMIT 1";
constexpr std::string_view kConfirm = "DELETE FROM events WHERE id = $1 RETURNING attempts";
constexpr std::string_view kRetry =
    "UPDATE events SET due = $1, leased = 0 WHERE id = $2 AND leased = 1 AND attempts = $3";
constexpr std::string_view kRenew =
    "UPDATE events SET due = $1 WHERE id = $2 AND leased = 1 AND attempts = $3 AND due > $4";
constexpr std::string_view kGiveBack =
    "UPDATE events SET due = $1, leased = 0, attempts = attempts - 1 WHERE id = $2 AND leased = 1 AND "
    "attempts = $3";
constexpr std::string_view kRelease = "UPDATE events SET due = $1, leased = 0 WHERE leased = 1";
constexpr std::string_view kBury =
    "INSERT INTO events_dead (id, account, region, topic, ordering_key, payload, created, attempts, died, "
    "error, sequence, event, subscription, target, cause) "
    "SELECT id, account, region, topic, ordering_key, payload, created, attempts, CAST($1 AS BIGINT), "
    "CAST($2 AS TEXT), sequence, event, subscription, target, cause FROM events "
    "WHERE id = $3 AND leased = 1 AND attempts = $4";
constexpr std::string_view kForgetDead =
    "DELETE FROM events_dead WHERE id IN "
    "(SELECT d.id FROM events_dead d WHERE d.account = $1 ORDER BY d.id LIMIT $2)";
constexpr std::string_view kDead =
    "SELECT id, account, region, topic, payload, created, attempts, sequence, event, subscription, target, "
    "cause, died, error FROM events_dead WHERE account = $1 ORDER BY id LIMIT $2";
constexpr std::string_view kRevive =
    "INSERT INTO events (id, account, region, topic, ordering_key, payload, created, due, leased, attempts, "
    "sequence, event, subscription, target, cause) "
    "SELECT id, account, region, topic, ordering_key, payload, created, CAST($1 AS BIGINT), 0, 0, "
    "sequence, event, subscription, target, cause FROM events_dead WHERE id = $2 AND account = $3";
constexpr std::string_view kUnbury = "DELETE FROM events_dead WHERE id = $1";

constexpr std::string_view kStatements[] = {kTakeIds,    kCount,  kCountAccount, kForgetAccount, kMostDead,
                                            kSizes,      kInsert, kClaim,        kNextDue,       kConfirm,
                                            kRetry,      kRenew,  kGiveBack,     kRelease,       kBury,
                                            kForgetDead, kDead,   kRevive,       kUnbury};

/// The columns of kClaim and the first ones of kDead. A cause that cannot be read counts as none: the event
/// is worth more than its history.
Event event_of(const Row& row) {
  const BytesView payload = row.bytes(4);
  Event event;
  event.id = row.integer(0);
  event.account = row.text(1);
  event.region = row.text(2);
  event.topic = row.text(3);
  event.payload.assign(payload.begin(), payload.end());
  event.created = instant(row.integer(5));
  event.attempt = static_cast<int>(row.integer(6));
  event.sequence = row.integer(7);
  event.event = row.text(8);
  event.subscription = row.text(9);
  event.target = row.text(10);
  event.cause = Cause::parse(row.text(11)).value_or(Cause());
  return event;
}

}  // namespace

const Schema kEventsSchema{"events", kMigrations, kStatements};

Outbox::Outbox(Database& database, const Clock& clock, Random& random, const OutboxOptions& options)
    : database_(database), clock_(clock), random_(random), options_(options) {}

Outbox::ListenerId Outbox::add_listener(Listener listener) {
  const MutexLock lock(mutex_);
  return listeners_.insert(listeners_.end(), std::move(listener));
}

void Outbox::remove_listener(ListenerId listener) {
  const MutexLock lock(mutex_);
  listeners_.erase(listener);
}

Result<void> Outbox::append(Transaction& transaction, const NewEvent& event) {
  const Subscriber only{};
  return append(transaction, event, std::span(&only, 1));
}

Result<void> Outbox::append(Transaction& transaction, const NewEvent& event,
                            std::span<const Subscriber> subscribers) {
  if (subscribers.empty()) return {};
  const auto count = static_cast<std::int64_t>(subscribers.size());
  std::int64_t last = 0;
  Counted counted;
  TRY(transaction.query(kTakeIds, {count, count}, [&](const Row& row) {
    last = row.integer(0);
    counted.all = {row.integer(1), row.integer(2)};
  }));
  counted.account = TRY(count_account(transaction, event.account, {count, 0}));
  TRY(check_room(counted));
  std::array<std::uint8_t, 16> chance{};
  random_.fill(chance);
  const std::string name = hex(chance);
  const std::string cause = event.cause.text();
  const Instant now = clock_.now();
  const Value key = event.ordering_key.empty() ? Value() : Value(event.ordering_key);
  const std::int64_t sequence = last - count + 1;
  std::int64_t id = sequence;
  for (const Subscriber& subscriber : subscribers) {
    TRY(transaction.execute(kInsert, {id++, event.account, event.region, event.topic, key, event.payload,
                                      number(now), number(event.not_before.value_or(now)), sequence, name,
                                      subscriber.id, subscriber.target, cause}));
  }
  remember_after_commit(transaction, counted.all);
  notify_after_commit(transaction);
  return {};
}

Result<void> Outbox::check_room(const Counted& counted) const {
  if (counted.all.waiting <= options_.max_waiting && counted.account.waiting <= options_.max_waiting_each)
    return {};
  return fail(ErrorKind::unavailable, "too many events wait for their delivery: come again later");
}

Result<Outbox::Counted> Outbox::count(Transaction& transaction, std::string_view account,
                                      const OutboxSizes& more) {
  Counted counted;
  TRY(transaction.query(kCount, {more.waiting, more.dead},
                        [&](const Row& row) { counted.all = {row.integer(0), row.integer(1)}; }));
  counted.account = TRY(count_account(transaction, account, more));
  remember_after_commit(transaction, counted.all);
  return counted;
}

Result<OutboxSizes> Outbox::count_account(Transaction& transaction, std::string_view account,
                                          const OutboxSizes& more) {
  OutboxSizes sizes;
  TRY(transaction.query(kCountAccount, {account, more.waiting, more.dead},
                        [&](const Row& row) { sizes = {row.integer(0), row.integer(1)}; }));
  // Or there would be a row for every account that ever was.
  if (sizes.waiting == 0 && sizes.dead == 0) TRY(transaction.execute(kForgetAccount, {account}));
  return sizes;
}

Result<void> Outbox::forget_dead(Transaction& transaction, std::string_view account, std::int64_t number) {
  const auto forgotten = TRY(transaction.execute(kForgetDead, {account, number}));
  TRY(count(transaction, account, {0, -forgotten}));
  return {};
}

void Outbox::remember_after_commit(Transaction& transaction, const OutboxSizes& sizes) {
  transaction.after_commit([this, sizes] {
    waiting_ = sizes.waiting;
    dead_ = sizes.dead;
  });
}

void Outbox::notify_after_commit(Transaction& transaction) {
  transaction.after_commit([this] {
    const MutexLock lock(mutex_);
    for (const Listener& listener : listeners_) listener();
  });
}

Result<std::vector<Event>> Outbox::claim(std::string_view topic, std::size_t limit,
                                         const DeliveryPolicy& policy) {
  std::vector<Event> events;
  TRY(database_.write([&](Transaction& transaction) -> Result<void> {
    events.clear();
    const Instant now = clock_.now();
    return transaction.query(
        kClaim,
        {number(now + policy.lease), number(now), topic, number(now), static_cast<std::int64_t>(limit)},
        [&](const Row& row) { events.push_back(event_of(row)); });
  }));
  std::ranges::sort(events, {}, &Event::id);
  return events;
}

Result<bool> Outbox::renew(const Event& event, const DeliveryPolicy& policy) {
  bool held = false;
  TRY(database_.write([&](Transaction& transaction) -> Result<void> {
    const Instant now = clock_.now();
    held = TRY(transaction.execute(
               kRenew, {number(now + policy.lease), event.id, std::int64_t{event.attempt}, number(now)})) > 0;
    return {};
  }));
  return held;
}

Result<std::vector<Event>> Outbox::confirm(std::span<const Event> events) {
  std::vector<Event> settled;
  TRY(database_.write([&](Transaction& transaction) -> Result<void> {
    settled.clear();
    std::map<std::string_view, std::int64_t> gone;
    for (const Event& event : events) {
      TRY(transaction.query(kConfirm, {event.id}, [&](const Row& row) {
        ++gone[event.account];
        if (row.integer(0) == event.attempt) settled.push_back(event);
      }));
    }
    for (const auto& [account, number] : gone) TRY(count(transaction, account, {-number, 0}));
    return {};
  }));
  return settled;
}

Instant Outbox::retry_time(int attempt, const DeliveryPolicy& policy) {
  auto delay = policy.first_retry;
  for (int i = 1; i < attempt && delay < policy.longest_retry; ++i) delay *= 2;
  delay = std::min(delay, policy.longest_retry);
  std::array<std::uint8_t, 2> chance{};
  random_.fill(chance);
  // What failed together does not come back together.
  const auto share = chance[0] * 256 + chance[1];
  return clock_.now() + delay / 2 + delay * share / (2 * 65536);
}

Result<bool> Outbox::bury(Transaction& transaction, const Event& event, std::string_view error) {
  const auto buried =
      TRY(transaction.execute(kBury, {number(clock_.now()), error, event.id, std::int64_t{event.attempt}}));
  if (buried == 0) return false;
  TRY(transaction.execute(kConfirm, {event.id}));
  const Counted counted = TRY(count(transaction, event.account, {-1, 1}));
  if (counted.account.dead > options_.max_dead_each) {
    TRY(forget_dead(transaction, event.account, counted.account.dead - options_.max_dead_each));
  } else if (counted.all.dead > options_.max_dead) {
    std::string most;
    TRY(transaction.query(kMostDead, {}, [&](const Row& row) { most = row.text(0); }));
    TRY(forget_dead(transaction, most, counted.all.dead - options_.max_dead));
  }
  return true;
}

Result<bool> Outbox::fail_delivery(const Event& event, std::string_view error, const DeliveryPolicy& policy) {
  bool given_up = false;
  TRY(database_.write([&](Transaction& transaction) -> Result<void> {
    given_up = false;
    if (event.attempt < policy.max_attempts && clock_.now() - event.created < policy.max_age) {
      TRY(transaction.execute(
          kRetry, {number(retry_time(event.attempt, policy)), event.id, std::int64_t{event.attempt}}));
      return {};
    }
    given_up = TRY(bury(transaction, event, error));
    return {};
  }));
  return given_up;
}

Result<bool> Outbox::give_up(const Event& event, std::string_view error) {
  bool given_up = false;
  TRY(database_.write([&](Transaction& transaction) -> Result<void> {
    given_up = TRY(bury(transaction, event, error));
    return {};
  }));
  return given_up;
}

Result<void> Outbox::give_back(const Event& event, std::chrono::milliseconds pause) {
  return database_.write([&](Transaction& transaction) -> Result<void> {
    TRY(transaction.execute(kGiveBack,
                            {number(clock_.now() + pause), event.id, std::int64_t{event.attempt}}));
    return {};
  });
}

Result<void> Outbox::release_leases() {
  return database_.write([&](Transaction& transaction) -> Result<void> {
    TRY(transaction.execute(kRelease, {number(clock_.now())}));
    OutboxSizes sizes;
    TRY(transaction.query(kSizes, {}, [&](const Row& row) { sizes = {row.integer(0), row.integer(1)}; }));
    remember_after_commit(transaction, sizes);
    return {};
  });
}

Result<std::optional<Instant>> Outbox::next_due(std::span<const std::string> topics) {
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

Result<OutboxSizes> Outbox::sizes() {
  OutboxSizes sizes;
  TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(kSizes, {}, [&](const Row& row) { sizes = {row.integer(0), row.integer(1)}; });
  }));
  return sizes;
}

Result<std::vector<DeadEvent>> Outbox::dead_letters(std::string_view account, std::size_t limit) {
  std::vector<DeadEvent> dead;
  TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(kDead, {account, static_cast<std::int64_t>(limit)}, [&](const Row& row) {
      dead.push_back({event_of(row), instant(row.integer(12)), std::string(row.text(13))});
    });
  }));
  return dead;
}

Result<std::int64_t> Outbox::revive(std::string_view account, std::span<const std::int64_t> ids) {
  std::int64_t revived = 0;
  TRY(database_.write([&](Transaction& transaction) -> Result<void> {
    revived = 0;
    for (const std::int64_t id : ids) {
      const auto found = TRY(transaction.execute(kRevive, {number(clock_.now()), id, account}));
      if (found > 0) TRY(transaction.execute(kUnbury, {id}));
      revived += found;
    }
    if (revived == 0) return {};
    TRY(check_room(TRY(count(transaction, account, {revived, -revived}))));
    notify_after_commit(transaction);
    return {};
  }));
  return revived;
}

}  // namespace sightline::store
