#include "net/crowd.h"

#include <gtest/gtest.h>

#include <vector>

#include "net/progress.h"

namespace sightline::net {
namespace {

using namespace std::chrono_literals;
using Guests = std::vector<std::unique_ptr<Crowd::Guest>>;

/// As many connections as `peer` gets, up to `wanted`.
std::size_t enter(Crowd& crowd, const std::string& peer, std::size_t wanted, Guests& guests) {
  for (std::size_t i = 0; i < wanted; ++i) {
    auto guest = crowd.enter(peer);
    if (guest == nullptr) return i;
    guests.push_back(std::move(guest));
  }
  return wanted;
}

TEST(Crowd, OnePeerLeavesPlacesForOthers) {
  const auto crowd =
      std::make_shared<Crowd>(CrowdLimits{.connections = 1000, .transfers = 1000, .buffered_bytes = 1000});
  Guests guests;
  EXPECT_EQ(enter(*crowd, "10.0.0.1", 2000, guests), 750U);
  for (int peer = 2; peer < 20; ++peer)
    EXPECT_GE(enter(*crowd, "10.0.0." + std::to_string(peer), 10, guests), 10U) << peer;
  EXPECT_EQ(enter(*crowd, "10.0.0.1", 1, guests), 0U);
  guests.clear();
  EXPECT_EQ(enter(*crowd, "10.0.0.1", 2000, guests), 750U) << "all was given back";
}

TEST(Crowd, ManyEqualPeersGetAllThatIsNotReserved) {
  const auto crowd =
      std::make_shared<Crowd>(CrowdLimits{.connections = 1000, .transfers = 1000, .buffered_bytes = 1000});
  Guests guests;
  std::size_t got = 0;
  for (int peer = 0; peer < 10; ++peer) got += enter(*crowd, std::to_string(peer), 75, guests);
  EXPECT_EQ(got, 750U);
}

TEST(Crowd, TransfersAreSharedAlike) {
  const auto crowd =
      std::make_shared<Crowd>(CrowdLimits{.connections = 1000, .transfers = 100, .buffered_bytes = 1000});
  Guests greedy;
  Guests modest;
  enter(*crowd, "greedy", 200, greedy);
  enter(*crowd, "modest", 5, modest);
  int begun = 0;
  for (const auto& guest : greedy) begun += guest->begin_transfer() ? 1 : 0;
  EXPECT_EQ(begun, 75);
  for (const auto& guest : modest) EXPECT_TRUE(guest->begin_transfer());
  EXPECT_EQ(crowd->transfers(), 80U);
  modest.front()->end_transfer();
  modest.front()->end_transfer();
  EXPECT_EQ(crowd->transfers(), 79U);
  greedy.clear();
  modest.clear();
  EXPECT_EQ(crowd->transfers(), 0U);
}

TEST(Crowd, MemoryIsSharedAlikeAndCountedWhole) {
  const auto crowd =
      std::make_shared<Crowd>(CrowdLimits{.connections = 10, .transfers = 10, .buffered_bytes = 1000});
  const auto greedy = crowd->enter("greedy");
  const auto modest = crowd->enter("modest");
  EXPECT_TRUE(greedy->hold(500));
  EXPECT_FALSE(crowd->is_short_of_memory());
  EXPECT_TRUE(greedy->hold(750));
  EXPECT_TRUE(crowd->is_short_of_memory());
  EXPECT_FALSE(greedy->hold(760));
  EXPECT_EQ(crowd->buffered_bytes(), 760U);
  EXPECT_TRUE(modest->hold(80));
  EXPECT_FALSE(modest->hold(90));
  EXPECT_TRUE(greedy->hold(100)) << "less is always taken";
  EXPECT_TRUE(modest->hold(0));
  EXPECT_EQ(crowd->buffered_bytes(), 100U);
  EXPECT_TRUE(modest->hold(300));
  greedy->hold(1000);
  EXPECT_FALSE(modest->begin_transfer()) << "no memory";
}

TEST(Crowd, TheFloorOnSpeedRisesWithTheCrowd) {
  const auto crowd =
      std::make_shared<Crowd>(CrowdLimits{.connections = 1000, .transfers = 80, .buffered_bytes = 8000});
  Guests guests;
  for (int peer = 0; peer < 80; ++peer) enter(*crowd, std::to_string(peer), 1, guests);
  std::vector<std::uint64_t> floors{crowd->floor(100)};
  for (const auto& guest : guests) {
    if (!guest->begin_transfer()) break;
    if (crowd->floor(100) != floors.back()) floors.push_back(crowd->floor(100));
  }
  EXPECT_EQ(floors, (std::vector<std::uint64_t>{100, 200, 400, 800, 1600, 3200, 6400, 12800}));
  for (const auto& guest : guests) guest->end_transfer();
  EXPECT_EQ(crowd->floor(100), 100U);
  guests.front()->hold(2000);
  EXPECT_EQ(crowd->floor(100), 400U) << "memory that is taken is a crowd too";
}

TEST(Crowd, AGuestMayOutliveTheServer) {
  auto crowd = std::make_shared<Crowd>(CrowdLimits{.connections = 10, .transfers = 10, .buffered_bytes = 10});
  const std::weak_ptr<Crowd> weak = crowd;
  auto guest = crowd->enter("left over");
  crowd.reset();
  EXPECT_FALSE(weak.expired());
  guest.reset();
  EXPECT_TRUE(weak.expired());
}

TEST(Progress, AsksForTheFloorInEachSpan) {
  const Ticks::time_point begin{};
  Progress progress;
  progress.restart(begin, 1000);
  EXPECT_EQ(progress.check(begin + 20s, 1000, 20s, 100), Progress::Verdict::waiting);
  EXPECT_EQ(progress.check(begin + 21s, 1100, 20s, 100), Progress::Verdict::good);
  EXPECT_EQ(progress.check(begin + 41s, 1100, 20s, 100), Progress::Verdict::waiting) << "a new span";
  EXPECT_EQ(progress.check(begin + 42s, 1199, 20s, 100), Progress::Verdict::too_slow);
  EXPECT_EQ(progress.check(begin + 42s, 1199, 20s, 99), Progress::Verdict::good);
}

}  // namespace
}  // namespace sightline::net
