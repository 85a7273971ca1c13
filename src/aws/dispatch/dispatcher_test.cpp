#include "aws/dispatch/dispatcher.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "aws/dispatch/recorder_testing.h"
#include "aws/wire/test_query.h"
#include "base/set_clock.h"

namespace sightline::aws::dispatch {
namespace {

test_query::DescribeOutput describe(const Context& context) {
  test_query::DescribeOutput output;
  output.name = context.caller.arn;
  return output;
}

/// Where the answer to a parked request comes to lie.
class KeptAnswer final : public net::Reply::Exchange {
 public:
  void send(net::Response response) override { answer.set_value(std::move(response)); }
  void abandon() override {}
  void on_cancel(std::move_only_function<void(net::Cancelled)>) override {}
  [[nodiscard]] std::optional<net::Cancelled> cancelled() const override { return std::nullopt; }
  std::promise<net::Response> answer;
};

/// A dispatcher of a test service for one issued key. Describe answers with the caller's name.
class DispatcherTest : public ::testing::Test {
 protected:
  void make(Mode mode, std::function<void()> in_handler = {}) {
    credential.access_key_id = "AKIAISSUED";
    credential.secret = "secret";
    credential.principal = identity::user_principal("000000000000", "AIDAUSER", "/", "ada");
    operations.unary<test_query::Describe>(
        pool, 1024,
        [in_handler](const auto&, const Context& context) -> wire::Answer<test_query::DescribeOutput> {
          if (in_handler) in_handler();
          return describe(context);
        });
    operations.unary<test_query::Remove>(*removes, removes == &pool ? 1024 : 64,
                                         [this](const auto&, const Context&) -> wire::Answer<wire::Empty> {
                                           removed_on = std::this_thread::get_id();
                                           return wire::Empty{};
                                         });
    operations.unary<test_query::Greet>(
        pool, 1024, [](const auto&, const Context& context) -> wire::Answer<test_query::DescribeOutput> {
          test_query::DescribeOutput output;
          output.name = context.caller.kind == identity::PrincipalKind::anonymous ? "nobody" : "somebody";
          return output;
        });
    operations.resolver(test_query::kService, "thing", [](const std::string* name, const Context&) {
      return wire::Answer<std::vector<std::string>>(
          {std::string("arn:aws:test:::a-") + (name ? *name : "none"), "arn:aws:test:::b"});
    });
    authenticator.emplace(
        mode, "000000000000",
        [this](std::string_view id) -> std::optional<identity::Credential> {
          if (id == credential.access_key_id) return credential;
          return std::nullopt;
        },
        clock);
    DispatcherOptions options;
    options.services = {&test_query::kService};
    options.fallback = &test_query::kService;
    options.region = "us-east-1";
    options.on_trouble = [this](std::string_view, std::string_view what) { troubles.emplace_back(what); };
    dispatcher = *Dispatcher::create(std::move(options), operations, *authenticator, clock);
  }

  /// Unsigned without a key.
  net::RequestHead form(std::string_view key) {
    net::RequestHead head;
    head.method = "POST";
    head.target = "/";
    head.host = "127.0.0.1:4566";
    head.id = "the-id";
    head.loopback = true;
    head.headers.add("Host", head.host);
    head.headers.add("Content-Type", "application/x-www-form-urlencoded");
    head.headers.add("X-Amz-Date", "20231114T221320Z");
    if (key.empty()) return head;
    head.headers.add(
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=" + std::string(key) +
            "/20231114/eu-west-1/testquery/aws4_request, SignedHeaders=host;x-amz-date, Signature=" +
            std::string(64, 'a'));
    return head;
  }

  net::Response call(const net::RequestHead& head, std::string body = "Action=Describe&Version=2020-02-02") {
    net::Decision decision = dispatcher->decide(head);
    if (auto* answer = std::get_if<net::Response>(&decision.way)) return std::move(*answer);
    if (auto* parked = std::get_if<net::Parked>(&decision.way)) {
      const auto kept = std::make_shared<KeptAnswer>();
      parked->run({std::make_shared<net::RequestHead>(head), std::move(body)}, net::Reply(kept));
      return kept->answer.get_future().get();
    }
    return std::get<net::Unary>(decision.way)
        .run({std::make_shared<net::RequestHead>(head), std::move(body)});
  }

