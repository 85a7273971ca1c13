#include "cloud/bus/bus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <thread>

#include "base/set_clock.h"
#include "cloud/bus/outboxes.h"
#include "store/stores_test_support.h"
#include "store/values.h"

namespace sightline::bus {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kJobs = "arn:aws:test:us-east-1:000000000000:jobs";

/// Keeps what it takes; may fail for some time.
class FakeTarget final : public Target {
 public:
  Result<void> check(const Arn&, const Publisher&) override { return {}; }
  std::vector<Result<void>> accept(std::span<const Delivery> deliveries,
                                   std::span<const DeliveryId> settled) override {
    std::vector<Result<void>> results;
    const std::scoped_lock lock(mutex);
    for (const DeliveryId& id : settled) forgotten.push_back(id.source + "/" + id.subscription);
    for (const Delivery& delivery : deliveries) {
      ++calls;
      if (fails > 0 || delivery.body == "never") {
        --fails;
        results.push_back(fail(failure, "no"));
        continue;
      }
      if (ids.insert({delivery.id.event, delivery.id.subscription}).second)
        bodies.push_back(delivery.body + " for " + delivery.id.subscription);
      last = delivery;
      if (on_delivery) on_delivery(delivery);
      results.emplace_back();
    }
    return results;
  }

  std::mutex mutex;
  int calls = 0;
  int fails = 0;
  ErrorKind failure = ErrorKind::not_found;
  std::set<std::pair<std::string, std::string>> ids;
  std::vector<std::string> bodies;
  std::vector<std::string> forgotten;
  Delivery last;
  std::function<void(const Delivery&)> on_delivery;
};

class BusTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "bus_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    database_ = *store::test::stores_that_run_twice(folder_)->open({"events", {store::kEventsSchema}});
    outbox_ = std::make_unique<store::Outbox>(*database_, clock_, random_);
    targets_.add("test", target_);
  }
  void TearDown() override {
    bus_.reset();
    outbox_.reset();
    database_.reset();
    fs::remove_all(folder_);
  }

  void start() {
    BusOptions options;
    options.source = "here";
    options.topic = "topic";
    options.policy.max_attempts = 3;
    options.render = [](const store::Event& event) -> Result<Message> {
      if (event.payload.empty()) return fail(ErrorKind::corrupt, "nothing to say");
      return Message{{"test.amazonaws.com", event.account, "arn:resource"},
                     std::string(event.payload.begin(), event.payload.end()),
                     {}};
    };
    options.on_trouble = [this](std::string_view line) {
      const std::scoped_lock lock(mutex_);
      log_.emplace_back(line);
    };
    bus_ = *Bus::start(*outbox_, clock_, targets_, std::move(options));
  }

  void append(std::string_view body, const std::vector<store::Subscriber>& subscribers = {{"one", kJobs}},
              const Cause& cause = {}) {
    const auto appended = database_->write([&](store::Transaction& transaction) {
      return outbox_->append(transaction,
                             {"000000000000", "us-east-1", "topic", store::bytes(body), {}, {}, cause},
                             subscribers);
    });
    EXPECT_TRUE(appended) << appended.error().message;
  }

  /// Lets time pass until nothing waits.
  void settle() {
    for (int i = 0; i < 400; ++i) {
      if (outbox_->sizes().value().waiting == 0) return;
      std::this_thread::sleep_for(10ms);
      clock_.advance(500ms);
      bus_->wake();
    }
    ADD_FAILURE() << "events are left";
  }

  std::vector<std::string> bodies() {
    const std::scoped_lock lock(target_.mutex);
    return target_.bodies;
  }
  std::vector<std::string> log() {
    const std::scoped_lock lock(mutex_);
    return log_;
  }

  SetClock clock_;
  SystemRandom random_;
  fs::path folder_;
  FakeTarget target_;
  Targets targets_;
  std::mutex mutex_;
  std::vector<std::string> log_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<store::Outbox> outbox_;
  std::unique_ptr<Bus> bus_;
};

TEST_F(BusTest, EachSubscriptionGetsAnEventOnce) {
  append("before", {{"one", kJobs}, {"two", kJobs}});
  start();
  append("after");
  settle();
  EXPECT_THAT(bodies(), ElementsAre("before for one", "before for two", "after for one"));
  EXPECT_EQ(bus_->counters().delivered, 3U);
  EXPECT_EQ(target_.last.publisher.service, "test.amazonaws.com");
  EXPECT_EQ(target_.last.publisher.account, "000000000000");
  EXPECT_EQ(target_.last.target, kJobs);
  EXPECT_EQ(target_.last.cause.passes(kJobs), 1);
  EXPECT_THAT(log(), IsEmpty());
}

