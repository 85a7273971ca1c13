#include "sight/faces/face_analyser.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <string>

#include "sight/faces/alignment.h"
#include "sight/faces/faces_testing.h"

namespace sightline::faces {
namespace {

using testing::kPortraitPoints;
using testing::portrait;

constexpr Wanted kNothing{.pose = false, .quality = false};
constexpr Wanted kEverything{true, true, true, true, true, true};

/// The portrait's face as the detector gives it, moved with the picture.
analysis::Face portrait_face(const Placement& placement = {}) {
  analysis::Face face;
  face.score = 0.9F;
  face.confidence = 0.99F;
  const media::Point center = placement({224, 123});
  const float scale = placement.scale();
  face.box = {center.x - 46 * scale, center.y - 61 * scale, 92 * scale, 122 * scale};
  for (std::size_t i = 0; i < face.landmarks.size(); ++i) face.landmarks[i] = placement(kPortraitPoints[i]);
  return face;
}

/// Leads back.
Placement inverse(const Placement& p) {
  const float n = p.a * p.a + p.b * p.b;
  return {p.a / n, -p.b / n, -(p.a * p.tx + p.b * p.ty) / n, (p.b * p.tx - p.a * p.ty) / n};
}

class FaceAnalyserTest : public testing::ModelTest {
 protected:
  void SetUp() override {
    ModelTest::SetUp();
    auto mesher = FaceMesher::create(*runtime_, store_);
    ASSERT_TRUE(mesher) << mesher.error().message;
    mesher_ = std::move(*mesher);
    auto eyes = EyeReader::create(*runtime_, store_);
    ASSERT_TRUE(eyes) << eyes.error().message;
    eyes_ = std::move(*eyes);
  }

  FaceDetails describe(const media::RgbImage& picture, const analysis::Face& face,
                       const Wanted& wanted = kEverything) {
    auto details = FaceAnalyser(*mesher_, *eyes_).describe(picture, face, wanted);
    EXPECT_TRUE(details) << details.error().message;
    return std::move(details).value();
  }

