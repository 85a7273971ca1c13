#include "sight/tracking/track_doubt.h"

#include <gtest/gtest.h>

namespace sightline::tracking {
namespace {

/// A track of 50 frames at 25 a second, detected in every fifth of them.
TrackDoubt track_of(float step, float score, bool full_size = true, int frames = 50) {
  TrackDoubt doubt;
  for (int i = 0; i < frames; ++i) {
    const bool detected = i % 5 == 0;
    doubt.add({1,
               {100 + step * static_cast<float>(i), 50, 40, 50},
               score,
               detected ? Origin::detected : Origin::tracked,
               detected && full_size},
              i / 25.0);
  }
  return doubt;
}

TEST(TrackDoubt, AThingThatStandsStillAndIsNeverSureToBeAFaceIsDoubted) {
  EXPECT_TRUE(track_of(0, 0.5F).is_doubted());
}

TEST(TrackDoubt, AStillPersonWhoWasOnceSurelyAFaceIsNot) {
  EXPECT_FALSE(track_of(0, 0.95F).is_doubted());
}

TEST(TrackDoubt, APassAtHalfTheSizeDoesNotCountAsAFace) {
  EXPECT_TRUE(track_of(0, 0.95F, false).is_doubted());
}

TEST(TrackDoubt, WhatMovesIsNot) {
  EXPECT_FALSE(track_of(1, 0.5F).is_doubted());
}

TEST(TrackDoubt, TooLittleWasSeenToSay) {
  EXPECT_FALSE(track_of(0, 0.5F, true, 20).is_doubted());
  EXPECT_FALSE(TrackDoubt().is_doubted());
}

TEST(TrackDoubt, BoxesThatWereNotDetectedSayNothing) {
  TrackDoubt doubt = track_of(0, 0.5F);
  doubt.add({1, {300, 50, 40, 50}, 0.99F, Origin::interpolated, false}, 3);
  EXPECT_TRUE(doubt.is_doubted());
}

}  // namespace
}  // namespace sightline::tracking
