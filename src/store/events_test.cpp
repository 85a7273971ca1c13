#include "store/events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <ctime>
#include <mutex>
#include <thread>

#include "base/set_clock.h"
#include "store/dispatcher.h"
#include "store/postgres_test_support.h"
#include "store/stores_test_support.h"

namespace sightline::store {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::ElementsAre;

BytesView event_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

class EventsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "events_XXXXXX").string();
    folder_ = mkdtemp(name.data());
    auto opened = test::stores_that_run_twice(folder_)->open({"events", {kEventsSchema}});
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = std::move(*opened);
    outbox_ = std::make_unique<Outbox>(*database_, clock_, random_, OutboxOptions{8, 2});
  }
  void TearDown() override {
    const auto sizes = outbox_->sizes();
    EXPECT_TRUE(sizes);
    EXPECT_EQ(outbox_->last_sizes().waiting, sizes->waiting);
    EXPECT_EQ(outbox_->last_sizes().dead, sizes->dead);
    outbox_.reset();
    database_.reset();
    fs::remove_all(folder_);
  }

  Result<void> try_append(std::string_view payload, const std::vector<Subscriber>& subscribers,
                          std::string_view key = "", std::optional<Instant> not_before = std::nullopt) {
    return database_->write([&](Transaction& transaction) {
      return outbox_->append(transaction,
                             {"000000000000", "us-east-1", "topic", event_bytes(payload), event_bytes(key),
                              not_before, Cause().through("before")},
                             subscribers);
    });
  }

  void append(std::string_view payload, std::string_view key = "",
              std::optional<Instant> not_before = std::nullopt) {
    const auto appended = try_append(payload, {{}}, key, not_before);
    EXPECT_TRUE(appended) << appended.error().message;
  }

  std::vector<Event> claim(std::size_t limit = 100) {
    auto events = outbox_->claim("topic", limit, policy_);
    EXPECT_TRUE(events) << events.error().message;
    return *events;
  }

  std::int64_t revive(std::int64_t id) { return outbox_->revive("000000000000", std::array{id}).value(); }

  std::optional<Instant> next_due() {
    const std::vector<std::string> topics{"topic"};
    return outbox_->next_due(topics).value();
  }

  /// The dispatcher's clock stands: passes time until `done`.
  void let_pass(Dispatcher& dispatcher, const std::function<bool()>& done) {
    for (int i = 0; i < 400 && !done(); ++i) {
      std::this_thread::sleep_for(10ms);
      clock_.advance(100ms);
      dispatcher.wake();
    }
  }

  static std::vector<std::string> payloads(const std::vector<Event>& events) {
    std::vector<std::string> out;
    for (const Event& event : events) out.emplace_back(event.payload.begin(), event.payload.end());
    return out;
  }

  SetClock clock_;
  SystemRandom random_;
  DeliveryPolicy policy_{.max_attempts = 3};
  fs::path folder_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Outbox> outbox_;
};

TEST_F(EventsTest, AreThereOnlyIfTheirTransactionIs) {
  EXPECT_FALSE(database_->write([&](Transaction& transaction) -> Result<void> {
    TRY(outbox_->append(transaction, {"a", "r", "topic", event_bytes("undone"), {}, {}, {}}));
    return fail(ErrorKind::invalid_argument, "no");
  }));
  append("done");
  const auto events = claim();
  EXPECT_THAT(payloads(events), ElementsAre("done"));
  EXPECT_EQ(events[0].account, "000000000000");
  EXPECT_EQ(events[0].region, "us-east-1");
  EXPECT_EQ(events[0].attempt, 1);
  EXPECT_EQ(events[0].created, clock_.now());
  EXPECT_EQ(events[0].cause.passes("before"), 1);
}