  std::unique_ptr<FaceMesher> mesher_;
  std::unique_ptr<EyeReader> eyes_;
};

TEST_F(FaceAnalyserTest, NamesThirtyPointsOfAPortraitWhereTheyAre) {
  const FaceDetails details = describe(portrait(), portrait_face());
  ASSERT_EQ(details.landmarks.size(), 30U);
  std::map<std::string, media::Point, std::less<>> at;
  for (const Landmark& landmark : details.landmarks) at[std::string(landmark.name)] = landmark.place;
  ASSERT_EQ(at.size(), 30U);
  const auto expect_near = [&](const char* name, float x, float y, float off) {
    EXPECT_NEAR(at[name].x, x, off) << name;
    EXPECT_NEAR(at[name].y, y, off) << name;
  };
  // By eye, on the portrait enlarged.
  expect_near("leftPupil", 203, 100, 5);
  expect_near("rightPupil", 247, 101, 5);
  expect_near("mouthUp", 224, 142, 6);
  expect_near("chinBottom", 222, 176, 10);
  EXPECT_LT(at["leftEyeLeft"].x, at["leftPupil"].x);
  EXPECT_LT(at["leftPupil"].x, at["leftEyeRight"].x);
  EXPECT_LT(at["leftEyeRight"].x, at["rightEyeLeft"].x);
  EXPECT_LT(at["leftEyeUp"].y, at["leftEyeDown"].y);
  EXPECT_LT(at["leftEyeBrowUp"].y, at["leftEyeUp"].y);
  EXPECT_LT(at["rightEyeBrowLeft"].x, at["rightEyeBrowRight"].x);
  EXPECT_LT(at["noseLeft"].x, at["noseRight"].x);
  EXPECT_LT(at["mouthUp"].y, at["mouthDown"].y);
  EXPECT_LT(at["mouthDown"].y, at["chinBottom"].y);
  EXPECT_LT(at["upperJawlineLeft"].x, at["midJawlineLeft"].x);
  EXPECT_LT(at["midJawlineRight"].x, at["upperJawlineRight"].x);
}

TEST_F(FaceAnalyserTest, SeesOpenEyesAndASmileThatShowsTeeth) {
  const FaceDetails details = describe(portrait(), portrait_face());
  ASSERT_TRUE(details.eyes_open && details.mouth_open && details.eye_direction);
  EXPECT_TRUE(details.eyes_open->value);
  EXPECT_GT(details.eyes_open->confidence, 0.8F);
  EXPECT_TRUE(details.mouth_open->value);
  // She looks at the camera.
  EXPECT_NEAR(details.eye_direction->yaw, 0, 20);
  EXPECT_NEAR(details.eye_direction->pitch, 0, 20);
}

TEST_F(FaceAnalyserTest, LeaningThePictureIsRollAndMirroringItTurnsTheYaw) {
  const media::RgbImage picture = portrait();
  const Pose upright = *describe(picture, portrait_face()).pose;
  for (const float angle : {0.4F, -0.4F, 1.57F}) {
    const float c = std::cos(angle);
    const float s = std::sin(angle);
    // Turned about the face.
    const Placement turned{c, s, 224 - c * 224 + s * 123, 123 - s * 224 - c * 123};
    const Pose pose = *describe(chip(picture, inverse(turned), 512), portrait_face(turned)).pose;
    EXPECT_NEAR(pose.roll - upright.roll, angle * 180 / 3.14159F, 3);
    EXPECT_NEAR(pose.yaw, upright.yaw, 4);
    EXPECT_NEAR(pose.pitch, upright.pitch, 4);
  }
  analysis::Face face = portrait_face();
  face.box.x = 512 - face.box.right();
  for (media::Point& point : face.landmarks) point.x = 512 - point.x;
  std::swap(face.landmarks[0], face.landmarks[1]);
  std::swap(face.landmarks[3], face.landmarks[4]);
  const Pose pose = *describe(mirrored(picture), face).pose;
  EXPECT_NEAR(pose.yaw, -upright.yaw, 4);
  EXPECT_NEAR(pose.roll, -upright.roll, 3);
  EXPECT_NEAR(pose.pitch, upright.pitch, 4);
}

TEST_F(FaceAnalyserTest, WhatShowsNoFaceHasNoEyesThatAreOpen) {
  media::RgbImage grey{{300, 300}, std::vector<std::uint8_t>(std::size_t{300} * 300 * 3, 128)};
  const FaceDetails details = describe(grey, portrait_face());
  EXPECT_EQ(details.landmarks.size(), 5U);
  EXPECT_FALSE(details.eyes_open);
  EXPECT_FALSE(details.mouth_open);
  EXPECT_FALSE(details.eye_direction);
}

TEST_F(FaceAnalyserTest, EyesOfAFewPixelsTellNothing) {
  const Placement small{0.25F, 0, 0, 0};
  const FaceDetails details = describe(chip(portrait(), inverse(small), 128), portrait_face(small));
  EXPECT_TRUE(details.pose);
  EXPECT_FALSE(details.eyes_open);
  EXPECT_FALSE(details.eye_direction);
}

TEST_F(FaceAnalyserTest, AFaceWhosePointsAreInOnePlaceIsABoxAlone) {
  analysis::Face face = portrait_face();
  face.landmarks.fill({100, 100});
  const FaceDetails details = describe(portrait(), face);
  EXPECT_EQ(details.landmarks.size(), 5U);
  EXPECT_FALSE(details.pose);
  EXPECT_FALSE(details.quality);
}

TEST_F(FaceAnalyserTest, FacesAreFoundLargestFirst) {
  auto detector = analysis::FaceDetector::create(*runtime_, store_);
  ASSERT_TRUE(detector) << detector.error().message;
  // The portrait with itself at two thirds beside it.
  const media::RgbImage large = portrait();
  const media::RgbImage small = chip(large, {1.5F, 0, 0, 0}, 512);
  media::RgbImage both{{1024, 512}, {}};
  for (int y = 0; y < 512; ++y) {
    both.pixels.insert(both.pixels.end(), small.row(y), small.row(y) + std::ptrdiff_t{512} * 3);
    both.pixels.insert(both.pixels.end(), large.row(y), large.row(y) + std::ptrdiff_t{512} * 3);
  }
  const auto faces = find_faces(**detector, both);
  ASSERT_TRUE(faces) << faces.error().message;
  ASSERT_EQ(faces->size(), 2U);
  EXPECT_GT(faces->front().box.x, 512);
  EXPECT_EQ(find_faces(**detector, both, 1)->size(), 1U);
}

/// Counts how often it is asked.
class CountingMesher : public FaceMesher {
 public:
  Result<Mesh> fit(const media::RgbImage&, const analysis::Face&, Looks) override {
    ++fits;
    return Mesh{{}, 1};
  }
  float mouth_open(const Mesh&) const override { return 0.2F; }
  int fits = 0;
};

class CountingEyes : public EyeReader {
 public:
  Result<Eyes> read(const media::RgbImage&, const Mesh&) override {
    ++reads;
    Eye eye;
    eye.width = 20;
    return Eyes{eye, eye};
  }
  float open(const Eyes&) const override { return 0.9F; }
  int reads = 0;
};

TEST(WantedTest, NoModelRunsThatNobodyAskedFor) {
  CountingMesher mesher;
  CountingEyes eyes;
  const FaceAnalyser analyser(mesher, eyes);
  const media::RgbImage grey{{300, 300}, std::vector<std::uint8_t>(std::size_t{300} * 300 * 3, 128)};
  Wanted wanted = kNothing;
  ASSERT_TRUE(analyser.describe(grey, portrait_face(), wanted));
  wanted.quality = true;
  EXPECT_TRUE(analyser.describe(grey, portrait_face(), wanted)->quality);
  EXPECT_EQ(mesher.fits, 0);
  wanted.mouth_open = true;
  const auto mouth = analyser.describe(grey, portrait_face(), wanted);
  EXPECT_EQ(mesher.fits, 1);
  EXPECT_EQ(eyes.reads, 0);
  EXPECT_FALSE(mouth->pose);
  ASSERT_TRUE(mouth->mouth_open);
  EXPECT_FALSE(mouth->mouth_open->value);
  EXPECT_FLOAT_EQ(mouth->mouth_open->confidence, 0.8F);
  wanted.eyes_open = true;
  const auto lids = analyser.describe(grey, portrait_face(), wanted);
  EXPECT_EQ(eyes.reads, 1);
  EXPECT_TRUE(lids->eyes_open->value);
  EXPECT_EQ(lids->landmarks.size(), 5U);
}

}  // namespace
}  // namespace sightline::faces
