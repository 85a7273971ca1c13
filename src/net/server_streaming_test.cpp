#include <gmock/gmock.h>

#include <fstream>
#include <latch>
#include <thread>

#include "net/server.h"
#include "net/test_client.h"

namespace sightline::net {
namespace {

using namespace std::chrono_literals;
using test::Client;
using test::TestServer;
using test::text;
using testing::HasSubstr;

constexpr std::uint64_t kNoLimit = UINT64_MAX;

/// Of this process, in MB. The sanitizers' own memory would hide it: 0 there.
std::size_t peak_memory() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return 0;
#endif
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::size_t kilobytes = 0;
    if (word == "VmHWM:" && status >> kilobytes) return kilobytes / 1024;
  }
  return 0;
}

Decide stream(WorkerPool& pool, std::function<void(const RequestHead&, BodyReader&, ResponseWriter&)> run,
              std::uint64_t max_body = kNoLimit) {
  return [&pool, run = std::move(run), max_body](const RequestHead&) {
    return Decision{Streaming{&pool, max_body, run}, "stream"};
  };
}

/// Answers with the number of bytes and their sum.
void count_body(const RequestHead&, BodyReader& reader, ResponseWriter& writer) {
  std::vector<char> buffer(64 * 1024);
  std::uint64_t size = 0;
  std::uint64_t sum = 0;
  while (true) {
    const auto n = reader.read(buffer);
    if (!n) {
      static_cast<void>(
          writer.send(text(n.error().message, n.error().kind == ErrorKind::too_large ? 413 : 400)));
      return;
    }
    if (*n == 0) break;
    size += *n;
    for (std::size_t i = 0; i < *n; ++i) sum += static_cast<unsigned char>(buffer[i]);
  }
  // The test that asked sees the answer; it may hang up before send() has heard that all of it went.
  static_cast<void>(writer.send(text(std::to_string(size) + " " + std::to_string(sum))));
}

