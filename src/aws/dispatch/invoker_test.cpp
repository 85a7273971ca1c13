#include "aws/dispatch/invoker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "aws/dispatch/recorder_testing.h"
#include "aws/wire/test_query.h"
#include "aws/wire/test_xml.h"
#include "base/set_clock.h"

namespace sightline::aws::dispatch {
namespace {

using test_query::Describe;
using test_query::DescribeOutput;
using test_query::Remove;
using test_xml::PutThing;

/// Gives what was put.
class ThingUpload final : public Upload<PutThing> {
 public:
  explicit ThingUpload(std::string& kept) : kept_(kept) {}
  wire::Answer<void> take(std::span<const char> bytes) override {
    content_.append(bytes.data(), bytes.size());
    return {};
  }
  wire::Answer<PutThing::Response> finish() override {
    kept_ = content_;
    return PutThing::Response{};
  }

 private:
  std::string& kept_;
  std::string content_;
};

/// Describe answers at once, Remove when somebody says so, PutThing takes a body.
class InvokerTest : public ::testing::Test {
 protected:
  InvokerTest() {
    operations.unary<Describe>(
        pool, 1024, [](const auto& request, const Context& context) -> wire::Answer<DescribeOutput> {
          if (request.name == "bug") throw std::runtime_error("a bug");
          if (request.name == "gone") return wire::refuse(test_query::kNoSuchThing, "There is none");
          DescribeOutput output;
          output.name = context.caller.arn + " in " + context.region;
          output.when = wire::Timestamp(std::chrono::milliseconds(1422172800123));
          return output;
        });
    operations.parked<Remove>(pool, 1024, [this](const auto&, const Context&, ParkedCall<Remove> call) {
      const std::lock_guard lock(mutex);
      parked.push_back(std::move(call));
    });
    operations.upload<PutThing>(
        pool, 1024,
        [this](const auto&, const Context&,
               const sigv4::PayloadDecoder& payload) -> wire::Answer<std::unique_ptr<Upload<PutThing>>> {
          announced = payload.length();
          return std::make_unique<ThingUpload>(put);
        });
    operations.resolver(test_query::kService, "thing", [](const std::string*, const Context&) {
      return wire::Answer<std::vector<std::string>>({"arn:aws:test:::it"});
    });
  }
  void TearDown() override { parked.clear(); }

  std::string json(std::string_view service, std::string_view operation, std::string_view document) {
    std::promise<std::string> promise;
    invoker.call_json(caller, service, operation, document, [&](wire::Answer<std::string> answer) {
      promise.set_value(answer ? *answer : answer.error().code + ": " + answer.error().message);
    });
    return promise.get_future().get();
  }

  /// Waits for one. What becomes of it happens outside the lock.
  ParkedCall<Remove> take_parked() {
    for (;;) {
      const std::lock_guard lock(mutex);
      if (parked.empty()) continue;
      ParkedCall<Remove> call = std::move(parked.back());
      parked.pop_back();
      return call;
    }
  }

