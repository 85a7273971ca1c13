#include "sight/jobs/track_views.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sight/jobs/jobs_test_support.h"

namespace sightline::jobs {
namespace {

using testing::SizeIs;

constexpr faces::Quality kGood{60, 80};

/// 60 pixels, the nose at this share of the way from eye to eye.
analysis::Face face(float nose = 0.5F, float side = 60) {
  analysis::Face face{{0, 0, side, side}, 0.9F, 0.9F, {}};
  face.landmarks = {{{20, 20}, {40, 20}, {20 + 20 * nose, 30}, {22, 40}, {38, 40}}};
  return face;
}

faces::FaceVector vector(float x, float y) {
  faces::FaceVector vector{};
  vector[0] = x;
  vector[1] = y;
  return vector;
}

TEST(ViewWorth, FallsWithTurningAwayAndWithBlur) {
  EXPECT_GT(view_worth(face(), kGood), view_worth(face(0.8F), kGood));
  EXPECT_GT(view_worth(face(0.8F), kGood), view_worth(face(1.5F), kGood));
  EXPECT_GT(view_worth(face(1.5F), kGood), 0) << "a profile still tells something";
  EXPECT_GT(view_worth(face(), kGood), view_worth(face(), {60, 40}));
}

TEST(ViewWorth, WhatWouldNotBeEnrolledIsNotSearched) {
  EXPECT_EQ(view_worth(face(0.5F, 23), kGood), 0) << "small";
  EXPECT_EQ(view_worth(face(), {60, 7}), 0) << "blurred";
  EXPECT_EQ(view_worth(face(), {10, 80}), 0) << "dark";
  analysis::Face doubtful = face();
  doubtful.confidence = 0.4F;
  EXPECT_EQ(view_worth(doubtful, kGood), 0);
}

TEST(TrackViews, WantsThreeAndThenOnlyBetterOnes) {
  TrackViews views;
  EXPECT_FALSE(views.wants(1, 0));
  for (const float worth : {0.5F, 0.4F, 0.6F}) {
    EXPECT_TRUE(views.is_short_of(1));
    EXPECT_TRUE(views.wants(1, worth));
    ASSERT_TRUE(views.add(1, worth, vector(1, 0)));
  }
  EXPECT_FALSE(views.is_short_of(1));
  EXPECT_FALSE(views.wants(1, 0.45F)) << "hardly better than the worst";
  EXPECT_TRUE(views.wants(1, 0.55F));
  EXPECT_TRUE(views.wants(2, 0.1F)) << "another track";
}

TEST(TrackViews, TheBestViewLeadsAndAnotherPersonsIsLeftOut) {
  TrackViews views;
  const test::FakeRecogniser recogniser;
  ASSERT_TRUE(views.add(4, 0.3F, vector(0, 1)));  // somebody else: the track slipped
  ASSERT_TRUE(views.add(4, 0.9F, vector(1, 0)));
  ASSERT_TRUE(views.add(4, 0.5F, vector(0.8F, 0.6F)));
  ASSERT_TRUE(views.add(2, 0.1F, vector(0, 1)));
  const auto vectors = views.vectors(recogniser);
  ASSERT_THAT(vectors, SizeIs(2));
  EXPECT_EQ(vectors[0].track, 2);
  EXPECT_EQ(vectors[0].vector[1], 1);
  EXPECT_EQ(vectors[1].model, "fake 1");
  // Half way between the two that agree.
  EXPECT_NEAR(vectors[1].vector[0], 0.9487F, 1e-3);
  EXPECT_NEAR(vectors[1].vector[1], 0.3162F, 1e-3);
}

TEST(TrackViews, AWorseViewGivesWay) {
  TrackViews views;
  const test::FakeRecogniser recogniser;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(views.add(1, 0.2F, vector(0, 1)));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(views.add(1, 0.8F, vector(1, 0)));
  EXPECT_EQ(views.vectors(recogniser)[0].vector[0], 1);
}

}  // namespace
}  // namespace sightline::jobs