TEST(ServerStreaming, TakesALargeBodyInConstantMemory) {
  WorkerPool pool("stream", 2, 10);
  TestServer server(stream(pool, count_body));
  Client client = server.client();
  const std::string block(1 << 20, '\x01');
  const std::size_t before = peak_memory();
  client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 314572800\r\n\r\n");
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(client.send(block));
  EXPECT_EQ(client.answer().body, "314572800 314572800");
  EXPECT_LT(peak_memory() - before, 8U);
  client.send("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(client.send("100000\r\n" + block + "\r\n"));
  client.send("0\r\n\r\n");
  EXPECT_EQ(client.answer().body, "104857600 104857600") << "on the same connection, chunked";
}

TEST(ServerStreaming, SlowHandlersHoldTheClientBack) {
  std::latch go(1);
  WorkerPool pool("stream", 1, 10);
  TestServer server(stream(pool, [&](const RequestHead& head, BodyReader& reader, ResponseWriter& writer) {
    char one = 0;
    EXPECT_TRUE(reader.read({&one, 1}));
    go.wait();
    count_body(head, reader, writer);
  }));
  Client client = server.client();
  client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 104857600\r\n\r\n");
  std::jthread sender([&] {
    const std::string block(1 << 20, '\x01');
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(client.send(block));
  });
  ASSERT_TRUE(test::eventually([&] { return server->counters().bytes_in >= 256 * 1024; }));
  std::this_thread::sleep_for(100ms);
  EXPECT_LT(server->counters().bytes_in, 1U << 20) << "what the handler does not read stays with the client";
  go.count_down();
  EXPECT_EQ(client.answer().body, "104857599 104857599");
}

TEST(ServerStreaming, SendsALargeBodyInConstantMemory) {
  std::atomic<std::uint64_t> written = 0;
  WorkerPool pool("stream", 1, 10);
  TestServer server(stream(pool, [&](const RequestHead& head, BodyReader&, ResponseWriter& writer) {
    const std::string block(100'000, 'x');
    BodyLength length;
    if (head.target == "/told") length.bytes = 200'000'000;
    EXPECT_TRUE(writer.begin(text(""), length));
    for (int i = 0; i < 2000; ++i) {
      if (!writer.write(block)) return;
      written += block.size();
    }
    EXPECT_TRUE(writer.finish());
  }));
  Client client = server.client();
  client.send("GET /told HTTP/1.1\r\nHost: a\r\n\r\n");
  std::this_thread::sleep_for(100ms);
  EXPECT_LT(written.load(), 20'000'000U) << "what the client does not take is not written";
  EXPECT_THAT(client.read_to("\r\n\r\n"), HasSubstr("Content-Length: 200000000"));
  const std::size_t before = peak_memory();
  for (int i = 0; i < 200; ++i) ASSERT_EQ(client.read(1'000'000).size(), 1'000'000U);
  EXPECT_LT(peak_memory() - before, 12U);

  client.send("GET /chunks HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.read_to("\r\n\r\n"), HasSubstr("Transfer-Encoding: chunked"));
  std::size_t size = 0;
  while (true) {
    const auto chunk = std::strtoul(client.read_to("\r\n").c_str(), nullptr, 16);
    size += chunk;
    ASSERT_EQ(client.read(chunk + 2).size(), chunk + 2);
    if (chunk == 0) break;
  }
  EXPECT_EQ(size, 200'000'000U);
}

TEST(ServerStreaming, RefusesBeforeItAsksForTheBody) {
  WorkerPool pool("stream", 1, 10);
  TestServer server(stream(pool, [](const RequestHead& head, BodyReader& reader, ResponseWriter& writer) {
    if (head.target == "/denied") {
      EXPECT_TRUE(writer.send(text("no", 403)));
    } else {
      count_body(head, reader, writer);
    }
  }));
  constexpr std::string_view kRest =
      " HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n";
  Client denied = server.client();
  denied.send("PUT /denied" + std::string(kRest));
  EXPECT_EQ(denied.answer().status, 403);
  EXPECT_TRUE(denied.closed());
  Client welcome = server.client();
  welcome.send("PUT /" + std::string(kRest));
  EXPECT_EQ(welcome.read_to("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  welcome.send("\x05");
  EXPECT_EQ(welcome.answer().body, "1 5");
}

TEST(ServerStreaming, HandlersWordWhatIsWrongWithTheBody) {
  WorkerPool pool("stream", 1, 10);
  TestServer server(stream(pool, count_body, 10));
  Client chunks = server.client();
  chunks.send("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\nzz\r\n");
  const auto answer = chunks.answer();
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("chunk"));
  EXPECT_TRUE(chunks.closed());
  Client large = server.client();
  large.send("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nabcdefghijk\r\n");
  EXPECT_EQ(large.answer().status, 413);
}

TEST(ServerStreaming, ABrokenOffUploadIsAnErrorAndNotAnEnd) {
  std::atomic<int> errors = 0;
  WorkerPool pool("stream", 1, 10);
  TestServer server(stream(pool, [&](const RequestHead&, BodyReader& reader, ResponseWriter& writer) {
    std::vector<char> buffer(1000);
    auto n = reader.read(buffer);
    while (n && *n > 0) n = reader.read(buffer);
    if (!n && n.error().kind == ErrorKind::io) ++errors;
    EXPECT_FALSE(writer.send(text("late")));
  }));
  Client client = server.client();
  client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n0123456789");
  ASSERT_TRUE(test::eventually([&] { return pool.counters().busy == 1; }));
  client.close();
  EXPECT_TRUE(test::eventually([&] { return errors == 1; }));
  EXPECT_EQ(server->counters().client_gone, 1U);
}

TEST(ServerStreaming, AnUnfinishedResponseDoesNotLookWhole) {
  WorkerPool pool("stream", 1, 10);
  TestServer server(stream(pool, [](const RequestHead& head, BodyReader&, ResponseWriter& writer) {
    if (head.target == "/silent") return;
    if (head.target == "/throws") throw std::runtime_error("secret");
    BodyLength length;
    if (head.target == "/told") length.bytes = 100;
    EXPECT_TRUE(writer.begin(text(""), length));
    EXPECT_TRUE(writer.write(std::string(10, 'x')));
    if (head.target == "/told") {
      EXPECT_FALSE(writer.finish()) << "shorter than told";
      EXPECT_FALSE(writer.write(std::string(91, 'x'))) << "longer than told";
    }
  }));
  Client chunks = server.client();
  chunks.send("GET /chunks HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(chunks.read_all(), testing::Not(HasSubstr("\r\n0\r\n")));
  Client told = server.client();
  told.send("GET /told HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_LT(told.answer().body.size(), 100U);
  for (const char* target : {"/silent", "/throws"}) {
    Client client = server.client();
    client.send(std::string("GET ") + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client.answer().status, 500);
  }
}

TEST(ServerStreaming, StopCutsWhatDoesNotEnd) {
  WorkerPool pool("stream", 1, 10);
  TestServer server(stream(pool, count_body));
  Client client = server.client();
  client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n0123456789");
  ASSERT_TRUE(test::eventually([&] { return pool.counters().busy == 1; }));
  server->stop(50ms);
  EXPECT_TRUE(client.closed());
  EXPECT_TRUE(test::eventually([&] { return pool.counters().busy == 0; })) << "the handler was woken";
}

}  // namespace
}  // namespace sightline::net