  const std::vector<const wire::Service*> services{&test_query::kService};
  wire::Validator validator = *wire::Validator::create(services);
  WorkerPool pool{"test", 1, 1};
  WorkerPool other{"other", 1, 1};
  WorkerPool* removes = &pool;  ///< of Remove
  std::thread::id removed_on;
  SetClock clock;
  identity::Credential credential;
  test::Recorder authorizer;
  Operations operations{validator, authorizer};
  std::optional<Authenticator> authenticator;
  std::unique_ptr<Dispatcher> dispatcher;
  std::vector<std::string> troubles;
};

TEST_F(DispatcherTest, AnUnknownKeyIsRootInLocalMode) {
  make(Mode::local);
  const net::Response answer = call(form("whatever"));
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_NE(answer.body.find("arn:aws:iam::000000000000:root"), std::string::npos) << answer.body;
  EXPECT_NE(answer.body.find("the-id"), std::string::npos);
}

TEST_F(DispatcherTest, AnUnknownKeyFromAnotherMachineIsRefused) {
  make(Mode::local);
  net::RequestHead head = form("whatever");
  head.loopback = false;
  EXPECT_EQ(call(head).note, "InvalidClientTokenId");
}

TEST_F(DispatcherTest, AnUnknownKeyIsRefusedInEnforcedMode) {
  make(Mode::enforced);
  EXPECT_EQ(call(form("whatever")).note, "InvalidClientTokenId");
}

TEST_F(DispatcherTest, AnIssuedKeyIsVerifiedInLocalModeToo) {
  make(Mode::local);
  EXPECT_EQ(call(form("AKIAISSUED")).note, "SignatureDoesNotMatch");
}

TEST_F(DispatcherTest, ADisabledKeyIsRefusedBeforeItsBodyIsRead) {
  make(Mode::local);
  credential.active = false;
  net::Decision decision = dispatcher->decide(form("AKIAISSUED"));
  ASSERT_TRUE(std::holds_alternative<net::Response>(decision.way));
  EXPECT_EQ(std::get<net::Response>(decision.way).note, "InvalidClientTokenId");
}

TEST_F(DispatcherTest, ASessionNeedsItsOwnToken) {
  make(Mode::local);
  credential.session_token = "token";
  EXPECT_EQ(call(form("AKIAISSUED")).note, "InvalidClientTokenId");
  net::RequestHead head = form("AKIAISSUED");
  head.headers.add("X-Amz-Security-Token", "another");
  EXPECT_EQ(call(head).note, "InvalidClientTokenId");
}

TEST_F(DispatcherTest, ASessionEnds) {
  make(Mode::local);
  credential.session_token = "token";
  credential.expires = clock.now();
  net::RequestHead head = form("AKIAISSUED");
  head.headers.add("X-Amz-Security-Token", "token");
  EXPECT_EQ(call(head).note, "ExpiredToken");
}

TEST_F(DispatcherTest, APresignedRequestOfAnUnknownKeyExpiresInLocalModeToo) {
  make(Mode::local);
  net::RequestHead head;
  head.method = "GET";
  head.host = "127.0.0.1:4566";
  head.loopback = true;
  const auto ask = [&](std::string_view date, int seconds) {
    head.target = "/?Action=Describe&Version=2020-02-02&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=" +
                  std::string(date) + "&X-Amz-Expires=" + std::to_string(seconds) +
                  "&X-Amz-Credential=any%2F20231114%2Feu-west-1%2Ftestquery%2Faws4_request"
                  "&X-Amz-SignedHeaders=host&X-Amz-Signature=" +
                  std::string(64, 'a');
    return call(head, "");
  };
  EXPECT_EQ(ask("20231114T221310Z", 60).status, 200);
  EXPECT_EQ(ask("20231114T221210Z", 60).note, "SignatureDoesNotMatch");
  EXPECT_EQ(ask("20231114T230000Z", 60).note, "SignatureDoesNotMatch") << "from the future";
}

TEST_F(DispatcherTest, AForeignPageHearsNothingOfAnyService) {
  make(Mode::local);
  net::RequestHead head = form("whatever");
  head.headers.add("Origin", "https://evil.example");
  const net::Response answer = call(head);
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.note, "ForeignOrigin");
}

TEST_F(DispatcherTest, AHandlerThatThrowsCostsOneAnswer) {
  make(Mode::local, [] { throw std::runtime_error("a bug"); });
  EXPECT_EQ(call(form("whatever")).status, 500);
  EXPECT_EQ(troubles, std::vector<std::string>{"a bug"});
}

TEST_F(DispatcherTest, AnActionOfNoServiceIsTold) {
  make(Mode::local);
  EXPECT_EQ(call(form("whatever"), "Action=FlyToTheMoon&Version=2020-02-02").status, 400);
}

TEST_F(DispatcherTest, AListedOperationNeedsAHandler) {
  authenticator.emplace(Mode::local, "000000000000", [](std::string_view) { return std::nullopt; }, clock);
  DispatcherOptions options;
  options.services = {&test_query::kService};
  options.fallback = &test_query::kService;
  const auto made = Dispatcher::create(std::move(options), operations, *authenticator, clock);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("no handler"), std::string::npos);
}

