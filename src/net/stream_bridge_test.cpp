#include "net/stream_bridge.h"

#include <gtest/gtest.h>

#include <latch>
#include <string>

#include "net/test_client.h"

namespace sightline::net {
namespace {

using test::eventually;
using test::text;

/// What has been called so far, for a test to look at.
struct Calls {
  std::atomic<int> begin = 0, entered = 0, end = 0, destroyed = 0;
  std::atomic<std::uint64_t> taken = 0, read = 0;
};

/// Waits in take() where it is given a latch; answers with many bytes.
class Recorded final : public Transfer {
 public:
  explicit Recorded(Calls& calls, std::latch* hold = nullptr) : calls_(calls), hold_(hold) {}
  ~Recorded() override { ++calls_.destroyed; }
  std::optional<TransferAnswer> begin() override {
    ++calls_.begin;
    return std::nullopt;
  }
  std::optional<TransferAnswer> take(std::span<const char> piece) override {
    ++calls_.entered;
    if (hold_ != nullptr) hold_->wait();
    calls_.taken += piece.size();
    return std::nullopt;
  }
  TransferAnswer end(const Error*) override {
    ++calls_.end;
    return {text(""), BodyLength{std::uint64_t{100} << 20U}};
  }
  Result<std::size_t> read(std::span<char> into) override {
    calls_.read += into.size();
    return into.size();
  }

 private:
  Calls& calls_;
  std::latch* const hold_;
};

class StreamBridgeTest : public ::testing::Test {
 protected:
  std::shared_ptr<StreamBridge> make(std::latch* hold = nullptr, StreamBridge::Options options = {}) {
    return std::make_shared<StreamBridge>(pool, std::make_shared<Recorded>(calls, hold), options,
                                          [this] { ++wakes; });
  }
  /// Nothing is on the pool, and nothing will be without another call.
  [[nodiscard]] bool idle() const {
    return eventually([&] {
      const auto counters = pool.counters();
      return counters.busy == 0 && counters.queued == 0;
    });
  }

  Calls calls;
  std::atomic<int> wakes = 0;
  WorkerPool pool{"bridge", 1, 4};
};

TEST_F(StreamBridgeTest, HoldsNoThreadForAFewBytes) {
  const auto bridge = make();
  bridge->start();
  for (int i = 0; i < 20; ++i) bridge->push_body(std::string(2200, 'x'));
  EXPECT_EQ(pool.counters().done + pool.counters().busy + pool.counters().queued, 0U);
  EXPECT_EQ(calls.begin, 0) << "no file is open for them either";
  bridge->push_body(std::string(StreamBridge::kBodyPiece, 'x'));
  EXPECT_TRUE(eventually([&] { return calls.taken == 44000 + StreamBridge::kBodyPiece; }));
  EXPECT_TRUE(idle());
  bridge->push_body("x");
  bridge->end_body();
  EXPECT_TRUE(eventually([&] { return calls.end == 1; }));
}

TEST_F(StreamBridgeTest, WhileMemoryIsShortHandsOverWhatThereIs) {
  const auto bridge = make();
  bridge->push_body(std::string(1000, 'x'));
  EXPECT_EQ(bridge->held(), 1000U);
  bridge->set_short_of_memory(true);
  EXPECT_TRUE(eventually([&] { return calls.taken == 1000; }));
  ASSERT_TRUE(idle());
  EXPECT_EQ(bridge->held(), 0U);
}

TEST_F(StreamBridgeTest, WakesForMoreOfTheBodyWhoeverAskedMeanwhile) {
  std::latch hold(1);
  const auto bridge = make(&hold);
  ASSERT_TRUE(bridge->body_wanted());
  bridge->push_body(std::string(StreamBridge::kBodyPiece, 'x'));
  ASSERT_TRUE(eventually([&] { return calls.entered == 1; }));
  while (bridge->body_wanted()) bridge->push_body(std::string(StreamBridge::kBodyPiece, 'x'));
  EXPECT_LE(bridge->held(), 2 * StreamBridge::kBodyRoom + StreamBridge::kBodyPiece);
  EXPECT_FALSE(bridge->body_wanted()) << "a timer that asks does not read";
  EXPECT_EQ(wakes, 0);
  hold.count_down();
  EXPECT_TRUE(eventually([&] { return wakes == 1; }));
  EXPECT_TRUE(bridge->body_wanted());
  EXPECT_TRUE(idle());
}

TEST_F(StreamBridgeTest, AsksBeforeABodyThatWaitsToContinue) {
  const auto bridge = make(nullptr, {.waits_to_continue = true});
  EXPECT_FALSE(bridge->body_wanted());
  bridge->start();
  EXPECT_TRUE(eventually([&] { return wakes == 1; }));
  EXPECT_TRUE(bridge->body_wanted());
  EXPECT_EQ(calls.begin, 1);
}

TEST_F(StreamBridgeTest, ReadsNoFurtherThanTheClientTakes) {
  const auto bridge = make();
  bridge->end_body();
  EXPECT_TRUE(eventually([&] { return calls.read == StreamBridge::kOutputRoom; }));
  ASSERT_TRUE(idle());
  EXPECT_EQ(calls.read, StreamBridge::kOutputRoom) << "and no thread waits to read more";
  EXPECT_EQ(bridge->held(), StreamBridge::kOutputRoom);
  bridge->sent(StreamBridge::kOutputPiece);
  EXPECT_TRUE(
      eventually([&] { return calls.read == StreamBridge::kOutputRoom + StreamBridge::kOutputPiece; }));
  bridge->set_short_of_memory(true);
  bridge->sent(StreamBridge::kOutputRoom);
  EXPECT_TRUE(idle());
  EXPECT_EQ(bridge->held(), StreamBridge::kShortRoom);
}

TEST_F(StreamBridgeTest, AClientThatGoesAwayEndsTheTransfer) {
  const auto unbegun = make();
  unbegun->push_body("x");
  unbegun->lose();
  EXPECT_EQ(calls.destroyed, 1);
  EXPECT_EQ(pool.counters().done, 0U);

  const auto begun = make();
  begun->push_body(std::string(StreamBridge::kBodyPiece, 'x'));
  ASSERT_TRUE(eventually([&] { return calls.taken > 0; }));
  begun->lose();
  EXPECT_TRUE(eventually([&] { return calls.destroyed == 2; }));
  EXPECT_EQ(calls.end, 0);
}

}  // namespace
}  // namespace sightline::net
