#include "app/server/services.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <future>
#include <set>

#include "app/server/assembly/data_use.h"
#include "app/server/services_test_fixture.h"
#include "aws/rekognition/model.h"
#include "aws/s3/model.h"
#include "base/file.h"

namespace sightline::server {
namespace {

namespace fs = std::filesystem;

TEST(Domains, EachServiceAndFileBelongsToOne) {
  std::set<std::string_view> names;
  std::set<std::string_view> paths;
  std::set<const aws::wire::Service*> services;
  int fallbacks = 0;
  for (const DomainKind* kind : domains()) {
    EXPECT_TRUE(names.insert(kind->name).second) << kind->name;
    for (const aws::wire::Service* service : kind->services) EXPECT_TRUE(services.insert(service).second);
    for (const std::string_view path : kind->keeps.paths) EXPECT_TRUE(paths.insert(path).second) << path;
    fallbacks += kind->fallback != nullptr ? 1 : 0;
  }
  EXPECT_EQ(services.size(), Services::names().size());
  EXPECT_EQ(fallbacks, 1);
}

TEST_F(ServicesTest, EveryFileOfTheFolderIsKnownToAModule) {
  call("s3", "CreateBucket", R"({"Bucket": "inside"})");
  call("sqs", "CreateQueue", R"({"QueueName": "inside"})");
  const auto use = measure_data(folder_, clock_.now(), MeasureHow::whole);
  for (const auto& data : use.modules) {
    if (data.name == "models" || data.name == "reserve") continue;
    // Of nobody else's: the key that seals secrets.
    if (data.name == "other") {
      EXPECT_LE(data.bytes, 8192U);
    } else {
      EXPECT_TRUE(data.bytes > 0) << data.name;
    }
    EXPECT_EQ(data.limit, data.bytes + use.free);
  }
}

TEST_F(ServicesTest, ObjectsComeAndGoFromInside) {
  EXPECT_EQ(call("s3", "CreateBucket", R"({"Bucket": "inside"})"), R"({"Location":"/inside"})");
  const std::string put = call("s3", "putObject", R"({"Bucket": "inside", "Key": "k", "Body": "the text",
                                                      "Metadata": {"from": "inside"}})");
  EXPECT_NE(put.find(R"("ETag":)"), std::string::npos) << put;
  const std::string got = call("s3", "GetObject", R"({"Bucket": "inside", "Key": "k"})");
  EXPECT_NE(got.find(R"("Body":"the text")"), std::string::npos) << got;
  EXPECT_NE(got.find(R"("Metadata":{"from":"inside"})"), std::string::npos) << got;
  EXPECT_NE(call("s3", "GetObject", R"({"Bucket": "inside", "Key": "other"})").find("NoSuchKey"),
            std::string::npos);
}

TEST_F(ServicesTest, APictureInABucketIsLookedAtFromInside) {
  call("s3", "CreateBucket", R"({"Bucket": "inside"})");
  const auto picture =
      read_file(fs::path(std::getenv("SIGHTLINE_CACHE")) / "demo" / "astronaut.png", 4 << 20);
  ASSERT_TRUE(picture) << picture.error().message;
  std::promise<bool> put;
  aws::s3::PutObjectRequest request;
  request.bucket = "inside";
  request.key = "p.png";
  services_->invoker().call<aws::s3::PutObject>(
      caller_, request, [&](const auto& answer) { put.set_value(answer.has_value()); },
      std::string(picture->begin(), picture->end()));
  ASSERT_TRUE(put.get_future().get());
  const std::string faces =
      call("rekognition", "DetectFaces", R"({"Image": {"S3Object": {"Bucket": "inside", "Name": "p.png"}}})");
  EXPECT_NE(faces.find(R"("BoundingBox":{)"), std::string::npos) << faces;
  EXPECT_NE(
      call("rekognition", "DetectFaces", R"({"Image": {"S3Object": {"Bucket": "inside", "Name": "no"}}})")
          .find("InvalidS3ObjectException"),
      std::string::npos);
}

TEST_F(ServicesTest, AReceiverWaitsWithoutAThreadForWhatIsSentMeanwhile) {
  const std::string url = R"("QueueUrl": "http://127.0.0.1:4566/000000000000/inside")";
  call("sqs", "CreateQueue", R"({"QueueName": "inside"})");
  std::promise<std::string> received;
  services_->invoker().call_json(caller_, "sqs", "ReceiveMessage", "{" + url + R"(, "WaitTimeSeconds": 20})",
                                 [&](aws::wire::Answer<std::string> answer) {
                                   received.set_value(answer ? *answer : answer.error().message);
                                 });
  call("sqs", "SendMessage", "{" + url + R"(, "MessageBody": "hello"})");
  const std::string message = received.get_future().get();
  EXPECT_NE(message.find(R"("Body":"hello")"), std::string::npos) << message;
}

TEST_F(ServicesTest, AChainOfEventsEndsAtItsSixteenthPassThroughAQueue) {
  const std::string arn = "arn:aws:sqs:us-east-1:000000000000:inside";
  call("s3", "CreateBucket", R"({"Bucket": "inside"})");
  call("sqs", "CreateQueue", R"({"QueueName": "inside"})");
  call("s3", "PutBucketNotificationConfiguration",
       R"({"Bucket": "inside", "SkipDestinationValidation": true, "NotificationConfiguration": {
           "QueueConfigurations": [{"QueueArn": ")" +
           arn + R"(", "Events": ["s3:ObjectCreated:*"]}]}})");
  const auto put_after = [&](int passes) {
    caller_.cause = {};
    for (int i = 0; i < passes; ++i) caller_.cause = caller_.cause.through(arn);
    call("s3", "PutObject",
         R"({"Bucket": "inside", "Key": "after)" + std::to_string(passes) + R"(", "Body": "x"})");
  };
  put_after(14);
  const std::string message =
      call("sqs", "ReceiveMessage",
           R"({"QueueUrl": "http://127.0.0.1:4566/000000000000/inside", "WaitTimeSeconds": 20})");
  EXPECT_NE(message.find("after14"), std::string::npos) << message;
  put_after(15);
  const std::string said = trouble();
  EXPECT_NE(said.find("goes in a circle"), std::string::npos) << said;
  EXPECT_EQ(metric("sightline_events_loops_total"), 1);
  EXPECT_EQ(metric("sightline_events_dead"), 1);
}

