#include <gmock/gmock.h>

#include <fstream>
#include <latch>
#include <thread>

#include "base/sanitizers.h"
#include "net/progress.h"
#include "net/server.h"
#include "net/stream_bridge.h"
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
#if SIGHTLINE_SANITIZES_ADDRESS || SIGHTLINE_SANITIZES_THREAD
  return 0;
#endif
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::size_t kilobytes = 0;
    if (word == "VmHWM:" && status >> kilobytes) return kilobytes / 1024;
  }
  return 0;
}

template <typename Made>
Decide stream(WorkerPool& pool, Made make, std::uint64_t max_body = kNoLimit) {
  return [&pool, make = std::move(make), max_body](const RequestHead& head) {
    return Decision{Streaming{&pool, max_body, make(head)}, "stream"};
  };
}

/// Answers with the number of bytes and their sum.
class CountBody : public Transfer {
 public:
  std::optional<TransferAnswer> take(std::span<const char> piece) override {
    size_ += piece.size();
    for (const char c : piece) sum_ += static_cast<unsigned char>(c);
    return std::nullopt;
  }
  TransferAnswer end(const Error* broken) override {
    if (broken != nullptr) return {text(broken->message, broken->kind == ErrorKind::too_large ? 413 : 400)};
    return {text(std::to_string(size_) + " " + std::to_string(sum_))};
  }

 private:
  std::uint64_t size_ = 0;
  std::uint64_t sum_ = 0;
};

std::shared_ptr<Transfer> count_body(const RequestHead&) {
  return std::make_shared<CountBody>();
}

/// Answers with so many bytes; without a length when the target is "/chunks".
class SendBody : public Transfer {
 public:
  SendBody(const RequestHead& head, std::uint64_t size, std::atomic<std::uint64_t>& read)
      : length_(head.target == "/chunks" ? std::nullopt : std::optional(size)), left_(size), read_(read) {}
  std::optional<TransferAnswer> begin() override { return TransferAnswer{text(""), BodyLength{length_}}; }
  std::optional<TransferAnswer> take(std::span<const char>) override { return std::nullopt; }
  TransferAnswer end(const Error*) override { return {}; }
  Result<std::size_t> read(std::span<char> into) override {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left_));
    std::fill_n(into.begin(), size, 'x');
    left_ -= size;
    read_ += size;
    return size;
  }

 private:
  const std::optional<std::uint64_t> length_;
  std::uint64_t left_;
  std::atomic<std::uint64_t>& read_;
};

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
  class Waits final : public CountBody {
   public:
    explicit Waits(std::latch& go) : go_(go) {}
    std::optional<TransferAnswer> take(std::span<const char> piece) override {
      go_.wait();
      return CountBody::take(piece);
    }

   private:
    std::latch& go_;
  };
  std::latch go(1);
  WorkerPool pool("stream", 1, 10);
  TestServer server(stream(pool, [&](const RequestHead&) { return std::make_shared<Waits>(go); }));
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
  EXPECT_EQ(client.answer().body, "104857600 104857600");
}