  const std::vector<const wire::Service*> services{&test_query::kService, &test_xml::kService};
  wire::Validator validator = *wire::Validator::create(services);
  SetClock clock;
  SystemRandom random;
  test::Recorder authorizer;
  Operations operations{validator, authorizer};
  std::mutex mutex;
  std::vector<ParkedCall<Remove>> parked;
  std::string put;
  std::optional<std::uint64_t> announced;
  std::vector<InnerRecord> records;
  Invoker invoker{{services, 16,
                   [this](const InnerRecord& record) {
                     const std::lock_guard lock(mutex);
                     records.push_back(record);
                   }},
                  operations,
                  clock,
                  random};
  const InnerCaller caller{identity::root_of("111111111111"), "eu-west-1", "http://127.0.0.1:4566"};
  WorkerPool pool{"test", 4, 512};  ///< goes first: no task of it may outlive what it uses
};

TEST_F(InvokerTest, ATypedCallIsAnsweredWithTheOperationsStruct) {
  std::promise<wire::Answer<TypedAnswer<Describe>>> promise;
  invoker.call<Describe>(caller, {}, [&](auto answer) { promise.set_value(std::move(answer)); });
  const auto answer = promise.get_future().get();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->response.name, "arn:aws:iam::111111111111:root in eu-west-1");
}

TEST_F(InvokerTest, ADocumentHasTheModelsNamesInAnyCaseOfTheFirstLetter) {
  EXPECT_EQ(json("test_query", "describe", R"({"name": "x", "When": 1422172800})"),
            R"({"Name":"arn:aws:iam::111111111111:root in eu-west-1","When":"2015-01-25T08:00:00.123Z"})");
}

TEST_F(InvokerTest, ErrorsAreThoseThatAClientWouldGet) {
  EXPECT_EQ(json("test_query", "Describe", R"({"Name": "gone"})"), "NoSuchThing: There is none");
  EXPECT_EQ(json("test_query", "Describe", "{").substr(0, 9), "Malformed");
  EXPECT_NE(json("test_query", "Remove", "{}").find("ValidationError"), std::string::npos)
      << json("test_query", "Remove", "{}");
  EXPECT_EQ(json("test_query", "Fly", "{}").substr(0, 25), "UnknownOperationException");
  EXPECT_EQ(json("nothing", "Describe", "{}").substr(0, 25), "UnknownOperationException");
  EXPECT_EQ(json("test_query", "Describe", R"({"Name": "bug"})").substr(0, 15), "InternalFailure");
  EXPECT_EQ(records.back().cause, "a bug");
}

TEST_F(InvokerTest, WhoMayNotIsRefused) {
  authorizer.refused = {"test:Look"};
  EXPECT_EQ(json("test_query", "Describe", "{}"),
            "AccessDenied: User: arn:aws:iam::111111111111:root is not authorized to perform: test:Look on "
            "resource: "
            "arn:aws:test:::it because no identity-based policy allows the test:Look action");
}

TEST_F(InvokerTest, AStreamedBodyIsAMemberOfTheDocument) {
  EXPECT_EQ(json("test_xml", "PutThing", R"({"Bucket": "b", "Key": "k", "Body": "text"})"), R"({"Body":""})");
  EXPECT_EQ(put, "text");
  EXPECT_EQ(announced, 4U);
  EXPECT_EQ(json("test_xml", "PutThing", R"({"Bucket": "b", "Key": "k", "body": {"a": [1, null]}})"),
            R"({"Body":""})");
  EXPECT_EQ(put, R"({"a":[1,null]})");
}

TEST_F(InvokerTest, AParkedCallIsAnsweredWhenSomebodyAnswersIt) {
  std::promise<bool> promise;
  invoker.call<Remove>(caller, {.name = "x"},
                       [&](const auto& answer) { promise.set_value(answer.has_value()); });
  auto future = promise.get_future();
  EXPECT_EQ(future.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  take_parked().answer({});
  EXPECT_TRUE(future.get());
}

TEST_F(InvokerTest, AParkedCallThatIsDroppedIsAnError) {
  std::promise<std::string> promise;
  invoker.call<Remove>(caller, {.name = "x"},
                       [&](const auto& answer) { promise.set_value(answer.error().code); });
  auto future = promise.get_future();
  {
    const auto dropped = take_parked();
  }
  EXPECT_EQ(future.get(), "InternalFailure");
}

TEST_F(InvokerTest, ManyParkedCallsThatEachCallInsideEndOnFourThreads) {
  constexpr int kCalls = 200;
  Operations nested(validator, authorizer);
  Invoker inside{{services, 16, {}}, nested, clock, random};
  std::atomic<int> done = 0;
  std::promise<void> all;
  WorkerPool four("four", 4, 512);
  nested.unary<Describe>(four, 1024, [](const auto&, const Context&) -> wire::Answer<DescribeOutput> {
    return DescribeOutput{};
  });
  nested.resolver(test_query::kService, "thing", [](const std::string*, const Context&) {
    return wire::Answer<std::vector<std::string>>({"arn:aws:test:::it"});
  });
  nested.parked<Remove>(four, 1024, [&](const auto&, const Context&, ParkedCall<Remove> call) {
    inside.call<Describe>(caller, {}, [call = std::move(call)](const auto& answer) mutable {
      if (answer) return std::move(call).answer({});
      std::move(call).refuse(answer.error());
    });
  });
  for (int i = 0; i < kCalls; ++i) {
    inside.call<Remove>(caller, {.name = "x"}, [&](const auto& answer) {
      EXPECT_TRUE(answer);
      if (++done == kCalls) all.set_value();
    });
  }
  EXPECT_EQ(all.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready) << done;
}

TEST_F(InvokerTest, AFullPoolIsTheServicesThrottling) {
  Operations own(validator, authorizer);
  Invoker crowded{{services, 16, {}}, own, clock, random};
  std::atomic<int> throttled = 0;
  std::promise<void> release;
  WorkerPool full("full", 1, 1);
  own.unary<Describe>(
      full, 1024,
      [wait = release.get_future().share()](const auto&, const Context&) -> wire::Answer<DescribeOutput> {
        wait.wait();
        return DescribeOutput{};
      });
  own.resolver(test_query::kService, "thing", [](const std::string*, const Context&) {
    return wire::Answer<std::vector<std::string>>({"arn:aws:test:::it"});
  });
  for (int i = 0; i < 4; ++i) {
    crowded.call<Describe>(caller, {}, [&](const auto& answer) {
      if (!answer && answer.error().code == "Throttling") ++throttled;
    });
  }
  EXPECT_GE(throttled, 2);
  release.set_value();
}

}  // namespace
}  // namespace sightline::aws::dispatch
