#include "base/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

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

}  // namespace
}  // namespace sightline
