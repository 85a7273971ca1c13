#include "cloud/queues/queues.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "base/set_clock.h"
#include "cloud/queues/queue_store.h"
#include "cloud/queues/queue_tables.h"
#include "store/postgres_test_support.h"
#include "store/stores_test_support.h"

namespace sightline::queues {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

using Messages = std::vector<ReceivedMessage>;

template <typename T>
std::optional<ErrorKind> error(const Result<T>& result) {
  return result ? std::nullopt : std::optional(result.error().kind);
}

std::vector<std::string> bodies(const Messages& messages) {
  std::vector<std::string> out;
  for (const ReceivedMessage& message : messages) out.push_back(message.body);
  return out;
}

/// Takes an answer from another thread.
class Answer {
 public:
  ReceiveDone done() {
    return [this](Result<Messages> messages) {
      const std::scoped_lock lock(mutex_);
      EXPECT_FALSE(messages_) << "answered twice";
      messages_ = std::move(messages);
      there_.notify_all();
    };
  }
  bool is_there() {
    const std::scoped_lock lock(mutex_);
    return messages_.has_value();
  }
  Result<Messages> wait() {
    std::unique_lock lock(mutex_);
    if (!there_.wait_for(lock, 20s, [&] { return messages_.has_value(); }))
      return fail(ErrorKind::internal, "no answer came");
    return *messages_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable there_;
  std::optional<Result<Messages>> messages_;
};

class QueuesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "queues_XXXXXX").string();
    folder_ = mkdtemp(name.data());
    open();
    ASSERT_TRUE(queues_->create(key_));
  }
  void TearDown() override {
    queues_.reset();
    fs::remove_all(folder_);
  }
  void open() {
    queues_.reset();
    auto opened = Queues::open(*store::test::stores_that_run_twice(folder_), clock_, random_);
    ASSERT_TRUE(opened) << opened.error().message;
    queues_ = std::move(*opened);
  }
  Result<Queues::Sent> send_to(const QueueKey& key, NewMessage message) {
    std::promise<Result<Queues::Sent>> told;
    auto sent = told.get_future();
    queues_->send(key, std::move(message),
                  [told = std::move(told)](auto result) mutable { told.set_value(std::move(result)); });
    return sent.get();
  }
  Result<void> remove_message(const QueueKey& key, std::string_view handle) {
    std::promise<Result<void>> told;
    auto removed = told.get_future();
    queues_->remove_message(
        key, handle, [told = std::move(told)](auto result) mutable { told.set_value(std::move(result)); });
    return removed.get();
  }
  void send(std::string body, std::optional<std::int64_t> delay = std::nullopt) {
    const auto sent = send_to(key_, {.body = std::move(body), .delay = delay, .sender = "AIDA"});
    ASSERT_TRUE(sent) << sent.error().message;
  }
  Messages receive(int most = 10, std::optional<std::int64_t> timeout = std::nullopt) {
    Answer answer;
    queues_->receive({key_, most, timeout, 0}, {}, answer.done());
    auto messages = answer.wait();
    EXPECT_TRUE(messages) << messages.error().message;
    return messages.value_or(Messages());
  }
  void park(Answer& answer, std::stop_token stop = {}, std::int64_t wait = 20) {
    const std::size_t before = queues_->counters().waiting;
    queues_->receive({key_, 10, std::nullopt, wait}, std::move(stop), answer.done());
    ASSERT_EQ(queues_->counters().waiting, before + 1);
  }
  void advance(std::chrono::milliseconds by) {
    clock_.advance(by);
    queues_->wake();
  }

  SetClock clock_;
  SystemRandom random_;
  fs::path folder_;
  const QueueKey key_{"000000000000", "us-east-1", "jobs"};
  std::unique_ptr<Queues> queues_;
};

