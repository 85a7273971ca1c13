#include "aws/s3/event_message.h"

#include <gtest/gtest.h>

namespace sightline::aws::s3 {
namespace {

buckets::ObjectEvent an_event(buckets::Change change) {
  buckets::ObjectEvent event;
  event.change = change;
  event.bucket = "pictures";
  event.key = "in/a b+c@\xC3\xA9.jpg";
  event.size = 9;
  event.etag = "437b930db84b8079c2dd804a71936b5f";
  event.time = Instant(std::chrono::milliseconds(1'700'000'000'012));
  event.origin.principal = "AIDAEXAMPLE";
  event.origin.source_ip = "192.0.2.1";
  event.origin.request_id = "the-request";
  event.account = "000000000000";
  event.region = "eu-west-1";
  event.notification = "my \"id\"";
  event.sequence = 0xABC;
  return event;
}

TEST(S3EventMessage, SaysWhatHappened) {
  EXPECT_EQ(
      event_message(an_event(buckets::Change::put)),
      R"({"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"eu-west-1",)"
      R"("eventTime":"2023-11-14T22:13:20.012Z","eventName":"ObjectCreated:Put",)"
      R"("userIdentity":{"principalId":"AWS:AIDAEXAMPLE"},"requestParameters":{"sourceIPAddress":"192.0.2.1"},)"
      R"("responseElements":{"x-amz-request-id":"the-request","x-amz-id-2":"the-request"},)"
      R"("s3":{"s3SchemaVersion":"1.0","configurationId":"my \"id\"","bucket":{"name":"pictures",)"
      R"("ownerIdentity":{"principalId":"000000000000"},"arn":"arn:aws:s3:::pictures"},)"
      R"("object":{"key":"in/a+b%2Bc%40%C3%A9.jpg","size":9,"eTag":"437b930db84b8079c2dd804a71936b5f",)"
      R"("sequencer":"000000000000000ABC"}}}]})");
}

TEST(S3EventMessage, OfADeletionHasNoContent) {
  buckets::ObjectEvent event = an_event(buckets::Change::deleted);
  event.origin.source_ip = "";
  const std::string message = event_message(event);
  EXPECT_NE(message.find(R"("eventName":"ObjectRemoved:Delete")"), std::string::npos) << message;
  EXPECT_NE(message.find(R"("object":{"key":"in/a+b%2Bc%40%C3%A9.jpg","sequencer":"000000000000000ABC"})"),
            std::string::npos)
      << message;
  EXPECT_NE(message.find(R"("sourceIPAddress":"AWS Internal")"), std::string::npos) << message;
}

TEST(S3EventMessage, NobodyIsAnonymous) {
  buckets::ObjectEvent event = an_event(buckets::Change::put);
  event.origin.principal = "";
  const std::string message = event_message(event);
  EXPECT_NE(message.find(R"("userIdentity":{"principalId":"Anonymous"})"), std::string::npos) << message;
}

TEST(S3EventMessage, AnnouncesNotifications) {
  EXPECT_EQ(event_message(an_event(buckets::Change::configured)),
            R"({"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2023-11-14T22:13:20.012Z",)"
            R"("Bucket":"pictures","RequestId":"the-request","HostId":"the-request"})");
}

}  // namespace
}  // namespace sightline::aws::s3