TEST_F(DispatcherTest, WhatARowSaysIsAsked) {
  make(Mode::local);
  EXPECT_EQ(call(form("whatever"), "Action=Describe&Version=2020-02-02&Count=3&Name=it").status, 200);
  const std::vector<AccessRequest> expected{
      {"test:Describe", "arn:aws:test:eu-west-1:000000000000:thing", {{"test:count", "3"}}},
      {"test:Look", "arn:aws:test:::a-it"},
      {"test:Look", "arn:aws:test:::b"},
  };
  EXPECT_EQ(authorizer.asked, expected);
}

TEST_F(DispatcherTest, WhoMayNotIsToldSoAndNothingRuns) {
  bool ran = false;
  make(Mode::local, [&ran] { ran = true; });
  authorizer.refused = {"test:Look"};
  const net::Response answer = call(form("whatever"));
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.note, "AccessDenied");
  EXPECT_NE(
      answer.body.find("User: arn:aws:iam::000000000000:root is not authorized to perform: test:Look on "
                       "resource: arn:aws:test:::a-none because no identity-based policy allows the "
                       "test:Look action"),
      std::string::npos)
      << answer.body;
  EXPECT_FALSE(ran);
}

TEST_F(DispatcherTest, WhatNeedsNoSignatureIsAskedByNobody) {
  make(Mode::enforced);
  const net::RequestHead head = form("");
  const net::Response answer = call(head, "Action=Greet&Version=2020-02-02");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_NE(answer.body.find("nobody"), std::string::npos) << answer.body;
  // Whatever else is asked so is refused.
  EXPECT_EQ(call(head).note, "MissingAuthenticationToken");
}

TEST_F(DispatcherTest, AFormIsCarriedOutOnThePoolOfItsOwnOperation) {
  removes = &other;
  make(Mode::local);
  EXPECT_EQ(call(form("whatever")).status, 200);
  const net::Response removed = call(form("whatever"), "Action=Remove&Version=2020-02-02&Name=it");
  EXPECT_EQ(removed.status, 200) << removed.body;
  EXPECT_NE(removed_on, std::thread::id());
  EXPECT_NE(removed_on, std::this_thread::get_id());
  // Its own limit holds too, though another operation takes more.
  const std::string long_name(64, 'x');
  EXPECT_EQ(call(form("whatever"), "Action=Remove&Version=2020-02-02&Name=" + long_name).status, 413);
  EXPECT_EQ(call(form("whatever"), "Action=Describe&Version=2020-02-02&Name=" + long_name).status, 200);
}

TEST_F(DispatcherTest, AFormWhosePoolIsFullIsThrottled) {
  removes = &other;
  make(Mode::local);
  std::promise<void> over;
  const std::shared_future<void> wait = over.get_future().share();
  for (std::size_t taken = 0; taken < 2;)
    if (other.try_submit([wait] { wait.wait(); })) ++taken;
  EXPECT_EQ(call(form("whatever"), "Action=Remove&Version=2020-02-02&Name=it").note, "Throttling");
  over.set_value();
}

TEST_F(DispatcherTest, AFullPoolIsAThrottlingErrorInTheServicesWords) {
  make(Mode::local);
  const net::RequestHead head = form("whatever");
  const net::Response answer = dispatcher->explain(&head, net::Failure::overloaded, "");
  EXPECT_EQ(answer.note, "Throttling");
}

}  // namespace
}  // namespace sightline::aws::dispatch
