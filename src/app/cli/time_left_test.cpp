#include "app/cli/time_left.h"

#include <gtest/gtest.h>

namespace sightline::cli {
namespace {

/// Work of 930 frames that is done in bursts of `burst`, at `rate` frames a second from `start` on.
struct Work {
  double start = 0;
  double rate = 30;
  std::int64_t burst = 1;
  static constexpr std::int64_t kTotal = 930;
  [[nodiscard]] double time_of(std::int64_t frame) const {
    return start + static_cast<double>((frame + burst - 1) / burst * burst) / rate;
  }
  [[nodiscard]] double end() const { return time_of(kTotal); }
};

/// The first estimate comes in time, and none is off by more than a third of what is left and two seconds.
void expect_true_estimates(const Work& work) {
  TimeLeft left;
  double first = 0;
  for (std::int64_t frame = 1; frame <= Work::kTotal; ++frame) {
    const double now = work.time_of(frame);
    left.note(now, frame);
    const auto estimate = left.left(Work::kTotal);
    if (!estimate) continue;
    if (first == 0) first = now;
    const double truth = work.end() - now;
    EXPECT_NEAR(*estimate, truth, 2 + truth / 3) << "after " << now << " s";
  }
  EXPECT_GT(first, work.start);
  EXPECT_LT(first, work.start + 12);
}

TEST(TimeLeft, IsTrueFromTheFirstFigureOnAfterASlowStart) {
  expect_true_estimates({});
  expect_true_estimates({.start = 8});
  expect_true_estimates({.start = 8, .rate = 31, .burst = 16});
  expect_true_estimates({.start = 3, .rate = 12, .burst = 12});
}

TEST(TimeLeft, AFirstFrameThatTookLongGivesNoFigure) {
  TimeLeft left;
  left.note(1.2, 1);  // what once made 18 minutes of 31 seconds
  EXPECT_FALSE(left.left(930));
  EXPECT_FALSE(left.rate());
  left.note(2.0, 2);
  EXPECT_FALSE(left.left(930));
}

TEST(TimeLeft, SettlesBeforeItSaysAnything) {
  TimeLeft left;
  std::int64_t done = 0;
  double now = 0;
  for (; now < 6; now += 1) left.note(now, ++done);  // one a second, while models are compiled
  for (; now < 40; now += 0.02) {
    left.note(now, ++done);
    if (const auto estimate = left.left(5000)) {
      const double truth = static_cast<double>(5000 - done) / 50;
      EXPECT_NEAR(*estimate, truth, truth * 0.45) << now;
    }
  }
  EXPECT_NEAR(left.rate().value(), 50, 2);
}

TEST(TimeLeft, FollowsAChangeOfPaceWithoutAJump) {
  TimeLeft left;
  std::int64_t done = 0;
  double now = 0;
  for (; now < 40; now += 0.025) left.note(now, ++done);
  double before = left.left(6000).value();
  for (; now < 100; now += 0.05) {
    left.note(now, ++done);
    const double estimate = left.left(6000).value();
    EXPECT_NEAR(estimate, before, 0.05 * before);
    before = estimate;
  }
  EXPECT_NEAR(left.rate().value(), 20, 1);
}

TEST(TimeLeft, VerySlowWorkHasAFigureWithinAMinute) {
  TimeLeft left;
  for (int i = 1; i <= 13; ++i) left.note(5.0 * i, i);
  EXPECT_NEAR(left.left(33).value_or(0), 100, 1);
}

TEST(TimeLeft, ASecondPassIsMeasuredAnew) {
  TimeLeft left;
  for (int i = 0; i < 300; ++i) left.note(i / 10.0, i);
  ASSERT_TRUE(left.rate());
  left.note(30, 1);
  EXPECT_FALSE(left.rate());
  EXPECT_FALSE(left.left(300));
}

TEST(TimeLeft, AnUnknownTotalHasNoEnd) {
  TimeLeft left;
  for (int i = 0; i < 300; ++i) left.note(i / 10.0, i);
  EXPECT_TRUE(left.rate());
  EXPECT_FALSE(left.left(0));
  EXPECT_FALSE(left.left(100));
}

}  // namespace
}  // namespace sightline::cli
