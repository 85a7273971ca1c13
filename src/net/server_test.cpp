#include "net/server.h"

#include <gmock/gmock.h>

#include <latch>
#include <mutex>
#include <vector>

#include "net/test_client.h"

namespace sightline::net {
namespace {

using namespace std::chrono_literals;
using test::Client;
using test::TestServer;
using test::text;
using testing::HasSubstr;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

std::string post(std::string_view body) {
  return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

/// Answers with method, target and body.
Decide echo(WorkerPool& pool, std::uint64_t max_body = 1024) {
  return [&pool, max_body](const RequestHead&) {
    return Decision{
        Unary{&pool, max_body,
              [](const Request& request) {
                return text(request.head->method + " " + request.head->target + " " + request.body);
              }},
        "echo"};
  };
}

TEST(Server, AnswersRequestAfterRequestOnOneConnection) {
  WorkerPool pool("unary", 2, 10);
  TestServer server(echo(pool));
  Client client = server.client();
  for (int i = 0; i < 3; ++i) {
    client.send(post("hello"));
    const auto answer = client.answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "POST / hello");
    EXPECT_THAT(answer.head, HasSubstr("\r\nDate: "));
  }
  EXPECT_EQ(server->counters().connections_accepted, 1U);
  EXPECT_EQ(server->counters().requests, 3U);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  WorkerPool pool("unary", 4, 10);
  TestServer server(echo(pool));
  Client client = server.client();
  std::string all;
  for (int i = 0; i < 500; ++i) all += post(std::to_string(i));
  client.send(all);
  for (int i = 0; i < 500; ++i) ASSERT_EQ(client.answer().body, "POST / " + std::to_string(i));
}

TEST(Server, ManyPipelinedRequestsThatNeedNoWork) {
  TestServer server([](const RequestHead&) { return Decision{text("ok"), {}}; });
  Client client = server.client();
  std::string all;
  for (int i = 0; i < 20'000; ++i) all += kGet;
  std::jthread sender([&] { client.send(all); });
  Client::Answer answer;
  for (int i = 0; i < 20'000; ++i) ASSERT_EQ(client.answer().body, "ok") << i;
}

TEST(Server, AnAnswerThatThereIsNoMemoryForIsRefused) {
  ServerLimits limits;
  limits.buffered_bytes = 400'000;
  WorkerPool pool("unary", 1, 10);
  TestServer server(
      [&pool](const RequestHead& head) {
        const std::size_t size = head.path() == "/large" ? 350'000 : 250'000;
        return Decision{Unary{&pool, 0, [size](const Request&) { return text(std::string(size, 'x')); }}, ""};
      },
      limits);
  Client client = server.client();
  client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.answer().status, 503) << "a quarter is kept for other addresses";
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.answer().body.size(), 250'000U);
  EXPECT_EQ(server->counters().over_share, 1U);
}

TEST(Server, TakesChunkedBodies) {
  WorkerPool pool("unary", 1, 10);
  TestServer server(echo(pool));
  Client client = server.client();
  client.send(
      "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(client.answer().body, "POST /c abcde");
  client.send("POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 30; ++i) client.send("64\r\n" + std::string(100, 'x') + "\r\n");
  EXPECT_EQ(client.answer().status, 413) << "the limit holds for bodies that tell no length";
  EXPECT_TRUE(client.closed());
}

TEST(Server, AsksForTheBodyOnlyOnceItIsWanted) {
  WorkerPool pool("unary", 1, 10);
  TestServer server(echo(pool, 100));
  Client client = server.client();
  client.send("PUT /k HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_to("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_FALSE(client.receive(50ms)) << "nothing more before the body";
  client.send("body");
  EXPECT_EQ(client.answer().body, "PUT /k body");

  client.send("PUT /k HTTP/1.1\r\nHost: a\r\nContent-Length: 400\r\nExpect: 100-continue\r\n\r\n");
  const auto refused = client.answer();
  EXPECT_EQ(refused.status, 413) << "the head is refused before the body";
  EXPECT_THAT(refused.head, HasSubstr("Connection: close")) << "whether a body follows is unknown";
  EXPECT_TRUE(client.closed());
}

TEST(Server, AnswersHeadWithTheLengthAndNoBody) {
  TestServer server([](const RequestHead& head) {
    Response response = text("0123456789");
    if (head.target == "/object") {
      response.body.clear();
      response.head_length = 5'000'000'000;
    }
    return Decision{std::move(response), {}};
  });
  Client client = server.client();
  client.send("HEAD /object HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.answer(true).head, HasSubstr("Content-Length: 5000000000\r\n"));
  client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.answer(true).head, HasSubstr("Content-Length: 10\r\n"));
  client.send(kGet);
  EXPECT_EQ(client.answer().body, "0123456789") << "the connection is in step";
}

TEST(Server, StatusesWithoutBodySendNone) {
  TestServer server([](const RequestHead& head) {
    return Decision{text("never sent", std::atoi(head.target.c_str() + 1)), {}};
  });
  Client client = server.client();
  for (const char* status : {"204", "304"}) {
    client.send(std::string("GET /") + status + " HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string head = client.read_to("\r\n\r\n");
    EXPECT_THAT(head, HasSubstr(status));
    EXPECT_THAT(head, testing::Not(HasSubstr("Content-Length")));
    EXPECT_FALSE(client.receive(20ms));
  }
}

TEST(Server, HandlersCannotBreakTheFraming) {
  TestServer server([](const RequestHead&) {
    Response response = text("ok");
    response.headers.add("X-Echo", "a\r\nSet-Cookie: b");
    response.headers.add("Content-Length", "100");
    response.headers.add("Transfer-Encoding", "chunked");
    return Decision{std::move(response), {}};
  });
  Client client = server.client();
  client.send(kGet);
  const auto answer = client.answer();
  EXPECT_THAT(answer.head, HasSubstr("X-Echo: a  Set-Cookie: b\r\n"));
  EXPECT_THAT(answer.head, HasSubstr("Content-Length: 2\r\n"));
  EXPECT_THAT(answer.head, testing::Not(HasSubstr("chunked")));
}

TEST(Server, RefusesSmugglingAndCloses) {
  WorkerPool pool("unary", 1, 10);
  TestServer server(echo(pool));
  for (const std::string_view bytes : {
           "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
           "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
           "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n",
           "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n",
           "GET / HTTP/1.1\nHost: a\n\n",
           "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
       }) {
    Client client = server.client();
    client.send(bytes);
    const auto answer = client.answer();
    EXPECT_EQ(answer.status, 400) << bytes;
    EXPECT_THAT(answer.head, HasSubstr("Connection: close")) << bytes;
    EXPECT_TRUE(client.closed()) << bytes;
  }
  Client client = server.client();
  client.send(std::string_view("GET /\0 HTTP/1.1\r\n", 17));
  EXPECT_EQ(client.answer().status, 400);
  EXPECT_EQ(server->counters().malformed, 10U);
}

TEST(Server, BoundsTheHeader) {
  TestServer server([](const RequestHead&) { return Decision{text("ok"), {}}; });
  Client large = server.client();
  large.send("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(40'000, 'x'));
  EXPECT_EQ(large.answer().status, 431);
  Client many = server.client();
  std::string fields;
  for (int i = 0; i < 200; ++i) fields += "X: 1\r\n";
  many.send("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
  EXPECT_EQ(many.answer().status, 431);
}

TEST(Server, ClosesOnTheSlow) {
  WorkerPool pool("unary", 1, 10);
  ServerLimits limits;
  limits.head_timeout = 300ms;
  limits.idle_timeout = 300ms;
  limits.progress_timeout = 300ms;
  limits.progress_bytes = 100;
  TestServer server(echo(pool, 100'000), limits);

  Client silent = server.client();
  EXPECT_TRUE(silent.closed());

  Client slow_head = server.client();
  for (int i = 0; i < 100; ++i) {
    slow_head.send(i == 0 ? "GET / HTTP/1.1\r\nHost: a\r\n" : "X: 1\r\n");
    if (slow_head.receive(20ms)) break;
  }
  EXPECT_EQ(slow_head.answer().status, 408);

  Client slow_body = server.client();
  slow_body.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n");
  for (int i = 0; i < 100; ++i) {
    slow_body.send("x");
    if (slow_body.receive(20ms)) break;
  }
  EXPECT_EQ(slow_body.answer().status, 408);

  Client idle = server.client();
  idle.send(kGet);
  EXPECT_EQ(idle.answer().status, 200);
  EXPECT_TRUE(idle.closed()) << "between requests there is no answer to give";
  EXPECT_EQ(server->counters().too_slow, 2U);
}

TEST(Server, ClosesOnAReaderThatDoesNotRead) {
  ServerLimits limits;
  limits.progress_timeout = 150ms;
  // NOLINTNEXTLINE(bugprone-string-constructor): more than the sockets hold
  TestServer server([](const RequestHead&) { return Decision{text(std::string(50'000'000, 'x')), {}}; },
                    limits);
  Client client = server.client();
  client.send(kGet);
  EXPECT_TRUE(test::eventually([&] { return server->counters().too_slow == 1; }));
  EXPECT_TRUE(test::eventually([&] { return server->counters().connections_open == 0; }));
}

TEST(Server, TakesNoMoreConnectionsThanItMay) {
  ServerLimits limits;
  limits.connections = 2;
  TestServer server([](const RequestHead&) { return Decision{text("ok"), {}}; }, limits);
  Client first = server.client();
  Client second = server.client();
  ASSERT_TRUE(test::eventually([&] { return server->counters().connections_open == 2; }));
  Client third = server.client();
  EXPECT_TRUE(third.closed());
  EXPECT_EQ(server->counters().connections_refused, 1U);
  first.close();
  ASSERT_TRUE(test::eventually([&] { return server->counters().connections_open == 1; }));
  Client fourth = server.client();
  fourth.send(kGet);
  EXPECT_EQ(fourth.answer().status, 200);
}

TEST(Server, AFullPoolRefusesAtOnce) {
  std::latch go(1);
  WorkerPool pool("tiny", 1, 1);
  TestServer server([&](const RequestHead&) {
    return Decision{Unary{&pool, 0,
                          [&](const Request&) {
                            go.wait();
                            return text("done");
                          }},
                    {}};
  });
  Client first = server.client();
  Client second = server.client();
  first.send(kGet);
  ASSERT_TRUE(test::eventually([&] { return pool.counters().busy == 1; }));
  second.send(kGet);
  ASSERT_TRUE(test::eventually([&] { return pool.counters().queued == 1; }));
  Client third = server.client();
  third.send(kGet);
  EXPECT_EQ(third.answer().status, 503);
  go.count_down();
  EXPECT_EQ(first.answer().body, "done");
  EXPECT_EQ(second.answer().body, "done");
  EXPECT_EQ(server->counters().overloaded, 1U);
}

TEST(Server, ABugInAHandlerIsA500ThatTellsNothing) {
  WorkerPool pool("unary", 1, 10);
  std::mutex mutex;
  std::vector<AccessRecord> records;
  TestServer server(
      [&](const RequestHead& head) -> Decision {
        if (head.target == "/decide") throw std::runtime_error("secret");
        return {Unary{&pool, 0, [](const Request&) -> Response { throw std::runtime_error("secret"); }},
                "broken"};
      },
      {}, {},
      [&](const AccessRecord& record) {
        std::lock_guard lock(mutex);
        records.push_back(record);
      });
  for (const char* target : {"/decide", "/run"}) {
    Client client = server.client();
    client.send(std::string("GET ") + target + "?X-Amz-Signature=s HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto answer = client.answer();
    EXPECT_EQ(answer.status, 500);
    EXPECT_THAT(answer.body, testing::Not(HasSubstr("secret")));
  }
  ASSERT_TRUE(test::eventually([&] {
    std::lock_guard lock(mutex);
    return records.size() == 2;
  }));
  EXPECT_EQ(records[1].note, "secret");
  EXPECT_EQ(records[1].path, "/run") << "the query may hold a signature";
  EXPECT_EQ(records[1].operation, "broken");
  EXPECT_EQ(records[1].status, 500);
  EXPECT_NE(records[0].id, records[1].id);
}

TEST(Server, DrainsWhatIsUnderWay) {
  std::latch started(1);
  WorkerPool pool("unary", 1, 10);
  TestServer server([&](const RequestHead&) {
    return Decision{Unary{&pool, 0,
                          [&](const Request&) {
                            started.count_down();
                            std::this_thread::sleep_for(150ms);
                            return text("done");
                          }},
                    {}};
  });
  Client idle = server.client();
  Client busy = server.client();
  busy.send(kGet);
  started.wait();
  const std::uint16_t port = server->port();
  std::jthread stopper([&] { server->stop(5s); });
  EXPECT_TRUE(idle.closed());
  const auto answer = busy.answer();
  EXPECT_EQ(answer.body, "done");
  EXPECT_THAT(answer.head, HasSubstr("Connection: close"));
  busy.close();
  stopper.join();
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_NE(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0) << "nobody listens";
  ::close(fd);
}

TEST(Server, SaysWhyItCannotListen) {
  TestServer server([](const RequestHead&) { return Decision{text("ok"), {}}; });
  SystemClock clock;
  SystemRandom random;
  ServerOptions options;
  options.listeners.resize(1);
  options.listeners[0].port = server->port();
  EXPECT_EQ(Server::start(options, clock, random).error().kind, ErrorKind::unavailable);
  options.listeners[0].address = "localhost";
  EXPECT_EQ(Server::start(options, clock, random).error().kind, ErrorKind::invalid_argument);
}

}  // namespace
}  // namespace sightline::net