TEST_F(EventsTest, EachSubscriberHasADeliveryOfItsOwn) {
  ASSERT_TRUE(try_append("nobody", {}));
  EXPECT_TRUE(claim().empty());
  ASSERT_TRUE(try_append("both", {{"one", "arn:1"}, {"two", "arn:2"}}, "key"));
  ASSERT_TRUE(try_append("again", {{"one", "arn:1"}, {"two", "arn:2"}}, "key"));
  const auto first = claim();
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[0].subscription + first[0].target, "onearn:1");
  EXPECT_EQ(first[1].subscription + first[1].target, "twoarn:2");
  EXPECT_EQ(first[0].event, first[1].event);
  EXPECT_EQ(first[0].event.size(), 32U);
  EXPECT_EQ(first[0].sequence, first[1].sequence);
  EXPECT_NE(first[0].id, first[1].id);
  EXPECT_TRUE(outbox_->fail_delivery(first[0], "busy", policy_));
  EXPECT_TRUE(outbox_->confirm(first[1]));
  const auto second = claim();
  ASSERT_EQ(second.size(), 1U) << "what one has not taken holds back nothing of the other";
  EXPECT_EQ(second[0].subscription, "two");
  EXPECT_GT(second[0].sequence, first[1].sequence);
  EXPECT_NE(second[0].event, first[0].event);
}

TEST_F(EventsTest, NoSubscriberGetsAnEventTwice) {
  const auto twice = try_append("e", {{"one", "arn:1"}, {"one", "arn:1"}});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().kind, ErrorKind::already_exists);
}

TEST_F(EventsTest, ALeaseIsRenewedByWhoStillHasIt) {
  append("long");
  const auto held = claim();
  clock_.advance(50s);
  EXPECT_TRUE(outbox_->renew(held[0], policy_).value());
  clock_.advance(50s);
  EXPECT_TRUE(claim().empty());
  clock_.advance(11s);
  EXPECT_FALSE(outbox_->renew(held[0], policy_).value()) << "too late";
  EXPECT_EQ(claim().size(), 1U);
  EXPECT_FALSE(outbox_->renew(held[0], policy_).value()) << "somebody else's";
}

