#include "cloud/queues/queue_target.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <future>

#include "base/set_clock.h"
#include "cloud/queues/queue_tables.h"
#include "store/reserve.h"
#include "store/stores_test_support.h"
#include "store/values.h"

namespace sightline::queues {
namespace {

constexpr std::string_view kJobsArn = "arn:aws:sqs:us-east-1:000000000000:jobs";

class QueueTargetTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "queue_target_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    open();
    ASSERT_TRUE(queues_->create(key_));
  }
  void TearDown() override {
    queues_.reset();
    std::filesystem::remove_all(folder_);
  }
  void open() {
    queues_ = *Queues::open(*store::test::stores_that_run_twice(folder_), clock_, random_);
    target_ = std::make_unique<QueueTarget>(*queues_);
  }

  static bus::Delivery delivery(std::string event, std::string body, std::string_view target = kJobsArn) {
    return {{"buckets", std::move(event), "one"},
            std::string(target),
            {"s3.amazonaws.com", "000000000000", "arn:aws:s3:::pictures"},
            std::move(body),
            "Root=1",
            Cause().through(target)};
  }
  std::vector<Result<void>> accept(const std::vector<bus::Delivery>& deliveries,
                                   const std::vector<bus::DeliveryId>& settled = {}) {
    return target_->accept(deliveries, settled);
  }
  std::vector<ReceivedMessage> receive() {
    std::promise<std::vector<ReceivedMessage>> received;
    queues_->receive({key_, 10, 0, 0}, {},
                     [&](Result<std::vector<ReceivedMessage>> messages) { received.set_value(*messages); });
    return received.get_future().get();
  }
  void remove(const ReceivedMessage& message) {
    std::promise<bool> removed;
    queues_->remove_message(key_, message.receipt_handle,
                            [&](const Result<void>& done) { removed.set_value(done.has_value()); });
    ASSERT_TRUE(removed.get_future().get());
  }

  SetClock clock_;
  SystemRandom random_;
  std::filesystem::path folder_;
  const QueueKey key_{"000000000000", "us-east-1", "jobs"};
  std::unique_ptr<Queues> queues_;
  std::unique_ptr<QueueTarget> target_;
};

TEST_F(QueueTargetTest, PutsAMessageWithItsCause) {
  ASSERT_TRUE(accept({delivery("e1", "body")}).at(0));
  const auto messages = receive();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].body, "body");
  EXPECT_EQ(messages[0].sender, "s3.amazonaws.com");
  EXPECT_EQ(messages[0].trace_header, "Root=1");
  EXPECT_EQ(messages[0].cause.passes(kJobsArn), 1);
}

TEST_F(QueueTargetTest, PutsNothingTwiceUntilItMayForget) {
  ASSERT_TRUE(accept({delivery("e1", "body"), delivery("e2", "other")}).at(1));
  for (const ReceivedMessage& message : receive()) remove(message);
  queues_.reset();
  open();
  const auto again = accept({delivery("e1", "body"), delivery("e3", "third")});
  EXPECT_TRUE(again.at(0)) << "a repetition is a success";
  auto messages = receive();
  ASSERT_EQ(messages.size(), 1U) << "also where the message is gone by now";
  EXPECT_EQ(messages[0].body, "third");
  ASSERT_TRUE(accept({delivery("e4", "fourth")}, {{"buckets", "e1", "one"}}).at(0));
  ASSERT_TRUE(accept({delivery("e1", "body")}).at(0));
  EXPECT_EQ(receive().size(), 3U) << "e1 was forgotten, as was said";
}