TEST_F(ServicesTest, AnonymousCallersAreDeniedEverythingFromInside) {
  call("s3", "CreateBucket", R"({"Bucket": "inside"})");
  caller_.principal = {};
  caller_.principal.account = "000000000000";
  for (const auto& [service, operation, document] :
       {std::tuple{"s3", "PutObject", R"({"Bucket": "inside", "Key": "k", "Body": "x"})"},
        std::tuple{"s3", "GetObject", R"({"Bucket": "inside", "Key": "k"})"},
        std::tuple{"rekognition", "DetectFaces",
                   R"({"Image": {"S3Object": {"Bucket": "inside", "Name": "k"}}})"},
        std::tuple{"sqs", "CreateQueue", R"({"QueueName": "inside"})"}}) {
    EXPECT_EQ(call(service, operation, document).substr(0, 14), "AccessDenied: ") << operation;
  }
  // Asked for each key by the handler itself.
  const std::string deleted =
      call("s3", "DeleteObjects", R"({"Bucket": "inside", "Delete": {"Objects": [{"Key": "k"}]}})");
  EXPECT_NE(deleted.find(R"("Code":"AccessDenied")"), std::string::npos) << deleted;
  // A parked operation, of a queue that is there.
  caller_.principal = identity::root_of("000000000000");
  call("sqs", "CreateQueue", R"({"QueueName": "inside"})");
  caller_.principal = {};
  caller_.principal.account = "000000000000";
  const std::string received =
      call("sqs", "ReceiveMessage", R"({"QueueUrl": "http://127.0.0.1:4566/000000000000/inside"})");
  EXPECT_EQ(received.substr(0, 14), "AccessDenied: ") << received;
}

}  // namespace
}  // namespace sightline::server