TEST_F(EventsTest, WhatWaitsAndWhatIsDeadIsBounded) {
  for (int i = 0; i < 8; ++i) append(std::to_string(i));
  const auto refused = try_append("one too many", {{}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(outbox_->sizes().value().waiting, 8);
  auto events = claim();
  ASSERT_TRUE(outbox_->confirm(std::span(events).first(2)));
  ASSERT_TRUE(outbox_->confirm(std::span(events).first(2))) << "counted once";
  for (std::size_t i = 2; i < 6; ++i) EXPECT_TRUE(outbox_->give_up(events[i], "no").value());
  EXPECT_EQ(outbox_->sizes().value().waiting, 2);
  EXPECT_EQ(outbox_->sizes().value().dead, 2);
  const auto dead = outbox_->dead_letters("000000000000", 10).value();
  ASSERT_EQ(dead.size(), 2U) << "the oldest are gone";
  EXPECT_EQ(dead[0].event.id, events[4].id);
  EXPECT_EQ(dead[0].event.cause.passes("before"), 1);
  ASSERT_EQ(revive(dead[0].event.id), 1);
  EXPECT_EQ(outbox_->sizes().value().waiting, 3);
  EXPECT_EQ(outbox_->sizes().value().dead, 1);
}

/// An outbox with room for few, and a look at its accounts.
class EventsOfAccounts : public EventsTest {
 protected:
  static constexpr std::string_view kAccounts = "SELECT COUNT(*) FROM events_accounts";
  static constexpr std::string_view kLooks[] = {kAccounts};

  void SetUp() override {
    EventsTest::SetUp();
    auto opened =
        test::stores_that_run_twice(folder_)->open({"limited", {kEventsSchema, {"looks", {}, kLooks}}});
    ASSERT_TRUE(opened) << opened.error().message;
    tables_ = std::move(*opened);
    limited_ = std::make_unique<Outbox>(*tables_, clock_, random_, OutboxOptions{8, 4, 2, 2});
  }
  void TearDown() override {
    limited_.reset();
    tables_.reset();
    EventsTest::TearDown();
  }

  Result<void> append_of(std::string_view account, std::string_view payload = "body") {
    return tables_->write([&](Transaction& transaction) {
      return limited_->append(transaction, {account, "r", "topic", event_bytes(payload), {}, {}, {}});
    });
  }
  /// Gives up what is appended.
  void bury(std::string_view account, std::string_view payload) {
    ASSERT_TRUE(append_of(account, payload));
    const auto events = limited_->claim("topic", 10).value();
    for (const Event& event : events) ASSERT_TRUE(limited_->give_up(event, "no").value());
  }
  std::vector<std::string> dead(std::string_view account) {
    std::vector<Event> events;
    const auto dead = limited_->dead_letters(account, 10).value();
    for (const DeadEvent& letter : dead) events.push_back(letter.event);
    return payloads(events);
  }
  void confirm_all() { ASSERT_TRUE(limited_->confirm(limited_->claim("topic", 10).value())); }
  std::int64_t accounts() {
    std::int64_t count = -1;
    EXPECT_TRUE(tables_->read([&](Transaction& transaction) {
      return transaction.query(kAccounts, {}, [&](const Row& row) { count = row.integer(0); });
    }));
    return count;
  }

  std::unique_ptr<Database> tables_;
  std::unique_ptr<Outbox> limited_;
};

TEST_F(EventsOfAccounts, OneCannotUseUpTheRoomOfAll) {
  ASSERT_TRUE(append_of("a"));
  ASSERT_TRUE(append_of("a"));
  const auto refused = append_of("a");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_TRUE(append_of("b"));
  EXPECT_EQ(limited_->sizes()->waiting, 3);
  EXPECT_EQ(accounts(), 2);
  const auto events = limited_->claim("topic", 10).value();
  ASSERT_TRUE(limited_->confirm(events.front()));
  EXPECT_TRUE(append_of("a"));
  ASSERT_TRUE(limited_->confirm(events));
  confirm_all();
  EXPECT_EQ(limited_->sizes()->waiting, 0);
  EXPECT_EQ(accounts(), 0) << "those that have nothing are forgotten";
}

TEST_F(EventsOfAccounts, TheOldestDeadLettersGoOfWhoHasMost) {
  for (const char* payload : {"a1", "a2", "a3"}) bury("a", payload);
  EXPECT_THAT(dead("a"), ElementsAre("a2", "a3"));
  for (const char* account : {"b", "c", "d"}) bury(account, account);
  EXPECT_THAT(dead("a"), ElementsAre("a3"));
  for (const char* account : {"b", "c", "d"}) EXPECT_THAT(dead(account), ElementsAre(account));
  EXPECT_EQ(limited_->sizes()->dead, 4);
  const std::array ids{std::int64_t{1'000'000}, limited_->dead_letters("a", 1).value().front().event.id};
  ASSERT_TRUE(append_of("a"));
  ASSERT_TRUE(append_of("a"));
  EXPECT_EQ(limited_->revive("a", ids).error().kind, ErrorKind::unavailable) << "as many wait as may";
  confirm_all();
  EXPECT_EQ(limited_->revive("b", ids).value(), 0) << "another's";
  EXPECT_EQ(limited_->revive("a", ids).value(), 1);
  confirm_all();
  EXPECT_EQ(accounts(), 3) << "of dead letters";
}

TEST_F(EventsTest, AtItsGreatestAgeAnEventIsGivenUp) {
  append("old");
  clock_.advance(25h);
  const auto events = claim();
  ASSERT_EQ(events.size(), 1U) << "one that was never tried is tried";
  EXPECT_TRUE(outbox_->fail_delivery(events[0], "no", policy_).value());
}

TEST_F(EventsTest, ThoseOfAnOlderFileAreDelivered) {
  Schema old = kEventsSchema;
  old.migrations = old.migrations.first(1);
  constexpr std::string_view kOldInsert =
      "INSERT INTO events (id, account, region, topic, ordering_key, payload, created, due, leased, "
      "attempts) "
      "VALUES ($1, 'a', 'r', 'topic', NULL, $2, 5, 5, 0, 0)";
  constexpr std::string_view kOldStatements[] = {kOldInsert};
  old.statements = kOldStatements;
  const auto stores = test::stores_that_run_twice(folder_);
  {
    auto before = stores->open({"old", {old}});
    ASSERT_TRUE(before) << before.error().message;
    ASSERT_TRUE((*before)->write([&](Transaction& transaction) -> Result<void> {
      TRY(transaction.execute(kOldInsert, {std::int64_t{7}, event_bytes("seven")}));
      TRY(transaction.execute(kOldInsert, {std::int64_t{8}, event_bytes("eight")}));
      return {};
    }));
  }
  auto now = stores->open({"old", {kEventsSchema}});
  ASSERT_TRUE(now) << now.error().message;
  Outbox outbox(**now, clock_, random_);
  EXPECT_EQ(outbox.sizes().value().waiting, 2);
  ASSERT_TRUE(outbox.release_leases());
  EXPECT_EQ(outbox.last_sizes().waiting, 2) << "what a start reads";
  Outbox full(**now, clock_, random_, {.max_waiting_each = 2});
  const auto one_more = [&](std::string_view account) {
    return (*now)->write([&](Transaction& transaction) -> Result<void> {
      TRY(full.append(transaction, {account, "r", "topic", event_bytes("more"), {}, {}, {}}));
      return fail(ErrorKind::cancelled, "there is room");
    });
  };
  EXPECT_EQ(one_more("a").error().kind, ErrorKind::unavailable) << "those of before count";
  EXPECT_EQ(one_more("b").error().kind, ErrorKind::cancelled);
  const auto events = outbox.claim("topic", 10).value();
  EXPECT_THAT(payloads(events), ElementsAre("seven", "eight"));
  EXPECT_NE(events[0].event, events[1].event);
  ASSERT_TRUE(outbox.confirm(events));
  EXPECT_EQ(outbox.sizes().value().waiting, 0);
}

TEST_F(EventsTest, ComeAgainOnlyWhenTheirLeaseEndsUnconfirmed) {
  append("one");
  const auto first = claim();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_TRUE(claim().empty());
  clock_.advance(61s);
  const auto second = claim();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].attempt, 2);
  EXPECT_TRUE(outbox_->fail_delivery(first[0], "late", policy_)) << "the first holder's word counts no more";
  EXPECT_TRUE(claim().empty());
  EXPECT_TRUE(outbox_->confirm(second[0]));
  clock_.advance(1h);
  EXPECT_TRUE(claim().empty());
  EXPECT_EQ(next_due(), std::nullopt);
}