TEST_F(QueuesTest, CreateAgainReturnsTheSameQueueUnlessItDiffers) {
  const AttributeSetting thirty{&kAttributeRules[0], 30};
  const AttributeSetting forty{&kAttributeRules[0], 40};
  const auto number = queues_->find(key_)->number;
  EXPECT_EQ(queues_->create(key_)->number, number);
  EXPECT_EQ(queues_->create(key_, std::span(&thirty, 1))->number, number);
  const auto other = queues_->create(key_, std::span(&forty, 1));
  EXPECT_EQ(error(other), ErrorKind::already_exists);
  EXPECT_EQ(other.error().message, "VisibilityTimeout");
  const AttributeSetting outside{&kAttributeRules[0], 43'201};
  EXPECT_EQ(error(queues_->create({"a", "r", "n"}, std::span(&outside, 1))), ErrorKind::invalid_argument);
  EXPECT_EQ(error(queues_->create({"a", "r", "n.fifo"})), ErrorKind::invalid_argument);
}

TEST_F(QueuesTest, AQueueIsOfItsAccountAndRegion) {
  for (const QueueKey& key :
       {QueueKey{"111122223333", "us-east-1", "jobs"}, QueueKey{"000000000000", "eu-west-1", "jobs"},
        QueueKey{"000000000000", "us-east-1", "Jobs"}}) {
    EXPECT_EQ(error(queues_->find(key)), ErrorKind::not_found);
    EXPECT_EQ(error(send_to(key, {.body = "b"})), ErrorKind::not_found);
    EXPECT_EQ(error(queues_->remove(key)), ErrorKind::not_found);
  }
}

TEST_F(QueuesTest, WhatIsSentIsReceived) {
  const auto sent = send_to(key_, {.body = "hello",
                                   .attributes = {{"b", "String", "2"}, {"a", "Number", "1"}},
                                   .sender = "AIDAX",
                                   .trace_header = "Root=1"});
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(sent->md5_of_body, md5_hex("hello"));
  clock_.advance(5ms);
  const Messages messages = receive();
  ASSERT_EQ(messages.size(), 1U);
  const ReceivedMessage& message = messages[0];
  EXPECT_EQ(message.id, sent->id);
  EXPECT_EQ(message.body, "hello");
  EXPECT_EQ(md5_of_attributes(message.attributes), sent->md5_of_attributes);
  EXPECT_EQ(message.attributes[0].name, "a");
  EXPECT_EQ(message.sender, "AIDAX");
  EXPECT_EQ(message.trace_header, "Root=1");
  EXPECT_EQ(message.sent, clock_.now() - 5ms);
  EXPECT_EQ(message.first_received, clock_.now());
  EXPECT_EQ(message.receive_count, 1);
}

TEST_F(QueuesTest, AReceivedMessageIsHiddenUntilItsTimeIsOver) {
  send("one");
  ASSERT_THAT(bodies(receive()), ElementsAre("one"));
  clock_.advance(29s);
  EXPECT_THAT(receive(), IsEmpty());
  clock_.advance(1s);
  const Messages again = receive(10, 0);
  EXPECT_THAT(bodies(again), ElementsAre("one"));
  EXPECT_EQ(again[0].receive_count, 2);
  EXPECT_EQ(again[0].first_received, clock_.now() - 30s);
  EXPECT_THAT(bodies(receive()), ElementsAre("one"));
}

TEST_F(QueuesTest, TheLatestReceiptDeletes) {
  send("one");
  const std::string old = receive(1, 0).at(0).receipt_handle;
  const std::string latest = receive(1, 0).at(0).receipt_handle;
  EXPECT_TRUE(remove_message(key_, old));
  EXPECT_EQ(receive(1, 0).size(), 1U);
  EXPECT_TRUE(remove_message(key_, latest));
  EXPECT_EQ(receive(1, 0).size(), 1U);
  const std::string handle = receive(1, 60).at(0).receipt_handle;
  EXPECT_TRUE(remove_message(key_, handle));
  EXPECT_TRUE(remove_message(key_, handle));
  clock_.advance(60s);
  EXPECT_THAT(receive(), IsEmpty());
  EXPECT_EQ(error(remove_message(key_, "nonsense")), ErrorKind::invalid_argument);
  const QueueKey other{key_.account, key_.region, "other"};
  ASSERT_TRUE(queues_->create(other));
  EXPECT_EQ(error(remove_message(other, handle)), ErrorKind::invalid_argument);
}

TEST_F(QueuesTest, AMissingQueueComesBeforeWhatElseIsWrong) {
  const QueueKey gone{"000000000000", "us-east-1", "gone"};
  EXPECT_EQ(remove_message(gone, "nonsense").error().kind, ErrorKind::not_found);
  EXPECT_EQ(send_to(gone, {.body = "\x01"}).error().kind, ErrorKind::not_found);
  std::optional<ErrorKind> kind;
  queues_->receive({gone, 11, std::nullopt, 99}, {},
                   [&](const auto& messages) { kind = messages.error().kind; });
  EXPECT_EQ(kind, ErrorKind::not_found);
}

TEST_F(QueuesTest, UpToTenAtATimeTheOldestFirst) {
  for (int i = 0; i < 12; ++i) send(std::to_string(i));
  EXPECT_THAT(bodies(receive(3)), ElementsAre("0", "1", "2"));
  EXPECT_EQ(receive(10).size(), 9U);
  Answer answer;
  queues_->receive({key_, 11, std::nullopt, 0}, {}, answer.done());
  EXPECT_EQ(error(answer.wait()), ErrorKind::invalid_argument);
}

TEST_F(QueuesTest, ADelayedMessageComesLater) {
  send("later", 5);
  send("now");
  EXPECT_THAT(bodies(receive()), ElementsAre("now"));
  clock_.advance(5s);
  EXPECT_THAT(bodies(receive()), ElementsAre("later"));
}

TEST_F(QueuesTest, EverythingIsThereAfterARestart) {
  send("one");
  send("two");
  const std::string handle = receive(1).at(0).receipt_handle;
  open();
  EXPECT_THAT(bodies(receive()), ElementsAre("two"));
  EXPECT_TRUE(remove_message(key_, handle));
  clock_.advance(30s);
  EXPECT_THAT(bodies(receive()), ElementsAre("two"));
}

TEST_F(QueuesTest, OldMessagesAreGone) {
  send("old");
  clock_.advance(4 * 24h);
  send("young");
  EXPECT_THAT(bodies(receive()), ElementsAre("young"));
}

TEST_F(QueuesTest, ALaterQueueOfTheSameNameIsEmpty) {
  send("one");
  ASSERT_TRUE(queues_->remove(key_));
  EXPECT_EQ(error(queues_->find(key_)), ErrorKind::not_found);
  ASSERT_TRUE(queues_->create(key_));
  EXPECT_THAT(receive(), IsEmpty());
}

TEST_F(QueuesTest, WhatADeletedQueueLeavesIsCleanedUp) {
  queues_.reset();
  auto store = QueueStore::open(*store::test::stores_that_run_twice(folder_), clock_, random_);
  {
    std::atomic<int> sent = 0;
    for (int n = 0; n < 1500; ++n)
      (*store)->send(key_, {.body = "b"}, [&](const auto& id) { sent += id.has_value() ? 1 : 0; });
    (*store)->drain();
    ASSERT_EQ(sent, 1500);
  }
  EXPECT_FALSE(*(*store)->clean_up());
  ASSERT_TRUE((*store)->remove(key_));
  EXPECT_TRUE(*(*store)->clean_up()) << "1500 messages are more than one commit removes";
  EXPECT_FALSE(*(*store)->clean_up());
}

TEST_F(QueuesTest, ASendEndsTheWait) {
  Answer answer;
  park(answer);
  send("one");
  EXPECT_THAT(bodies(*answer.wait()), ElementsAre("one"));
  EXPECT_EQ(queues_->counters().waiting, 0U);
}

TEST_F(QueuesTest, TheEndOfADelayEndsTheWait) {
  send("later", 5);
  Answer answer;
  park(answer);
  advance(4s);
  std::this_thread::sleep_for(20ms);
  EXPECT_FALSE(answer.is_there());
  advance(1s);
  EXPECT_THAT(bodies(*answer.wait()), ElementsAre("later"));
}

TEST_F(QueuesTest, AMessageThatBecomesVisibleAgainEndsTheWait) {
  send("one");
  ASSERT_EQ(receive(1, 10).size(), 1U);
  Answer answer;
  park(answer);
  advance(10s);
  EXPECT_EQ(answer.wait()->at(0).receive_count, 2);
}

TEST_F(QueuesTest, TheDeadlineEndsTheWait) {
  Answer answer;
  park(answer, {}, 3);
  advance(2s);
  std::this_thread::sleep_for(20ms);
  EXPECT_FALSE(answer.is_there());
  advance(1s);
  EXPECT_THAT(*answer.wait(), IsEmpty());
}

TEST_F(QueuesTest, TheQueueSaysHowLongToWaitIfNobodyElseDoes) {
  const QueueKey slow{key_.account, key_.region, "slow"};
  const AttributeSetting wait{&kAttributeRules[4], 5};
  ASSERT_TRUE(queues_->create(slow, std::span(&wait, 1)));
  Answer waits;
  queues_->receive({slow, 1, std::nullopt, std::nullopt}, {}, waits.done());
  EXPECT_FALSE(waits.is_there());
  Answer does_not;
  queues_->receive({slow, 1, std::nullopt, 0}, {}, does_not.done());
  EXPECT_TRUE(does_not.is_there());
  advance(5s);
  EXPECT_THAT(*waits.wait(), IsEmpty());
}

TEST_F(QueuesTest, WhoGoesAwayTakesNothing) {
  std::stop_source stop;
  Answer gone;
  park(gone, stop.get_token());
  Answer stays;
  park(stays);
  stop.request_stop();
  EXPECT_THAT(*gone.wait(), IsEmpty());
  send("one");
  EXPECT_THAT(bodies(*stays.wait()), ElementsAre("one"));
  Answer late;
  queues_->receive({key_, 1, std::nullopt, 20}, stop.get_token(), late.done());
  EXPECT_THAT(*late.wait(), IsEmpty());
}

TEST_F(QueuesTest, TheEndOfTheQueueEndsTheWait) {
  Answer answer;
  park(answer);
  ASSERT_TRUE(queues_->remove(key_));
  EXPECT_EQ(error(answer.wait()), ErrorKind::not_found);
}

TEST_F(QueuesTest, AtTheEndWhoWaitsGetsNothing) {
  Answer answer;
  park(answer);
  queues_.reset();
  EXPECT_THAT(*answer.wait(), IsEmpty());
}

TEST_F(QueuesTest, FiveThousandWaitAndEachGetsOne) {
  constexpr int kMany = 5000;
  std::mutex mutex;
  std::condition_variable all;
  std::multiset<std::string> got;
  for (int i = 0; i < kMany; ++i)
    queues_->receive({key_, 1, std::nullopt, 20}, {}, [&](Result<Messages> messages) {
      const std::scoped_lock lock(mutex);
      for (const ReceivedMessage& message : *messages) got.insert(message.body);
      if (got.size() == kMany) all.notify_all();
    });
  ASSERT_EQ(queues_->counters().waiting, std::size_t{kMany});
  std::atomic<int> next = 0;
  {
    std::vector<std::jthread> senders;
    for (int i = 0; i < 16; ++i)
      senders.emplace_back([&] {
        for (int n = next++; n < kMany; n = next++) send(std::to_string(n));
      });
  }
  std::unique_lock lock(mutex);
  ASSERT_TRUE(all.wait_for(lock, 30s, [&] { return got.size() == kMany; })) << got.size();
  EXPECT_EQ(std::set(got.begin(), got.end()).size(), std::size_t{kMany}) << "somebody got another's message";
}

TEST_F(QueuesTest, ReceiversThatComeAndGoLoseNothing) {
  constexpr int kMany = 300;
  std::mutex mutex;
  std::set<std::string> got;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&](const std::stop_token& end) {
        for (int turn = 0; !end.stop_requested(); ++turn) {
          std::stop_source stop;
          Answer answer;
          queues_->receive({key_, 2, std::nullopt, 20}, stop.get_token(), answer.done());
          // Every other one goes at once; what was on its way to it goes back.
          for (int tries = 0; turn % 2 == 0 && tries < 100 && !answer.is_there(); ++tries)
            std::this_thread::sleep_for(2ms);
          stop.request_stop();
          const auto messages = answer.wait();
          const std::scoped_lock lock(mutex);
          for (const ReceivedMessage& message : *messages) got.insert(message.body);
        }
      });
    for (int i = 0; i < kMany; ++i) send(std::to_string(i));
    for (int i = 0; i < 3000; ++i) {
      std::this_thread::sleep_for(10ms);
      const std::scoped_lock lock(mutex);
      if (got.size() == kMany) break;
    }
  }
  EXPECT_EQ(got.size(), std::size_t{kMany}) << "the clock stands: what a receiver took is never seen again";
}

TEST(QueuesSchema, PostgresTakesIt) {
  store::test::Postgres postgres;
  EXPECT_EQ(postgres.refuses(kQueuesSchema), "");
}

}  // namespace
}  // namespace sightline::queues
