// What a server tells who comes when it has its hands full.

#include <gtest/gtest.h>
#include <unistd.h>

#include "aws/dispatch/dispatcher.h"
#include "aws/dispatch/recorder_testing.h"
#include "aws/sqs/operations.h"
#include "aws/sqs/queue_url.h"
#include "aws/sqs/receive_message.h"
#include "base/set_clock.h"

namespace sightline::aws::sqs {
namespace {

namespace fs = std::filesystem;

/// Keeps the answer.
class Asked final : public net::Reply::Exchange {
 public:
  void send(net::Response response) override { answer = std::move(response); }
  void abandon() override {}
  void on_cancel(std::move_only_function<void(net::Cancelled)>) override {}
  [[nodiscard]] std::optional<net::Cancelled> cancelled() const override { return std::nullopt; }

  std::optional<net::Response> answer;
};

class Crowded : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "crowded_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    queues_ = *queues::Queues::open(*store::stores_in_folder(folder_), clock_, random_);
    ASSERT_TRUE(queues_->create(key_));
    context_.caller = identity::root_of(key_.account);
    context_.region = key_.region;
  }
  void TearDown() override {
    queues_.reset();
    fs::remove_all(folder_);
  }

  std::optional<net::Response> receive() {
    ReceiveMessageRequest request;
    request.queue_url = queue_url(key_, context_);
    request.wait_time_seconds = 20;
    const auto asked = std::make_shared<Asked>();
    const dispatch::AnswerWriter writer(kService, &ReceiveMessage::operation, {"the-id", ""}, {}, "",
                                        std::make_shared<const dispatch::OnTrouble>());
    receive_message(request, context_, *queues_,
                    dispatch::ParkedCall<ReceiveMessage>({net::Reply(asked), writer}));
    return asked->answer;
  }

  SetClock clock_;
  SystemRandom random_;
  fs::path folder_;
  const queues::QueueKey key_{"000000000000", "us-east-1", "jobs"};
  std::unique_ptr<queues::Queues> queues_;
  dispatch::Context context_;
};

TEST_F(Crowded, OneMoreThanMayWaitIsOverTheLimit) {
  for (std::size_t i = 1; i < queues::kMaxWaiters; ++i) {
    queues_->receive({key_, 1, std::nullopt, 20}, {}, [](const auto&) {});
  }
  ASSERT_EQ(queues_->counters().waiting, queues::kMaxWaiters - 1);
  EXPECT_FALSE(receive());
  const auto answer = receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 400);
  EXPECT_EQ(answer->note, "OverLimit");
}

TEST_F(Crowded, AFullPoolSlowsDownEachProtocolInItsWords) {
  const std::vector<const wire::Service*> services{&kService};
  const auto validator = *wire::Validator::create(services);
  WorkerPool pool("test", 1, 1);
  const dispatch::test::Recorder authorizer;
  dispatch::Operations operations(validator, authorizer);
  add_operations(operations, {*queues_, pool});
  const dispatch::Authenticator anyone(
      dispatch::Mode::local, key_.account, [](std::string_view) { return std::nullopt; }, clock_);
  const auto dispatcher = *dispatch::Dispatcher::create({services, &kService, {}, {}, "us-east-1", {}},
                                                        operations, anyone, clock_);
  net::RequestHead head;
  head.method = "POST";
  head.target = "/";
  head.headers.add("Authorization",
                   "AWS4-HMAC-SHA256 Credential=key/20231114/us-east-1/sqs/aws4_request, "
                   "SignedHeaders=host, Signature=0");
  EXPECT_EQ(dispatcher->explain(&head, net::Failure::overloaded, "").note, "ThrottlingException");
  head.headers.add("Content-Type", "application/x-www-form-urlencoded");
  EXPECT_EQ(dispatcher->explain(&head, net::Failure::overloaded, "").note, "Throttling");
}

}  // namespace
}  // namespace sightline::aws::sqs
