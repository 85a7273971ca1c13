#include <gtest/gtest.h>

#include "aws/dispatch/dispatcher.h"
#include "aws/dispatch/recorder_testing.h"
#include "aws/sigv4/sigv4_test_requests.h"
#include "aws/wire/test_rest.h"
#include "base/set_clock.h"

namespace sightline::aws::dispatch {
namespace {

using test_rest::Fetch;
using test_rest::Store;

/// Keeps what was stored once all of it is there.
class StoreUpload final : public Upload<Store> {
 public:
  explicit StoreUpload(std::string& kept) : kept_(kept) {}
  wire::Answer<void> take(std::span<const char> bytes) override {
    content_.append(bytes.data(), bytes.size());
    return {};
  }
  wire::Answer<Store::Response> finish() override {
    kept_ = content_;
    return Store::Response{};
  }

 private:
  std::string& kept_;
  std::string content_;
};

/// A rest-json service, whose signatures cover the body, for one issued key.
class RestDispatchTest : public ::testing::Test {
 protected:
  RestDispatchTest() {
    empty<test_rest::Invoke>();
    empty<test_rest::ListThings>();
    empty<test_rest::PutConfig>();
    empty<test_rest::PutThing>();
    empty<test_rest::Remove>();
    empty<test_rest::RemoveDefault>();
    empty<test_rest::Untag>();
    operations.upload<Store>(
        pool, 1024,
        [this](const auto&, const Context&, const sigv4::PayloadDecoder&)
            -> wire::Answer<std::unique_ptr<Upload<Store>>> { return std::make_unique<StoreUpload>(kept); });
    operations.download<Fetch>(pool, [this](const auto&, const Context&) -> wire::Answer<Downloaded<Fetch>> {
      ++fetched;
      return Downloaded<Fetch>{{}, 200, {0, [](std::span<char>) -> Result<std::size_t> { return 0; }}};
    });
    DispatcherOptions options;
    options.services = {&test_rest::kService};
    options.fallback = &test_rest::kService;
    options.hosts = {"localhost"};
    dispatcher = *Dispatcher::create(std::move(options), operations, authenticator, clock);
  }

  template <typename Op>
  void empty() {
    operations.unary<Op>(pool, 1024, [](const auto&, const Context&) -> wire::Answer<typename Op::Response> {
      return typename Op::Response{};
    });
  }

  /// Signed over `body`.
  static net::RequestHead head(std::string method, std::string target, std::string_view body) {
    wire::HttpRequest request{std::move(method), std::move(target), {{"Host", "testrest.localhost:4566"}}};
    request.headers.add("X-Amz-Date", "20231114T221320Z");
    request.body = sigv4::bytes_of(body);
    sigv4::sign_all(request, test_rest::kService, "20231114T221320Z");
    net::RequestHead made;
    made.method = request.method;
    made.target = request.target;
    made.host = "testrest.localhost:4566";
    made.id = "the-id";
    made.headers = request.headers;
    return made;
  }

  int stream(const net::RequestHead& request, std::string_view body) {
    net::Decision decision = dispatcher->decide(request);
    if (const auto* answer = std::get_if<net::Response>(&decision.way)) return answer->status;
    const auto transfer = std::get<net::Streaming>(decision.way).transfer;
    if (const auto answer = transfer->begin()) return answer->response.status;
    for (const char& byte : body)
      if (const auto answer = transfer->take({&byte, 1})) return answer->response.status;
    return transfer->end(nullptr).response.status;
  }

  const std::vector<const wire::Service*> services{&test_rest::kService};
  wire::Validator validator = *wire::Validator::create(services);
  WorkerPool pool{"test", 1, 1};
  SetClock clock;
  test::Recorder authorizer;
  Operations operations{validator, authorizer};
  Authenticator authenticator{Mode::enforced, "000000000000",
                              [](std::string_view id) -> std::optional<identity::Credential> {
                                if (id != sigv4::kKeyId) return std::nullopt;
                                identity::Credential credential;
                                credential.access_key_id = id;
                                credential.secret = sigv4::kSecret;
                                credential.principal = identity::root_of("000000000000");
                                return credential;
                              },
                              clock};
  std::unique_ptr<Dispatcher> dispatcher;
  std::string kept;
  int fetched = 0;
};

TEST_F(RestDispatchTest, AHostNamesTheServiceAndNoBucket) {
  EXPECT_EQ(dispatcher->decide(head("GET", "/2020/things", "")).operation, "test_rest:ListThings");
}

TEST_F(RestDispatchTest, ABodyThatPassesInPiecesIsVerifiedBeforeItsHandlerSeesIt) {
  const auto request = head("POST", "/2020/blobs/a/b", "the body");
  EXPECT_EQ(stream(request, "another!"), 403);
  EXPECT_EQ(kept, "");
  EXPECT_TRUE(authorizer.asked.empty());
  EXPECT_EQ(stream(request, "the body"), 200);
  EXPECT_EQ(kept, "the body");
}

TEST_F(RestDispatchTest, AnAnswerThatPassesInPiecesIsForWhoSignedForIt) {
  const auto request = head("GET", "/2020/blobs/a/b", "");
  EXPECT_EQ(stream(request, "smuggled"), 403);
  EXPECT_EQ(fetched, 0);
  EXPECT_EQ(stream(request, ""), 200);
  EXPECT_EQ(fetched, 1);
}

}  // namespace
}  // namespace sightline::aws::dispatch
