#include "base/worker_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <vector>

namespace sightline {
namespace {

TEST(WorkerPool, RefusesWhatItsQueueCannotHold) {
  std::latch started(2);
  std::latch go(1);
  std::atomic<int> ran = 0;
  {
    WorkerPool pool("small", 2, 3);
    const auto blocked = [&] {
      started.count_down();
      go.wait();
      ++ran;
    };
    ASSERT_TRUE(pool.try_submit(blocked));
    ASSERT_TRUE(pool.try_submit(blocked));
    started.wait();
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(pool.try_submit([&] { ++ran; }));
    WorkerPool::Task refused = [&] { ++ran; };
    EXPECT_FALSE(pool.try_submit(std::move(refused)));
    // NOLINTNEXTLINE(bugprone-use-after-move): that nothing was moved is what is tested
    EXPECT_TRUE(refused != nullptr) << "a refused task stays with its owner";
    EXPECT_EQ(pool.counters().busy, 2U);
    EXPECT_EQ(pool.counters().queued, 3U);
    EXPECT_EQ(pool.counters().refused, 1U);
    go.count_down();
  }
  EXPECT_EQ(ran, 5) << "the destructor runs what was taken";
}

TEST(WorkerPool, WhatIsUnderWayKeepsNobodyOut) {
  std::latch started(1);
  std::latch go(1);
  std::vector<int> order;
  {
    WorkerPool pool("steps", 1, 2);
    ASSERT_TRUE(pool.try_submit([&] {
      started.count_down();
      go.wait();
    }));
    started.wait();
    for (int i = 1; i <= 50; ++i) pool.resume([&order, i] { order.push_back(i); });
    EXPECT_TRUE(pool.try_submit([&order] { order.push_back(-1); }))
        << "steps under way take no place in the queue";
    EXPECT_TRUE(pool.try_submit([&order] { order.push_back(-2); }));
    EXPECT_FALSE(pool.try_submit([] {}));
    go.count_down();
  }
  ASSERT_EQ(order.size(), 52U);
  EXPECT_LT(std::ranges::find(order, -2) - order.begin(), 5) << "and newcomers do not wait for all of them";
}

}  // namespace
}  // namespace sightline