TEST_F(EventsTest, ALateConfirmationCountsButSettlesNothing) {
  append("slow");
  const auto first = claim();
  clock_.advance(61s);
  const auto second = claim();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_TRUE(outbox_->confirm(first)->empty()) << "the second holder may still deliver it";
  EXPECT_EQ(outbox_->sizes().value().waiting, 0) << "it is delivered, whoever did it";
  EXPECT_FALSE(outbox_->give_up(second[0], "refused").value());
  EXPECT_EQ(outbox_->sizes().value().dead, 0);
  EXPECT_TRUE(outbox_->confirm(second)->empty());
  clock_.advance(1h);
  EXPECT_TRUE(claim().empty());

  append("punctual");
  const auto events = claim();
  const auto settled = outbox_->confirm(events);
  ASSERT_TRUE(settled);
  EXPECT_THAT(payloads(*settled), ElementsAre("punctual"));
}

TEST_F(EventsTest, OfOneKeyComeOneAfterTheOther) {
  append("a1", "a");
  append("a2", "a");
  append("b1", "b");
  append("free1");
  append("free2");
  const auto first = claim();
  EXPECT_THAT(payloads(first), ElementsAre("a1", "b1", "free1", "free2"));
  EXPECT_TRUE(outbox_->fail_delivery(first[0], "busy", policy_));
  EXPECT_TRUE(claim().empty()) << "a2 stays behind a1 while that waits for its retry";
  EXPECT_GT(next_due().value(), clock_.now()) << "what is held back is not due";
  clock_.advance(2s);
  const auto retry = claim();
  EXPECT_THAT(payloads(retry), ElementsAre("a1"));
  EXPECT_TRUE(outbox_->confirm(retry[0]));
  EXPECT_THAT(payloads(claim()), ElementsAre("a2"));
}

