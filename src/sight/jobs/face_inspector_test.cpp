#include "sight/jobs/face_inspector.h"

#include <gtest/gtest.h>

#include "sight/jobs/jobs_test_support.h"

namespace sightline::jobs {
namespace {

class FakeEyes final : public faces::EyeReader {
 public:
  Result<faces::Eyes> read(const media::RgbImage&, const faces::Mesh&) override {
    faces::Eye eye;
    eye.width = 20;
    eye.pupil = {10, 10};
    return faces::Eyes{eye, eye};
  }
  float open(const faces::Eyes&) const override { return 0.2F; }
};

class FaceInspectorTest : public test::FirstFrameTest {
 protected:
  /// Where the fake detector's face stands; its points where a detection gave them.
  static FrameSample sample(bool with_points) {
    SampledFace face{3, {0.25F, 0.25F, 0.25F, 0.25F}, 0.9F, {}, {}};
    if (with_points) face.landmarks = test::kFakePoints;
    return {0, {face}};
  }
  SampledFace inspected(FrameSample sample) {
    FaceInspector inspector(CloserLook::measures, {detector_, mesher_, nullptr, &analyser_}, info_);
    EXPECT_TRUE(inspector.inspect(frame_, sample));
    EXPECT_TRUE(inspector.people().empty());
    return sample.faces.front();
  }

