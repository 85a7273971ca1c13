#include "aws/sqs/model.h"

#include <gtest/gtest.h>

#include "aws/wire/codec.h"

namespace sightline::aws::sqs {
namespace {

TEST(Sqs, ReadsAMessage) {
  const std::string body = R"({"QueueUrl":"http://q","MessageBody":"hi","DelaySeconds":5,)"
                           R"("MessageAttributes":{"a":{"DataType":"Binary","BinaryValue":"aGk="}}})";
  const wire::HttpRequest request{"POST",
                                  "/",
                                  {{"X-Amz-Target", "AmazonSQS.SendMessage"}},
                                  {reinterpret_cast<const std::uint8_t*>(body.data()), body.size()}};
  const wire::Router router({&kService}, &kService, {});
  const auto match = router.find(request, "sqs");
  ASSERT_TRUE(match);
  ASSERT_EQ(match->operation, &SendMessage::operation);
  const auto message = wire::decode<SendMessage>(*match, request);
  ASSERT_TRUE(message) << message.error().message;
  EXPECT_EQ(message->message_body, "hi");
  EXPECT_EQ(message->delay_seconds, 5);
  EXPECT_EQ(message->message_attributes->at("a").binary_value, (Bytes{'h', 'i'}));
}

TEST(Sqs, KeepsTheErrorCodesOfItsQueryDays) {
  const auto response =
      wire::encode_error(kService, wire::service_error(kQueueDoesNotExist, "gone"), {"r", ""});
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, R"({"__type":"QueueDoesNotExist","message":"gone"})");
  EXPECT_EQ(response.headers.find("x-amzn-query-error"), "AWS.SimpleQueueService.NonExistentQueue;Sender");
}

}  // namespace
}  // namespace sightline::aws::sqs
