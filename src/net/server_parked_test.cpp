#include <gmock/gmock.h>
#include <sys/resource.h>

#include <deque>
#include <map>
#include <mutex>

#include "net/server.h"
#include "net/test_client.h"

namespace sightline::net {
namespace {

using namespace std::chrono_literals;
using test::Client;
using test::TestServer;
using test::text;

constexpr std::string_view kTail = " HTTP/1.1\r\nHost: a\r\n\r\n";

/// Replies that wait for somebody to send them. Thread-safe.
class Shelf {
 public:
  void put(std::string key, Reply reply) {
    std::lock_guard lock(mutex_);
    replies_.emplace(std::move(key), std::move(reply));
  }
  std::optional<Reply> take(const std::string& key) {
    std::lock_guard lock(mutex_);
    const auto found = replies_.find(key);
    if (found == replies_.end()) return std::nullopt;
    std::optional<Reply> reply(std::move(found->second));
    replies_.erase(found);
    return reply;
  }
  std::size_t size() {
    std::lock_guard lock(mutex_);
    return replies_.size();
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Reply> replies_;
};

/// "/wait/KEY" parks; "/wake/KEY" answers it.
Decide wait_and_wake(WorkerPool& pool, Shelf& shelf) {
  return [&](const RequestHead& head) -> Decision {
    const std::string key = head.target.substr(6);
    if (head.target.starts_with("/wait/"))
      return {
          Parked{&pool, 0, [&shelf, key](const Request&, Reply reply) { shelf.put(key, std::move(reply)); }},
          "wait"};
    return {Unary{&pool, 0,
                  [&shelf, key](const Request&) {
                    auto reply = shelf.take(key);
                    if (!reply) return text("nobody waits", 404);
                    std::move(*reply).send(text("woken " + key));
                    return text("ok");
                  }},
            "wake"};
  };
}

std::string get(const std::string& target) {
  return "GET " + target + std::string(kTail);
}

TEST(ServerParked, CallsBackIntoTheServerFinishOnFourThreads) {
  Shelf shelf;
  WorkerPool pool("four", 4, 1000);
  TestServer server(wait_and_wake(pool, shelf));
  std::vector<Client> parked;
  for (int i = 0; i < 200; ++i) {
    parked.push_back(server.client());
    parked.back().send(get("/wait/" + std::to_string(i)));
  }
  ASSERT_TRUE(test::eventually([&] { return shelf.size() == 200; }));
  EXPECT_EQ(server->counters().parked, 200U);
  EXPECT_EQ(pool.counters().busy, 0U) << "waiting holds no thread";
  for (int i = 0; i < 200; ++i) {
    Client caller = server.client();
    caller.send(get("/wake/" + std::to_string(i)));
    ASSERT_EQ(caller.answer().body, "ok");
    ASSERT_EQ(parked[static_cast<std::size_t>(i)].answer().body, "woken " + std::to_string(i));
  }
  EXPECT_EQ(server->counters().parked, 0U);
}

TEST(ServerParked, FiveThousandWaitAtOnce) {
  // Each connection has two ends in this process.
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = limit.rlim_max;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  ASSERT_GE(limit.rlim_cur, 10'200U) << "this test needs 10,200 open files: raise `ulimit -Hn`";
  Shelf shelf;
  WorkerPool pool("four", 4, 10'000);
  TestServer server(wait_and_wake(pool, shelf));
  std::vector<Client> parked;
  for (int i = 0; i < 5000; ++i) {
    parked.push_back(server.client());
    ASSERT_TRUE(parked.back().send(get("/wait/" + std::to_string(i))));
  }
  ASSERT_TRUE(test::eventually([&] { return shelf.size() == 5000; }));
  EXPECT_EQ(server->counters().parked, 5000U);
  for (int i = 4999; i >= 0; --i) {
    auto reply = shelf.take(std::to_string(i));
    ASSERT_TRUE(reply);
    std::move(*reply).send(text(std::to_string(i)));
  }
  for (std::size_t i = 0; i < parked.size(); ++i) ASSERT_EQ(parked[i].answer().body, std::to_string(i));
}

TEST(ServerParked, LearnsOfTheClientsLeaving) {
  std::atomic<int> left = 0;
  Shelf shelf;
  WorkerPool pool("pool", 1, 10);
  TestServer server([&](const RequestHead&) {
    return Decision{Parked{&pool, 0,
                           [&](const Request&, Reply reply) {
                             reply.on_cancel([&](Cancelled why) {
                               EXPECT_EQ(why, Cancelled::client_gone);
                               const auto parked = shelf.take("x");
                               EXPECT_TRUE(parked && parked->cancelled() == why);
                               ++left;
                             });
                             shelf.put("x", std::move(reply));
                           }},
                    {}};
  });
  Client client = server.client();
  client.send(get("/"));
  ASSERT_TRUE(test::eventually([&] { return shelf.size() == 1; }));
  client.close();
  EXPECT_TRUE(test::eventually([&] { return left == 1; }));
  EXPECT_TRUE(test::eventually([&] { return server->counters().parked == 0; }));
  EXPECT_EQ(server->counters().client_gone, 1U);
}

TEST(ServerParked, PipelinedRequestsWaitForTheParkedOne) {
  Shelf shelf;
  WorkerPool pool("pool", 2, 10);
  TestServer server(wait_and_wake(pool, shelf));
  Client client = server.client();
  client.send(get("/wait/a") + get("/wait/b"));
  ASSERT_TRUE(test::eventually([&] { return shelf.size() == 1; }));
  EXPECT_FALSE(client.receive(50ms));
  std::move(*shelf.take("a")).send(text("first"));
  EXPECT_EQ(client.answer().body, "first");
  ASSERT_TRUE(test::eventually([&] { return shelf.size() == 1; }));
  std::move(*shelf.take("b")).send(text("second"));
  EXPECT_EQ(client.answer().body, "second");
}

TEST(ServerParked, AReplyThatIsLostIsA500) {
  WorkerPool pool("pool", 1, 10);
  TestServer server([&](const RequestHead& head) {
    return Decision{Parked{&pool, 0,
                           [throws = head.target == "/throws"](const Request&, Reply) {
                             if (throws) throw std::runtime_error("bug");
                           }},
                    {}};
  });
  for (const char* target : {"/forgets", "/throws"}) {
    Client client = server.client();
    client.send(get(target));
    EXPECT_EQ(client.answer().status, 500);
  }
}

TEST(ServerParked, StoppingAsksForAnAnswer) {
  Shelf shelf;
  WorkerPool pool("pool", 1, 10);
  TestServer server([&](const RequestHead&) {
    return Decision{Parked{&pool, 0,
                           [&](const Request&, Reply reply) {
                             reply.on_cancel([&](Cancelled why) {
                               EXPECT_EQ(why, Cancelled::stopping);
                               if (auto parked = shelf.take("x")) std::move(*parked).send(text("empty"));
                             });
                             shelf.put("x", std::move(reply));
                           }},
                    {}};
  });
  Client client = server.client();
  client.send(get("/"));
  ASSERT_TRUE(test::eventually([&] { return shelf.size() == 1; }));
  std::jthread stopper([&] { server->stop(5s); });
  EXPECT_EQ(client.answer().body, "empty");
  client.close();
}

TEST(ServerParked, RepliesMayOutliveTheServer) {
  Shelf shelf;
  WorkerPool pool("pool", 1, 10);
  {
    TestServer server(wait_and_wake(pool, shelf));
    Client client = server.client();
    client.send(get("/wait/x"));
    ASSERT_TRUE(test::eventually([&] { return shelf.size() == 1; }));
  }
  auto reply = shelf.take("x");
  EXPECT_EQ(reply->cancelled(), Cancelled::client_gone);
  std::move(*reply).send(text("too late"));
}

}  // namespace
}  // namespace sightline::net
