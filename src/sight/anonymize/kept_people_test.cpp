#include "sight/anonymize/kept_people.h"

#include <gtest/gtest.h>

#include "sight/media/picture.h"

namespace sightline::anonymize {
namespace {

/// Finds the faces that the test says.
class FakeDetector final : public analysis::FaceDetector {
 public:
  Result<std::vector<analysis::Face>> detect(const analysis::PictureSource&,
                                             const analysis::DetectorOptions&) override {
    return faces;
  }
  std::string identity() const override { return "fake"; }
  std::vector<analysis::Face> faces;
};

/// Gives one face the vector (1, 0, ...); similarity is the cosine in percent.
class FakeRecogniser final : public faces::FaceRecogniser {
 public:
  Result<faces::FaceVector> embed(const media::RgbImage&, const std::array<media::Point, 5>&) override {
    if (fails) return fail(ErrorKind::invalid_argument, "no face can be measured here");
    faces::FaceVector vector{};
    vector[0] = next;
    return vector;
  }
  const std::string& model_id() const override { return id_; }
  const std::string& model_version() const override { return id_; }
  float similarity(float cosine) const override { return 100 * cosine; }
  float cosine_of(float similarity) const override { return similarity / 100; }
  float next = 1;
  bool fails = false;

 private:
  std::string id_ = "fake";
};

class KeptPeopleTest : public ::testing::Test {
 protected:
  void SetUp() override {
    picture.size = {200, 200};
    picture.pixels.assign(200 * 200 * 3, 128);
    detector.faces = {face};
    photo = *media::Picture::from_rgb(picture).encode_as(media::PictureFormat::png);
    ASSERT_TRUE(people.add_photo(photo, "photo.png"));
  }

  /// Frames 0 to `frames`, each showing one track; the face of frame i is as alike as `alike(i)` says.
  template <typename Alike>
  std::set<std::int64_t> judge(std::int64_t frames, const Alike& alike, float side = 60) {
    TrackJudge judge(people);
    // Where compare() finds the face again within what it cut out.
    detector.faces = {face};
    for (std::int64_t frame = 0; frame < frames; ++frame) {
      tracking::FrameTracks tracks{frame, {{7, {50, 50, side, side}, 1, tracking::Origin::tracked}}};
      if (!judge.wants(tracks, frame)) continue;
      recogniser.next = alike(frame);
      const float scale = 1;
      detector.faces.front().box = {36 * scale, 36 * scale, side, side};
      EXPECT_TRUE(judge.add(picture, tracks, frame));
    }
    return judge.kept();
  }

  FakeDetector detector;
  FakeRecogniser recogniser;
  analysis::Face face{{50, 50, 60, 60}, 0.9F, 0.99F, {}};
  media::RgbImage picture;
  Bytes photo;
  KeptPeople people{detector, recogniser};
};

TEST_F(KeptPeopleTest, APhotoShowsOnePerson) {
  detector.faces = {};
  const auto none = people.add_photo(photo, "empty.png");
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("empty.png"), std::string::npos);
  detector.faces = {face, face};
  EXPECT_FALSE(people.add_photo(photo, "two.png"));
  EXPECT_EQ(people.size(), 1U);
}

TEST_F(KeptPeopleTest, OneLookTellsThreeThings) {
  EXPECT_EQ(people.compare(picture, face), Likeness::same);
  recogniser.next = 0.5F;
  EXPECT_EQ(people.compare(picture, face), Likeness::unsure);
  recogniser.next = 0.01F;
  EXPECT_EQ(people.compare(picture, face), Likeness::other);
}

TEST_F(KeptPeopleTest, APhotoOfNobodyInSightIsNamed) {
  recogniser.next = -1;  // another person than photo.png's, whose vector is 1
  ASSERT_TRUE(people.add_photo(photo, "stranger.png"));
  EXPECT_EQ(people.never_seen(), (std::vector<std::string>{"photo.png", "stranger.png"}));
  recogniser.next = 0.5F;
  (void)people.compare(picture, face);
  EXPECT_EQ(people.never_seen().size(), 2U) << "a doubt is no sight of anybody";
  recogniser.next = 1;
  (void)people.compare(picture, face);
  EXPECT_EQ(people.never_seen(), std::vector<std::string>{"stranger.png"});
}

TEST_F(KeptPeopleTest, ASecondPhotoOfOnePersonNeedsNoFaceOfItsOwn) {
  recogniser.next = 0.95F;
  ASSERT_TRUE(people.add_photo(photo, "again.png"));  // 95% like photo.png
  recogniser.next = 0.92F;                            // 92% like the first, 87% like the second
  (void)people.compare(picture, face);
  EXPECT_TRUE(people.never_seen().empty());
}

TEST_F(KeptPeopleTest, WhatCannotBeMeasuredIsADoubt) {
  recogniser.fails = true;
  EXPECT_EQ(people.compare(picture, face), Likeness::unsure);
  recogniser.fails = false;
  analysis::Face small = face;
  small.box.width = 12;
  EXPECT_EQ(people.compare(picture, small), Likeness::unsure);
}

TEST_F(KeptPeopleTest, ATrackStaysWhenItsLooksAgree) {
  EXPECT_EQ(judge(50, [](auto) { return 0.97F; }), std::set<std::int64_t>{7});
}

TEST_F(KeptPeopleTest, OneLookIsNotEnough) {
  EXPECT_TRUE(judge(5, [](auto) { return 0.97F; }).empty());
}

TEST_F(KeptPeopleTest, ATrackThatWentOverToSomebodyElseIsPainted) {
  EXPECT_TRUE(judge(100, [](std::int64_t frame) { return frame < 80 ? 0.97F : 0.0F; }).empty());
}

TEST_F(KeptPeopleTest, MostlyDoubtIsPainted) {
  EXPECT_TRUE(judge(100, [](std::int64_t frame) { return frame < 30 ? 0.97F : 0.5F; }).empty());
  EXPECT_FALSE(judge(100, [](std::int64_t frame) { return frame < 60 ? 0.97F : 0.5F; }).empty());
}

TEST_F(KeptPeopleTest, SmallFacesArePainted) {
  EXPECT_TRUE(judge(100, [](auto) { return 0.97F; }, 20).empty());
}

TEST_F(KeptPeopleTest, AFaceBesideTheBoxIsNotItsFace) {
  detector.faces.front().box = {120, 120, 20, 20};
  const auto look = people.compare(picture, media::Box{50, 50, 60, 60});
  ASSERT_TRUE(look);
  EXPECT_EQ(*look, Likeness::unsure);
}

}  // namespace
}  // namespace sightline::anonymize
