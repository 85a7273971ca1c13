#include "sight/jobs/face_inspector.h"

#include <gtest/gtest.h>

#include "sight/jobs/jobs_test_support.h"
#include "sight/media/video_reader.h"

namespace sightline::jobs {
namespace {

/// A mesh that covers the box, or none.
class FakeMesher final : public faces::FaceMesher {
 public:
  Result<faces::Mesh> fit(const media::RgbImage& picture, const analysis::Face& face) override {
    picture_ = picture.size;
    last = face;
    faces::Mesh mesh;
    mesh.presence = present ? 1 : 0;
    for (auto& point : mesh.points) point = {face.box.right(), face.box.bottom(), 0};
    return mesh;
  }
  float mouth_open(const faces::Mesh&) const override { return 0.9F; }

  bool present = true;
  analysis::Face last;
  media::Size picture_;
};

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

class FaceInspectorTest : public test::JobsTest {
 protected:
  void SetUp() override {
    JobsTest::SetUp();
    auto reader = media::VideoReader::open(media::testing::clip_folder() / "clip.mp4");
    ASSERT_TRUE(reader);
    info_ = reader->info();
    frame_ = reader->next().value().value();
  }
  /// Where the fake detector's face stands; its points where a detection gave them.
  static FrameSample sample(bool with_points) {
    SampledFace face{3, {0.25F, 0.25F, 0.25F, 0.25F}, 0.9F, {}, {}};
    if (with_points)
      face.landmarks = {{{0.33F, 0.35F}, {0.42F, 0.35F}, {0.375F, 0.4F}, {0.34F, 0.44F}, {0.41F, 0.44F}}};
    return {0, {face}};
  }
  SampledFace inspected(FrameSample sample) {
    FaceInspector inspector(CloserLook::measures, {detector_, nullptr, &analyser_}, info_);
    EXPECT_TRUE(inspector.inspect(frame_, sample));
    EXPECT_TRUE(inspector.people().empty());
    return sample.faces.front();
  }

  media::VideoInfo info_;
  media::VideoFrame frame_;
  test::FakeDetector detector_;
  FakeMesher mesher_;
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

TEST_F(FaceInspectorTest, WhereTheMeshFindsNoneOnlyThePointsAndTheQualityAreTold) {
  mesher_.present = false;
  const SampledFace face = inspected(sample(true));
  ASSERT_TRUE(face.details);
  EXPECT_EQ(face.details->landmarks.size(), 5U);
  EXPECT_TRUE(face.details->quality);
  EXPECT_FALSE(face.details->pose || face.details->mouth_open || face.details->eyes_open);
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

TEST_F(FaceInspectorTest, WhoIsTooSmallToBeSearchedForIsNotLookedFor) {
  test::FakeRecogniser recogniser;
  FaceInspector inspector(CloserLook::people, {detector_, &recogniser}, info_);
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
  FaceInspector inspector(CloserLook::measures, {detector_, nullptr, &analyser_}, info_);
  ASSERT_TRUE(inspector.inspect(frame_, crowd));
  EXPECT_TRUE(crowd.faces.back().details);
  EXPECT_EQ(
      std::ranges::count_if(crowd.faces, [](const SampledFace& face) { return face.details.has_value(); }),
      100);
}

}  // namespace
}  // namespace sightline::jobs