TEST_F(EventsTest, WaitLongerAfterEachFailureAndAreGivenUpInTheEnd) {
  append("poison");
  std::vector<std::chrono::milliseconds> waits;
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const auto events = claim();
    ASSERT_EQ(events.size(), 1U) << attempt;
    const auto given_up = outbox_->fail_delivery(events[0], "refused " + std::to_string(attempt), policy_);
    ASSERT_TRUE(given_up);
    EXPECT_EQ(*given_up, attempt == 3);
    const auto next = next_due();
    if (!next) break;
    waits.push_back(*next - clock_.now());
    clock_.advance(waits.back());
  }
  ASSERT_EQ(waits.size(), 2U);
  EXPECT_GE(waits[0], 500ms);
  EXPECT_LE(waits[0], 1s);
  EXPECT_GE(waits[1], 1s);
  EXPECT_LE(waits[1], 2s);
  const auto dead = outbox_->dead_letters("000000000000", 10).value();
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].error, "refused 3");
  EXPECT_EQ(dead[0].event.attempt, 3);
  EXPECT_EQ(revive(dead[0].event.id), 1);
  EXPECT_EQ(revive(dead[0].event.id), 0);
  EXPECT_THAT(payloads(claim()), ElementsAre("poison"));
  EXPECT_TRUE(outbox_->dead_letters("000000000000", 10).value().empty());
}

TEST_F(EventsTest, NotBeforeTheirTime) {
  append("later", "", clock_.now() + 10s);
  EXPECT_TRUE(claim().empty());
  EXPECT_EQ(next_due(), clock_.now() + 10s);
  clock_.advance(10s);
  EXPECT_EQ(claim().size(), 1U);
}

TEST_F(EventsTest, GivenBackOrReleasedOnesAreDueAtOnce) {
  append("one");
  auto events = claim();
  ASSERT_TRUE(outbox_->give_back(events[0]));
  events = claim();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].attempt, 1) << "nobody tried";
  ASSERT_TRUE(outbox_->release_leases());
  events = claim();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].attempt, 2) << "somebody may have";
  ASSERT_TRUE(outbox_->give_back(events[0], 10s));
  EXPECT_TRUE(claim().empty());
  EXPECT_EQ(next_due(), clock_.now() + 10s);
}

TEST_F(EventsTest, TheDispatcherDeliversInOrderAndRetries) {
  WorkerPool pool("events", 4, 100);
  std::mutex mutex;
  std::vector<std::string> seen;
  std::atomic<int> failures = 0;
  append("1", "key");
  const auto handle = one_by_one([&](const Event& event) -> Result<void> {
    if (event.attempt == 1 && ++failures == 2) throw std::runtime_error("bug");
    std::lock_guard lock(mutex);
    seen.emplace_back(event.payload.begin(), event.payload.end());
    return {};
  });
  Dispatcher dispatcher(*outbox_, clock_, pool, {{"topic", {handle}}});
  for (int i = 2; i <= 8; ++i) append(std::to_string(i), "key");
  let_pass(dispatcher, [&] {
    std::lock_guard lock(mutex);
    return seen.size() == 8;
  });
  std::lock_guard lock(mutex);
  EXPECT_THAT(seen, ElementsAre("1", "2", "3", "4", "5", "6", "7", "8"));
  EXPECT_EQ(dispatcher.counters().failed, 1U);
  EXPECT_EQ(dispatcher.counters().errors, 0U);
}

