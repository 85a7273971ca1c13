#include "store/events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <mutex>
#include <thread>

#include "base/set_clock.h"
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
    OutboxOptions options;
    options.max_attempts = 3;
    outbox_ = std::make_unique<Outbox>(*database_, clock_, random_, options);
  }
  void TearDown() override {
    outbox_.reset();
    database_.reset();
    fs::remove_all(folder_);
  }

  std::int64_t append(std::string_view payload, std::string_view key = "",
                      std::optional<Instant> not_before = std::nullopt) {
    std::int64_t id = 0;
    EXPECT_TRUE(database_->write([&](Transaction& transaction) -> Result<void> {
      id = TRY(outbox_->append(transaction, {"000000000000", "us-east-1", "topic", event_bytes(payload),
                                             event_bytes(key), not_before}));
      return {};
    }));
    return id;
  }

  std::vector<Event> claim(std::size_t limit = 100) {
    auto events = outbox_->claim({"topic"}, limit);
    EXPECT_TRUE(events) << events.error().message;
    return *events;
  }

  static std::vector<std::string> payloads(const std::vector<Event>& events) {
    std::vector<std::string> out;
    for (const Event& event : events) out.emplace_back(event.payload.begin(), event.payload.end());
    return out;
  }

  SetClock clock_;
  SystemRandom random_;
  fs::path folder_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Outbox> outbox_;
};

TEST_F(EventsTest, AreThereOnlyIfTheirTransactionIs) {
  EXPECT_FALSE(database_->write([&](Transaction& transaction) -> Result<void> {
    TRY(outbox_->append(transaction, {"a", "r", "topic", event_bytes("undone"), {}, {}}));
    return fail(ErrorKind::invalid_argument, "no");
  }));
  append("done");
  const auto events = claim();
  EXPECT_THAT(payloads(events), ElementsAre("done"));
  EXPECT_EQ(events[0].account, "000000000000");
  EXPECT_EQ(events[0].region, "us-east-1");
  EXPECT_EQ(events[0].attempt, 1);
  EXPECT_EQ(events[0].created, clock_.now());
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
  EXPECT_TRUE(outbox_->fail_delivery(first[0], "late")) << "the first holder's word counts no more";
  EXPECT_TRUE(claim().empty());
  EXPECT_TRUE(outbox_->confirm(second[0]));
  clock_.advance(1h);
  EXPECT_TRUE(claim().empty());
  EXPECT_EQ(outbox_->next_due({"topic"}).value(), std::nullopt);
}

TEST_F(EventsTest, OfOneKeyComeOneAfterTheOther) {
  append("a1", "a");
  append("a2", "a");
  append("b1", "b");
  append("free1");
  append("free2");
  const auto first = claim();
  EXPECT_THAT(payloads(first), ElementsAre("a1", "b1", "free1", "free2"));
  EXPECT_TRUE(outbox_->fail_delivery(first[0], "busy"));
  EXPECT_TRUE(claim().empty()) << "a2 stays behind a1 while that waits for its retry";
  EXPECT_EQ(outbox_->next_due({"topic"}).value(), outbox_->next_due({"topic"}).value());
  EXPECT_GT(outbox_->next_due({"topic"}).value().value(), clock_.now()) << "what is held back is not due";
  clock_.advance(2s);
  const auto retry = claim();
  EXPECT_THAT(payloads(retry), ElementsAre("a1"));
  EXPECT_TRUE(outbox_->confirm(retry[0]));
  EXPECT_THAT(payloads(claim()), ElementsAre("a2"));
}

TEST_F(EventsTest, WaitLongerAfterEachFailureAndAreGivenUpInTheEnd) {
  const auto id = append("poison");
  std::vector<std::chrono::milliseconds> waits;
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const auto events = claim();
    ASSERT_EQ(events.size(), 1U) << attempt;
    ASSERT_TRUE(outbox_->fail_delivery(events[0], "refused " + std::to_string(attempt)));
    const auto next = outbox_->next_due({"topic"}).value();
    if (!next) break;
    waits.push_back(*next - clock_.now());
    clock_.advance(waits.back());
  }
  ASSERT_EQ(waits.size(), 2U);
  EXPECT_GE(waits[0], 500ms);
  EXPECT_LE(waits[0], 1s);
  EXPECT_GE(waits[1], 1s);
  EXPECT_LE(waits[1], 2s);
  const auto dead = outbox_->dead_letters(10).value();
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].error, "refused 3");
  EXPECT_EQ(dead[0].event.attempt, 3);
  EXPECT_TRUE(outbox_->revive(id));
  EXPECT_EQ(outbox_->revive(id).error().kind, ErrorKind::not_found);
  EXPECT_THAT(payloads(claim()), ElementsAre("poison"));
  EXPECT_TRUE(outbox_->dead_letters(10).value().empty());
}

TEST_F(EventsTest, NotBeforeTheirTime) {
  append("later", "", clock_.now() + 10s);
  EXPECT_TRUE(claim().empty());
  EXPECT_EQ(outbox_->next_due({"topic"}).value(), clock_.now() + 10s);
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
}

TEST_F(EventsTest, TheDispatcherDeliversInOrderAndRetries) {
  WorkerPool pool("events", 4, 100);
  std::mutex mutex;
  std::vector<std::string> seen;
  std::atomic<int> failures = 0;
  append("1", "key");
  Dispatcher dispatcher(*outbox_, clock_, pool, {{"topic", [&](const Event& event) -> Result<void> {
                                                    if (event.attempt == 1 && ++failures == 2)
                                                      throw std::runtime_error("bug");
                                                    std::lock_guard lock(mutex);
                                                    seen.emplace_back(event.payload.begin(),
                                                                      event.payload.end());
                                                    return {};
                                                  }}});
  for (int i = 2; i <= 20; ++i) append(std::to_string(i), "key");
  for (int i = 0; i < 400; ++i) {
    std::this_thread::sleep_for(10ms);
    clock_.advance(100ms);
    dispatcher.wake();
    std::lock_guard lock(mutex);
    if (seen.size() == 20) break;
  }
  std::vector<std::string> expected;
  for (int i = 1; i <= 20; ++i) expected.push_back(std::to_string(i));
  std::lock_guard lock(mutex);
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(dispatcher.counters().failed, 1U);
  EXPECT_EQ(dispatcher.counters().errors, 0U);
}

TEST_F(EventsTest, AnIdleDispatcherSleeps) {
  WorkerPool pool("events", 1, 100);
  Dispatcher dispatcher(*outbox_, clock_, pool, {{"topic", [](const Event&) { return Result<void>(); }}});
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
  EXPECT_NE(postgres.refuses({"events", kEventsSchema.migrations, kWrong}), "") << "SQLite alone takes ==";
}

}  // namespace
}  // namespace sightline::store
