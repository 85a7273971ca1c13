#include "net/stream_bridge.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sightline::net {
namespace {

TEST(StreamBridge, WakesForMoreOfTheBodyWhoeverAskedMeanwhile) {
  int wakes = 0;
  StreamBridge bridge(false, true, [&] { ++wakes; });
  std::vector<char> buffer(StreamBridge::kBodyRoom);
  bridge.push_body("x");
  ASSERT_EQ(bridge.read(std::span(buffer).first(1)).value(), 1U);
  ASSERT_TRUE(bridge.body_wanted());
  bridge.push_body(std::string(StreamBridge::kBodyRoom, 'x'));
  ASSERT_FALSE(bridge.body_wanted()) << "full";
  wakes = 0;

  ASSERT_TRUE(bridge.read(std::span(buffer).first(StreamBridge::kBodyRoom / 4)));
  EXPECT_FALSE(bridge.body_wanted()) << "a timer that asks does not read";
  EXPECT_EQ(wakes, 0) << "not for every piece";

  ASSERT_TRUE(bridge.read(std::span(buffer).first(StreamBridge::kBodyRoom / 2)));
  EXPECT_EQ(wakes, 1);
  EXPECT_TRUE(bridge.body_wanted());
}

}  // namespace
}  // namespace sightline::net