TEST_F(QueueTargetTest, OneThatFailsKeepsNothingFromTheOthers) {
  const auto results =
      accept({delivery("e1", "a", "arn:aws:sqs:us-east-1:000000000000:gone"),
              delivery("e2", "a", "arn:aws:sqs:us-east-1:111111111111:jobs"), delivery("e3", "good"),
              delivery("e4", "\x01"), delivery("e5", std::string(2 << 20, 'x')), delivery("e6", "a", "no")});
  EXPECT_EQ(results.at(0).error().kind, ErrorKind::not_found);
  EXPECT_EQ(results.at(1).error().kind, ErrorKind::permission_denied);
  EXPECT_TRUE(results.at(2));
  EXPECT_EQ(results.at(3).error().kind, ErrorKind::unsupported);
  EXPECT_EQ(results.at(4).error().kind, ErrorKind::too_large);
  EXPECT_EQ(results.at(5).error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(receive().size(), 1U);
  ASSERT_TRUE(queues_->create({key_.account, key_.region, "gone"}));
  EXPECT_TRUE(accept({delivery("e1", "a", "arn:aws:sqs:us-east-1:000000000000:gone")}).at(0))
      << "what failed has not arrived";
}

TEST_F(QueueTargetTest, TakesNothingOfTheRoomForDeletions) {
  queues_.reset();
  const auto reserve = *store::Reserve::open(folder_, 1 << 20);
  if (reserve->held() == 0) GTEST_SKIP() << "this file system reserves no room";
  queues_ = *Queues::open(*store::stores_in_folder(folder_, reserve), clock_, random_);
  target_ = std::make_unique<QueueTarget>(*queues_);
  ASSERT_TRUE(accept({delivery("e1", "first")}).at(0));
  ASSERT_TRUE(reserve->release());
  const auto refused = accept({delivery("e2", "second")}, {{"buckets", "e1", "one"}}).at(0);
  ASSERT_FALSE(refused) << "that it forgets another one is no reason";
  EXPECT_EQ(refused.error().kind, ErrorKind::no_space);
  reserve->refill();
  EXPECT_TRUE(accept({delivery("e2", "second")}, {{"buckets", "e1", "one"}}).at(0));
  EXPECT_EQ(receive().size(), 2U);
}

TEST_F(QueueTargetTest, ChecksThatTheQueueIsThereAndTheAccountsOwn) {
  const bus::Publisher publisher{"s3.amazonaws.com", "000000000000", "arn:aws:s3:::pictures"};
  EXPECT_TRUE(target_->check(*bus::parse_arn(kJobsArn), publisher));
  EXPECT_EQ(
      target_->check(*bus::parse_arn("arn:aws:sqs:us-east-1:000000000000:gone"), publisher).error().kind,
      ErrorKind::not_found);
  EXPECT_EQ(
      target_->check(*bus::parse_arn("arn:aws:sqs:us-east-1:111111111111:jobs"), publisher).error().kind,
      ErrorKind::permission_denied);
}

TEST_F(QueueTargetTest, AFolderOfAnOlderVersionHasItsMessages) {
  queues_.reset();
  std::filesystem::remove_all(folder_);
  std::filesystem::create_directory(folder_);
  store::Schema old = kQueuesSchema;
  old.migrations = old.migrations.first(1);
  constexpr std::string_view kQueue =
      "INSERT INTO queues (account, region, name, number, visibility_timeout, delay, retention, "
      "maximum_message_size, receive_wait, created) "
      "VALUES ('000000000000', 'us-east-1', $1, 7, 30, 0, 345600, 262144, 0, 0)";
  constexpr std::string_view kMessage =
      "INSERT INTO messages (account, region, queue, id, body, attributes, sender, trace_header, sent, "
      "sequence, visible, receives, first_received, receipt) "
      "VALUES ('000000000000', 'us-east-1', 7, 'id', 'old', $1, 's', NULL, $2, 1, 0, 0, 0, '')";
  constexpr std::string_view kBoth[] = {kQueue, kMessage};
  old.statements = kBoth;
  {
    auto database = *store::stores_in_folder(folder_)->open({"queues", {old}});
    ASSERT_TRUE(database->write([&](store::Transaction& transaction) -> Result<void> {
      TRY(transaction.execute(kQueue, {store::bytes("jobs")}));
      TRY(transaction.execute(kMessage, {store::bytes(""), store::number(clock_.now())}));
      return {};
    }));
  }
  open();
  const auto messages = receive();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].body, "old");
  EXPECT_EQ(messages[0].cause, Cause());
}

}  // namespace
}  // namespace sightline::queues