TEST_F(EventsTest, TroubleOfTheServerItselfUsesUpNoAttempt) {
  WorkerPool pool("events", 1, 100);
  std::atomic<int> calls = 0;
  std::atomic<int> highest = 0;
  const auto handle = [&](std::span<const Event> events) {
    std::vector<Dispatcher::Outcome> outcomes;
    for (const Event& event : events) {
      highest = std::max<int>(highest, event.attempt);
      outcomes.emplace_back(++calls <= 3 ? Dispatcher::Outcome(std::unexpected(
                                               Dispatcher::Refused{"the disk is full", false, true}))
                                         : Dispatcher::Outcome());
    }
    return outcomes;
  };
  append("1");
  DeliveryPolicy twice;
  twice.max_attempts = 2;
  Dispatcher dispatcher(*outbox_, clock_, pool, {{"topic", {handle, twice}}});
  let_pass(dispatcher, [&] { return dispatcher.counters().delivered == 1; });
  EXPECT_EQ(highest, 1);
  EXPECT_EQ(dispatcher.counters().given_up, 0U);
}

TEST_F(EventsTest, ConsumersShareAnOutboxEachWithItsPolicy) {
  WorkerPool pool("events", 2, 100);
  std::mutex mutex;
  std::vector<std::string> confirmed;
  std::vector<std::string> given_up;
  const auto take_all_but_bad = [](std::span<const Event> events) {
    std::vector<Dispatcher::Outcome> outcomes;
    for (const Event& event : events) {
      if (event.payload.front() == 'b')
        outcomes.emplace_back(std::unexpected(Dispatcher::Refused{"bad", true}));
      else
        outcomes.emplace_back();
    }
    return outcomes;
  };
  const auto note = [&](std::span<const Event> events) {
    std::lock_guard lock(mutex);
    for (const Event& event : events) confirmed.emplace_back(event.payload.begin(), event.payload.end());
  };
  const auto on_given_up = [&](const Event& event, std::string_view error) {
    std::lock_guard lock(mutex);
    given_up.push_back(std::string(event.payload.begin(), event.payload.end()) + ": " + std::string(error) +
                       " " + std::to_string(event.attempt));
  };
  for (const char* text : {"good1", "bad", "good2"}) append(text);
  ASSERT_TRUE(database_->write([&](Transaction& transaction) {
    return outbox_->append(transaction, {"a", "r", "other", event_bytes("never"), {}, {}, {}});
  }));
  const auto never = one_by_one([](const Event&) { return fail(ErrorKind::io, "not today"); });
  Dispatcher batches(*outbox_, clock_, pool, {{"topic", {take_all_but_bad, {}, 10, note}}}, on_given_up);
  Dispatcher others(*outbox_, clock_, pool, {{"other", {never, {.max_attempts = 2}}}}, on_given_up);
  let_pass(others, [&] {
    std::lock_guard lock(mutex);
    return given_up.size() == 2 && confirmed.size() == 2;
  });
  std::lock_guard lock(mutex);
  EXPECT_THAT(confirmed, ElementsAre("good1", "good2"));
  EXPECT_THAT(given_up, testing::UnorderedElementsAre("bad: bad 1", "never: not today 2"));
  EXPECT_EQ(batches.counters().delivered, 2U);
  EXPECT_EQ(batches.counters().given_up, 1U);
  EXPECT_EQ(others.counters().failed, 2U);
}

TEST_F(EventsTest, AnIdleDispatcherSleeps) {
  WorkerPool pool("events", 1, 100);
  const auto take = one_by_one([](const Event&) { return Result<void>(); });
  Dispatcher dispatcher(*outbox_, clock_, pool, {{"topic", {take}}});
  append("later", "", clock_.now() + 1h);
  std::this_thread::sleep_for(50ms);
  timespec before{};
  timespec after{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
  std::this_thread::sleep_for(200ms);
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
  const auto used = (after.tv_sec - before.tv_sec) * 1'000'000'000 + after.tv_nsec - before.tv_nsec;
  EXPECT_LT(used, 5'000'000) << "nanoseconds of processor time";
}

TEST(EventsOnPostgres, TakesTheSameMigrationsAndStatements) {
  test::Postgres postgres;
  EXPECT_EQ(postgres.refuses(kEventsSchema), "");
  constexpr std::string_view kWrong[] = {"SELECT id FROM events WHERE topic == $1"};
  EXPECT_NE(postgres.refuses({"events", kEventsSchema.migrations, kWrong}), "") << "only SQLite takes ==";
}

}  // namespace
}  // namespace sightline::store