TEST_F(BusTest, WhatATargetHasTakenComesAgainWithTheSameId) {
  append("e");
  // As a process does that was killed before it could confirm.
  const auto events = outbox_->claim("topic", 1).value();
  ASSERT_EQ(events.size(), 1U);
  target_.ids.insert({events[0].event, "one"});
  start();
  settle();
  EXPECT_EQ(target_.calls, 1) << "the lease of the killed one is not waited for";
  EXPECT_THAT(bodies(), IsEmpty()) << "the target knew it";
}

TEST_F(BusTest, ATargetHearsWhichIdsItMayForget) {
  start();
  append("first");
  settle();
  append("second");
  settle();
  EXPECT_THAT(target_.forgotten, ElementsAre("here/one"));
}

TEST_F(BusTest, AFailureIsTriedAgainAndThenADeadLetter) {
  target_.fails = 2;
  start();
  append("late");
  settle();
  EXPECT_THAT(bodies(), ElementsAre("late for one"));
  append("never", {{"one", kJobs}});
  append("good");
  settle();
  EXPECT_THAT(bodies(), ElementsAre("late for one", "good for one"));
  const auto dead = outbox_->dead_letters("000000000000", 10).value();
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].event.attempt, 3);
  EXPECT_EQ(bus_->counters().given_up, 1U);
  EXPECT_THAT(log(), ElementsAre(HasSubstr("given up after 3 attempts")));
}

TEST_F(BusTest, WhatCannotSucceedIsNotTriedAgain) {
  target_.failure = ErrorKind::too_large;
  target_.fails = 1;
  append("too large");
  append("nowhere", {{"one", "arn:aws:other:us-east-1:000000000000:x"}, {"two", "no arn"}});
  start();
  settle();
  EXPECT_EQ(bus_->counters().given_up, 3U);
  EXPECT_EQ(bus_->counters().failed, 3U);
  EXPECT_EQ(outbox_->dead_letters("000000000000", 10).value().size(), 3U);
}

TEST_F(BusTest, AChainThatGoesInACircleEnds) {
  target_.on_delivery = [this](const Delivery& delivery) {
    append("again", {{"one", kJobs}}, delivery.cause);
  };
  start();
  append("again");
  settle();
  EXPECT_EQ(bodies().size(), static_cast<std::size_t>(kLastPass - 1));
  EXPECT_EQ(bus_->counters().loops, 1U);
  const auto dead = outbox_->dead_letters("000000000000", 10).value();
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].event.cause.passes(kJobs), kLastPass - 1);
  EXPECT_THAT(log(), ElementsAre(HasSubstr("goes in a circle")));
}

TEST(Arns, AreTakenApart) {
  const auto arn = parse_arn("arn:aws:sqs:us-east-1:000000000000:a:b");
  ASSERT_TRUE(arn);
  EXPECT_EQ(arn->service + " " + arn->region + " " + arn->account + " " + arn->resource,
            "sqs us-east-1 000000000000 a:b");
  EXPECT_TRUE(parse_arn("arn:aws:s3:::bucket"));
  for (const char* no : {"", "arn", "invalid-queue", "arn:aws:sqs:us-east-1:000000000000",
                         "arn:aws:sqs:us-east-1:000000000000:", "arn:aws::r:a:x", "urn:aws:sqs:r:a:x",
                         "arn:other:sqs:r:a:x", "arn:aws\n:sqs:r:a:x", "arn:aws:sqs:r:a:x\nwarning: y",
                         "arn:aws:sqs:r:a:\x9b"
                         "31m"})
    EXPECT_FALSE(parse_arn(no)) << no;
}

TEST_F(BusTest, DeadLettersAreSeenAndRevivedByName) {
  target_.fails = 1;
  target_.failure = ErrorKind::too_large;
  start();
  append("big");
  settle();
  Outboxes outboxes;
  outboxes.add("here", *outbox_);
  const auto dead = outboxes.dead_letters("000000000000").value();
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].id, "here/" + std::to_string(dead[0].dead.event.id));
  EXPECT_EQ(dead[0].dead.error, "no");
  EXPECT_TRUE(outboxes.dead_letters("111111111111").value().empty());
  const std::string& id = dead[0].id;
  EXPECT_EQ(outboxes.revive("111111111111", {{id}}).value(), 0) << "another account's";
  const std::vector<std::string> ids{"here/", "here/x", "there/1", "1", "", "here/99", id, id};
  EXPECT_EQ(outboxes.revive("000000000000", ids).value(), 1);
  settle();
  EXPECT_THAT(bodies(), ElementsAre("big for one"));
  EXPECT_TRUE(outboxes.dead_letters("000000000000").value().empty());
}

TEST_F(BusTest, CountsWhatIsUnderWay) {
  start();
  std::atomic<std::uint64_t> most = 0;
  target_.on_delivery = [&](const Delivery&) { most = bus_->counters().under_way; };
  append("body");
  settle();
  EXPECT_EQ(most, 1U);
  for (int i = 0; i < 400 && bus_->counters().under_way > 0; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(bus_->counters().under_way, 0U);
  EXPECT_EQ(bus_->counters().errors, 0U);
}

}  // namespace
}  // namespace sightline::bus
