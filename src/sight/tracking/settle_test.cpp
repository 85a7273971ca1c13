#include "sight/tracking/settle.h"

#include <gtest/gtest.h>

namespace sightline::tracking {
namespace {

using media::Box;

/// A way of `frames` steps from frame 0 that ends at `end`.
Path path_to(const Box& end, int frames, float anchor_match = 0.9F) {
  Path path;
  for (int i = 0; i < frames; ++i) path.boxes.push_back({end, 0.9F, anchor_match});
  return path;
}

const Box kBefore{100, 100, 40, 50};
const Box kLarger{98, 97, 44, 56};

TEST(Steadied, ANewBoxLiesBetweenWhatIsKnownAndWhatIsSeen) {
  const Box box = steadied(kLarger, 0.8F, path_to(kBefore, 5), 5, 1.6F);
  EXPECT_GT(box.width, kBefore.width);
  EXPECT_LT(box.width, kLarger.width);
  EXPECT_GT(box.height, kBefore.height);
  EXPECT_LT(box.height, kLarger.height);
  EXPECT_GT(box.y, kLarger.y);
}

TEST(Steadied, TheMoreSpokeForTheFaceTheLessANewBoxMovesIt) {
  const Box sure = steadied(kLarger, 0.8F, path_to(kBefore, 5), 5, 2.0F);
  const Box unsure = steadied(kLarger, 0.8F, path_to(kBefore, 5), 5, 0.2F);
  EXPECT_LT(sure.width, unsure.width);
  EXPECT_EQ(steadied(kLarger, 0.8F, path_to(kBefore, 5), 5, 0.0F).width, kLarger.width);
}

TEST(Steadied, ALongWayWeighsLess) {
  const Box near = steadied(kLarger, 0.8F, path_to(kBefore, 5), 5, 1.6F);
  const Box far = steadied(kLarger, 0.8F, path_to(kBefore, 20), 20, 1.6F);
  EXPECT_LT(near.width, far.width);
}

TEST(Steadied, AsSeenWhereTheContentWasLostOrLiesElsewhere) {
  for (const Path& path : {path_to(kBefore, 3), path_to(kBefore, 5, 0.1F), path_to({300, 100, 40, 50}, 5)}) {
    const Box box = steadied(kLarger, 0.8F, path, 5, 1.6F);
    EXPECT_EQ(box.x, kLarger.x);
    EXPECT_EQ(box.width, kLarger.width);
  }
}

TEST(Patience, ReachesToTheNextLookAndGrowsWithEvidence) {
  FaceTrack track(0, {kBefore, 0.5F, Origin::detected, false, 0});
  track.evidence = 0.1F;
  track.best_score = 0.3F;
  EXPECT_GT(patience_of(track, 5), 5);
  EXPECT_GT(patience_of(track, 8), 8);
  track.evidence = 4;
  const std::int64_t never_sure = patience_of(track, 5);
  track.best_score = 0.9F;
  EXPECT_GT(patience_of(track, 5), 2 * never_sure);
}

TEST(Path, ABoxIsKnownInEveryFrame) {
  Path path = path_to(kLarger, 3);
  EXPECT_EQ(path.box_at(0, kBefore).width, kBefore.width);
  EXPECT_EQ(path.box_at(3, kBefore).width, kLarger.width);
  EXPECT_EQ(path.box_at(4, kBefore).width, kBefore.width);
  EXPECT_EQ(path.at(4), nullptr);
}

}  // namespace
}  // namespace sightline::tracking