  test::FakeDetector detector_;
  test::FakeMesher mesher_;
  FakeEyes eyes_;
  const faces::FaceAnalyser analyser_{mesher_, eyes_};
};

TEST_F(FaceInspectorTest, MeasuresInFractionsOfTheFrame) {
  const SampledFace face = inspected(sample(true));
  EXPECT_EQ(detector_.looks, 0) << "its points are known";
  EXPECT_EQ(mesher_.picture_, (media::Size{320, 240}));
  EXPECT_FLOAT_EQ(mesher_.last.box.width, 80);
  ASSERT_TRUE(face.details);
  const faces::FaceDetails& details = *face.details;
  ASSERT_EQ(details.landmarks.size(), 30U);
  EXPECT_NEAR(details.landmarks[0].place.x, 0.33F, 1e-5);
  EXPECT_NEAR(details.landmarks[29].place.x, 0.5F, 1e-5);
  EXPECT_NEAR(details.landmarks[29].place.y, 0.5F, 1e-5);
  EXPECT_EQ(details.face.box, face.box);
  EXPECT_TRUE(details.pose && details.quality && details.eye_direction);
  EXPECT_TRUE(details.mouth_open->value);
  EXPECT_FALSE(details.eyes_open->value);
}

TEST_F(FaceInspectorTest, AFrameWithStretchedPixelsIsLookedAtInSquareOnes) {
  info_.sample_aspect = {2, 1};
  const SampledFace face = inspected(sample(true));
  EXPECT_EQ(mesher_.picture_, (media::Size{640, 240}));
  EXPECT_NEAR(face.details->landmarks[29].place.x, 0.5F, 1e-5);
}

TEST_F(FaceInspectorTest, WhereTheMeshFindsNoneThePointsTellThePose) {
  mesher_.present = false;
  const SampledFace face = inspected(sample(true));
  ASSERT_TRUE(face.details);
  EXPECT_EQ(face.details->landmarks.size(), 5U);
  EXPECT_TRUE(face.details->quality && face.details->pose);
  EXPECT_FALSE(face.details->mouth_open || face.details->eyes_open);
}

TEST_F(FaceInspectorTest, ACarriedBoxIsLookedAtAnew) {
  // Where the fake detector sees its face in the part that is cut out: not where the carried box lies.
  EXPECT_FALSE(inspected(sample(false)).details);
  EXPECT_EQ(detector_.looks, 1);
  detector_.centred = true;
  const SampledFace face = inspected(sample(false));
  ASSERT_TRUE(face.details);
  ASSERT_TRUE(face.landmarks);
  EXPECT_NEAR((*face.landmarks)[2].x, 0.375F, 0.03F);
  EXPECT_EQ(face.box, sample(false).faces.front().box) << "the track's own box is told";
}

TEST_F(FaceInspectorTest, CarriedPointsServeWhereNoneAreSeen) {
  FrameSample carried = sample(true);
  carried.faces.front().points = PointsFrom::carried;
  const SampledFace face = inspected(carried);
  EXPECT_EQ(detector_.looks, 1) << "they are looked for first";
  ASSERT_TRUE(face.details);
  EXPECT_TRUE(face.details->pose && face.details->quality);
  EXPECT_NEAR((*face.landmarks)[0].x, 0.33F, 1e-5);
}

class BriefLookTest : public FaceInspectorTest {
 protected:
  void SetUp() override {
    FaceInspectorTest::SetUp();
    brief_.emplace(CloserLook::brief, WorkerModels{detector_, mesher_}, info_);
  }
  SampledFace briefly(FrameSample sample) {
    EXPECT_TRUE(brief_->inspect(frame_, sample));
    return sample.faces.front();
  }
  std::optional<FaceInspector> brief_;
};

TEST_F(BriefLookTest, TellsPoseQualityAndFivePointsByOneLookOfTheMesh) {
  const SampledFace face = briefly(sample(true));
  EXPECT_EQ(mesher_.fits, 1);
  EXPECT_EQ(mesher_.last_looks, faces::Looks::one);
  EXPECT_EQ(detector_.looks, 0);
  ASSERT_TRUE(face.details);
  EXPECT_TRUE(face.details->pose && face.details->quality);
  EXPECT_EQ(face.details->landmarks.size(), 5U);
  EXPECT_FALSE(face.details->mouth_open || face.details->eyes_open || face.details->eye_direction);
  EXPECT_NEAR((*face.landmarks)[0].x, 0.33F, 1e-5) << "the detection's own points";
}

TEST_F(BriefLookTest, CarriedPointsGiveWayToThoseOfTheMesh) {
  FrameSample carried = sample(true);
  carried.faces.front().points = PointsFrom::carried;
  EXPECT_NEAR((*briefly(carried).landmarks)[0].x, 0.5F, 1e-5);
  mesher_.present = false;
  FaceInspector other(CloserLook::brief, {detector_, mesher_}, info_);
  ASSERT_TRUE(other.inspect(frame_, carried));
  EXPECT_NEAR((*carried.faces.front().landmarks)[0].x, 0.33F, 1e-5);
  EXPECT_TRUE(carried.faces.front().details->pose);
}

TEST_F(BriefLookTest, AMeshHoldsForAWhile) {
  int looks = 0;
  for (const auto& [ms, is_looked_at] :
       {std::pair{0, true}, {40, false}, {120, false}, {200, true}, {240, false}, {400, true}}) {
    FrameSample now = sample(true);
    now.timestamp_ms = ms;
    EXPECT_TRUE(briefly(now).details->pose) << ms;
    looks += is_looked_at ? 1 : 0;
    EXPECT_EQ(mesher_.fits, looks) << ms;
  }
  // Where there is none, longer.
  mesher_.present = false;
  for (const auto& [ms, is_looked_at] : {std::pair{600, true}, {1'000, false}, {1'400, true}}) {
    FrameSample now = sample(true);
    now.timestamp_ms = ms;
    EXPECT_TRUE(briefly(now).details->pose) << ms;
    looks += is_looked_at ? 1 : 0;
    EXPECT_EQ(mesher_.fits, looks) << ms;
  }
}

TEST_F(BriefLookTest, AFaceTooSmallForAMeshHasAPoseByItsPoints) {
  FrameSample small = sample(true);
  small.faces.front().box = {0.33F, 0.35F, 0.09F, 0.1F};  // 29 pixels wide
  const SampledFace face = briefly(small);
  EXPECT_EQ(mesher_.fits, 0);
  ASSERT_TRUE(face.details);
  EXPECT_TRUE(face.details->pose && face.details->quality);
}

TEST_F(BriefLookTest, WithoutPointsNothingIsInvented) {
  const SampledFace face = briefly(sample(false));
  EXPECT_FALSE(face.details || face.landmarks);
  EXPECT_EQ(mesher_.fits + detector_.looks, 0);
}

TEST_F(BriefLookTest, InACrowdTheSmallestHaveThePoseOfTheirPoints) {
  FrameSample crowd = sample(true);
  for (int i = 1; i <= 150; ++i) {
    SampledFace another = crowd.faces.front();
    another.track = 100 + i;
    another.box.width *= 0.9F;
    crowd.faces.push_back(another);
  }
  ASSERT_TRUE(brief_->inspect(frame_, crowd));
  EXPECT_EQ(mesher_.fits, 100);
  for (const SampledFace& face : crowd.faces) ASSERT_TRUE(face.details && face.details->pose);
}

TEST_F(FaceInspectorTest, WhoIsTooSmallToBeSearchedForIsNotLookedFor) {
  test::FakeRecogniser recogniser;
  FaceInspector inspector(CloserLook::people, {detector_, mesher_, &recogniser}, info_);
  FrameSample small = sample(false);
  small.faces.front().box = {0.25F, 0.25F, 0.07F, 0.07F};  // 22 x 17 pixels
  ASSERT_TRUE(inspector.inspect(frame_, small));
  EXPECT_EQ(detector_.looks, 0);
  FrameSample large = sample(false);
  detector_.centred = true;
  ASSERT_TRUE(inspector.inspect(frame_, large));
  EXPECT_EQ(detector_.looks, 1);
  EXPECT_EQ(recogniser.looks, 1);
  EXPECT_EQ(inspector.people().size(), 1U);
}

TEST_F(FaceInspectorTest, OnlyTheLargestHundredAreLookedAt) {
  FrameSample crowd = sample(true);
  for (int i = 0; i < 150; ++i) {
    SampledFace small = crowd.faces.front();
    small.box.width *= 0.5F;
    crowd.faces.insert(crowd.faces.begin(), small);
  }
  FaceInspector inspector(CloserLook::measures, {detector_, mesher_, nullptr, &analyser_}, info_);
  ASSERT_TRUE(inspector.inspect(frame_, crowd));
  EXPECT_TRUE(crowd.faces.back().details->mouth_open);
  EXPECT_EQ(std::ranges::count_if(
                crowd.faces, [](const SampledFace& face) { return face.details->mouth_open.has_value(); }),
            100);
}

}  // namespace
}  // namespace sightline::jobs