TEST(ServerStreaming, SendsALargeBodyInConstantMemory) {
  std::atomic<std::uint64_t> written = 0;
  WorkerPool pool("stream", 1, 10);
  TestServer server(stream(
      pool, [&](const RequestHead& head) { return std::make_shared<SendBody>(head, 200'000'000, written); }));
  Client client = server.client();
  client.send("GET /told HTTP/1.1\r\nHost: a\r\n\r\n");
  std::this_thread::sleep_for(100ms);
  EXPECT_LT(written.load(), 20'000'000U) << "what the client does not take is not read";
  EXPECT_TRUE(test::eventually([&] { return pool.counters().busy == 0; })) << "and no thread waits";
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
  class Guarded final : public CountBody {
   public:
    explicit Guarded(bool denied) : denied_(denied) {}
    std::optional<TransferAnswer> begin() override {
      if (denied_) return TransferAnswer{text("no", 403)};
      return std::nullopt;
    }

   private:
    const bool denied_;
  };
  TestServer server(stream(
      pool, [](const RequestHead& head) { return std::make_shared<Guarded>(head.target == "/denied"); }));
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

TEST(ServerStreaming, ABrokenOffUploadNeverEnds) {
  class Lost final : public Transfer {
   public:
    Lost(std::atomic<int>& taken, std::atomic<int>& ended, std::atomic<int>& destroyed)
        : taken_(taken), ended_(ended), destroyed_(destroyed) {}
    ~Lost() override { ++destroyed_; }
    std::optional<TransferAnswer> take(std::span<const char>) override {
      ++taken_;
      return std::nullopt;
    }
    TransferAnswer end(const Error*) override {
      ++ended_;
      return {};
    }

   private:
    std::atomic<int>& taken_;
    std::atomic<int>& ended_;
    std::atomic<int>& destroyed_;
  };
  std::atomic<int> taken = 0;
  std::atomic<int> ended = 0;
  std::atomic<int> destroyed = 0;
  WorkerPool pool("stream", 1, 10);
  TestServer server(
      stream(pool, [&](const RequestHead&) { return std::make_shared<Lost>(taken, ended, destroyed); }));
  Client client = server.client();
  client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + std::string(200'000, 'x'));
  ASSERT_TRUE(test::eventually([&] { return taken > 0; }));
  client.close();
  EXPECT_TRUE(test::eventually([&] { return destroyed == 1; }));
  EXPECT_EQ(ended, 0);
  EXPECT_EQ(server->counters().client_gone, 1U);
}

TEST(ServerStreaming, AnUnfinishedResponseDoesNotLookWhole) {
  class Short final : public Transfer {
   public:
    explicit Short(std::string target) : target_(std::move(target)) {}
    std::optional<TransferAnswer> take(std::span<const char>) override { return std::nullopt; }
    TransferAnswer end(const Error*) override {
      if (target_ == "/throws") throw std::runtime_error("secret");
      BodyLength length;
      if (target_ == "/told") length.bytes = 100;
      return {text(""), length};
    }
    Result<std::size_t> read(std::span<char> into) override {
      if (std::exchange(read_, true)) {
        if (target_ == "/told") return 0;
        return fail(ErrorKind::io, "the disk is gone");
      }
      std::fill_n(into.begin(), 10, 'x');
      return 10;
    }

   private:
    const std::string target_;
    bool read_ = false;
  };
  WorkerPool pool("stream", 1, 10);
  TestServer server(
      stream(pool, [](const RequestHead& head) { return std::make_shared<Short>(head.target); }));
  Client chunks = server.client();
  chunks.send("GET /chunks HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(chunks.read_all(), testing::Not(HasSubstr("\r\n0\r\n")));
  Client told = server.client();
  told.send("GET /told HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_LT(told.answer().body.size(), 100U);
  Client client = server.client();
  client.send("GET /throws HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto answer = client.answer();
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(answer.body, testing::Not(HasSubstr("secret")));
}

TEST(ServerStreaming, AFullPoolRefusesNewTransfersAndLetsOthersEnd) {
  std::latch go(1);
  WorkerPool pool("tiny", 1, 1);
  TestServer server(stream(pool, count_body));
  Client under_way = server.client();
  under_way.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" +
                 std::string(100'000, '\x01'));
  ASSERT_TRUE(test::eventually([&] { return pool.counters().done > 0; }));
  ASSERT_TRUE(pool.try_submit([&] { go.wait(); }));
  ASSERT_TRUE(test::eventually([&] { return pool.counters().busy == 1; }));
  ASSERT_TRUE(pool.try_submit([] {}));
  under_way.send(std::string(100'000, '\x01'));
  Client late = server.client();
  late.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1");
  EXPECT_EQ(late.answer().status, 503);
  go.count_down();
  EXPECT_EQ(under_way.answer().body, "200000 200000");
}

#if SIGHTLINE_SANITIZES_ADDRESS || SIGHTLINE_SANITIZES_THREAD
constexpr double kQuick = 1;
#else
constexpr double kQuick = 0.1;  // seconds
#endif

/// How long a small upload and a small download take beside whatever else there is, at best.
std::chrono::duration<double> beside(TestServer& server) {
  auto best = std::chrono::duration<double>::max();
  for (int i = 0; i < 3; ++i) {
    const auto begin = Ticks::now();
    Client client = server.client();
    client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n\x01");
    EXPECT_EQ(client.answer().body, "1 1");
    client.send("GET /small HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client.answer().body.size(), 1000U);
    best = std::min<std::chrono::duration<double>>(best, Ticks::now() - begin);
  }
  return best;
}

TEST(ServerStreaming, SlowClientsHoldNoThread) {
  std::atomic<std::uint64_t> read = 0;
  WorkerPool pool("stream", 1, 200);
  TestServer server(stream(pool, [&](const RequestHead& head) -> std::shared_ptr<Transfer> {
    if (head.method == "PUT") return count_body(head);
    return std::make_shared<SendBody>(head, head.target == "/small" ? 1000 : 200'000'000, read);
  }));
  const std::string some(2200, '\x01');
  std::vector<Client> senders;
  for (int i = 0; i < 60; ++i) {
    constexpr std::string_view kFields[] = {"Content-Length: 1000000\r\n\r\n",
                                            "Transfer-Encoding: chunked\r\n\r\nf4240\r\n",
                                            "Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n"};
    senders.push_back(server.client());
    senders.back().send("PUT / HTTP/1.1\r\nHost: a\r\n" + std::string(kFields[i % 3]) + some);
  }
  ASSERT_TRUE(test::eventually([&] { return server->counters().bytes_in > 60 * some.size(); }));
  EXPECT_LT(beside(server).count(), kQuick) << "beside slow senders";
  std::vector<Client> readers;
  for (int i = 0; i < 60; ++i) {
    readers.push_back(server.client());
    readers.back().send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_EQ(readers.back().read(10'000).size(), 10'000U);
  }
  for (const Client& sender : senders) sender.send(some);
  ASSERT_TRUE(test::eventually([&] { return pool.counters().busy + pool.counters().queued == 0; }))
      << "once the sockets are full nothing is read";
  EXPECT_LT(beside(server).count(), kQuick) << "beside slow readers too";
  EXPECT_TRUE(test::eventually([&] { return server->counters().transfers == 120; }));
  EXPECT_LT(server->counters().buffered_bytes, 120U * (StreamBridge::kOutputRoom + 64 * 1024));
  senders[0].send(std::string(1'000'000 - 2 * some.size(), '\x01'));
  EXPECT_EQ(senders[0].answer().body, "1000000 1000000");
}

TEST(ServerStreaming, ABodyThatComesTooSlowlyIsRefusedInTheTransfersWords) {
  ServerLimits limits;
  limits.progress_timeout = 200ms;
  limits.progress_bytes = 1000;
  WorkerPool pool("stream", 1, 10);
  TestServer server(stream(pool, count_body), limits);
  Client client = server.client();
  client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + std::string(70'000, 'x'));
  const auto answer = client.answer();
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("slow"));
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(server->counters().too_slow, 1U);
}

TEST(ServerStreaming, WhatIsWrongWithABodyIsToldHoweverFullThePoolIs) {
  ServerLimits limits;
  limits.progress_timeout = 200ms;
  limits.progress_bytes = 1000;
  std::latch gate(1);
  WorkerPool pool("stream", 1, 1);
  TestServer server(stream(pool, count_body), limits);
  ASSERT_TRUE(pool.try_submit([&] { gate.wait(); }));
  ASSERT_TRUE(test::eventually([&] { return pool.counters().busy == 1; }));
  ASSERT_TRUE(pool.try_submit([] {}));
  constexpr std::string_view kHead = "PUT / HTTP/1.1\r\nHost: a\r\n";
  std::vector<Client> slow;
  for (int i = 0; i < 10; ++i) {
    slow.push_back(server.client());
    slow.back().send(std::string(kHead) + "Content-Length: 1000000\r\n\r\nx");
  }
  Client malformed = server.client();
  malformed.send(std::string(kHead) + "Transfer-Encoding: chunked\r\n\r\nno size\r\n");
  Client good = server.client();
  good.send(std::string(kHead) + "Content-Length: 1\r\n\r\nx");
  for (Client& client : slow) {
    EXPECT_EQ(client.answer().status, 408);
    EXPECT_TRUE(client.closed());
  }
  EXPECT_EQ(malformed.answer().status, 400);
  EXPECT_EQ(good.answer().status, 503);
  EXPECT_EQ(server->counters().too_slow, 10U);
  EXPECT_EQ(server->counters().overloaded, 1U);
  gate.count_down();
}

TEST(ServerStreaming, TheFloorOnSpeedRisesWithTheCrowd) {
  ServerLimits limits;
  limits.transfers = 8;
  limits.progress_timeout = 300ms;
  limits.progress_bytes = 500;
  WorkerPool pool("stream", 1, 10);
  TestServer server(stream(pool, count_body), limits);
  std::vector<Client> clients;
  const auto slow = [&] {
    clients.push_back(server.client());
    clients.back().send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  };
  // 1,500 to 24,000 bytes in each span: enough for one (1,000), not for six (32,000).
  const auto drip = [&] {
    for (const Client& client : clients) client.send(std::string(1500, 'x'));
    return server->counters().too_slow > 0;
  };
  slow();
  EXPECT_FALSE(test::eventually([&] { return ::usleep(20'000), drip(); }, 1000ms));
  for (int i = 0; i < 5; ++i) slow();
  EXPECT_TRUE(test::eventually([&] { return ::usleep(20'000), drip(); }));
}

TEST(ServerStreaming, NoMoreTransfersThanThereArePlaces) {
  ServerLimits limits;
  limits.transfers = 4;
  WorkerPool pool("stream", 1, 10);
  TestServer server(stream(pool, count_body), limits);
  constexpr std::string_view kPut = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n";
  std::vector<Client> clients;
  for (std::uint64_t i = 1; i <= 4; ++i) {
    clients.push_back(server.client());
    clients.back().send(kPut);
    // One after another: which of them comes last is not left to the I/O threads.
    ASSERT_TRUE(test::eventually([&] {
      const auto counters = server->counters();
      return counters.transfers + counters.over_share == i;
    }));
  }
  // The last place is kept for another address.
  EXPECT_EQ(server->counters().transfers, 3U);
  EXPECT_EQ(server->counters().over_share, 1U);
  EXPECT_EQ(clients.back().answer().status, 503);
  clients[0].send("\x01");
  EXPECT_EQ(clients[0].answer().body, "1 1");
  ASSERT_TRUE(test::eventually([&] { return server->counters().transfers == 2; }));
  Client next = server.client();
  next.send(std::string(kPut) + "\x01");
  EXPECT_EQ(next.answer().body, "1 1");
}

TEST(ServerStreaming, CollectedBodiesShareTheMemory) {
  ServerLimits limits;
  limits.buffered_bytes = 1'000'000;
  WorkerPool pool("unary", 1, 10);
  TestServer server(
      [&](const RequestHead&) {
        return Decision{
            Unary{&pool, kNoLimit, [](const Request& r) { return text(std::to_string(r.body.size())); }}, {}};
      },
      limits);
  Client first = server.client();
  first.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 700001\r\n\r\n" + std::string(700'000, 'x'));
  ASSERT_TRUE(test::eventually([&] { return server->counters().buffered_bytes == 700'000; }));
  Client second = server.client();
  second.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + std::string(200'000, 'x'));
  EXPECT_EQ(second.answer().status, 503);
  ASSERT_TRUE(test::eventually([&] { return server->counters().buffered_bytes == 700'000; }));
  first.send("x");
  EXPECT_EQ(first.answer().body, "700001");
  EXPECT_TRUE(test::eventually([&] { return server->counters().buffered_bytes == 0; }));
  Client third = server.client();
  third.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + std::string(200'000, 'x'));
  EXPECT_EQ(third.answer().body, "200000");
}

TEST(ServerStreaming, StopCutsWhatDoesNotEnd) {
  WorkerPool pool("stream", 1, 10);
  TestServer server(stream(pool, count_body));
  Client client = server.client();
  client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n0123456789");
  ASSERT_TRUE(test::eventually([&] { return server->counters().transfers == 1; }));
  server->stop(50ms);
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(server->counters().transfers, 0U);
  EXPECT_EQ(server->counters().buffered_bytes, 0U);
}

}  // namespace
}  // namespace sightline::net
