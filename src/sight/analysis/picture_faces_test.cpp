#include "sight/analysis/picture_faces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "sight/analysis/dots_testing.h"
#include "sight/analysis/model_testing.h"
#include "sight/analysis/picture_sources.h"

namespace sightline::analysis {
namespace {

constexpr media::Size kSize{1200, 800};

Face face_at(media::Box box, float score) {
  Face face;
  face.box = box;
  face.score = face.confidence = score;
  return face;
}

/// Shows how it is turned by the colour of its first pixel. Never asked for more than a few pixels.
class CornersSource : public PictureSource {
 public:
  [[nodiscard]] media::Size size() const override { return kSize; }
  [[nodiscard]] Result<media::RgbImage> rgb(media::Size size) const override {
    media::RgbImage image{size, std::vector<std::uint8_t>(static_cast<std::size_t>(size.width) *
                                                          static_cast<std::size_t>(size.height) * 3)};
    image.row(0)[0] = 100;                // top left: not turned
    image.row(size.height - 1)[0] = 101;  // bottom left: one turn brings it up
    image.row(size.height - 1)[std::ptrdiff_t{size.width - 1} * 3] = 102;  // bottom right
    image.row(0)[std::ptrdiff_t{size.width - 1} * 3] = 103;                // top right
    return image;
  }
};

/// Finds by orientation what it is given, in pixels of the turned picture, and counts how it was asked.
class TurnedDetector : public FaceDetector {
 public:
  Result<std::vector<Face>> detect(const PictureSource& picture, const DetectorOptions& options) override {
    const media::RgbImage small = TRY(picture.rgb({8, 8}));
    const int turns = small.pixels[0] - 100;
    ++asked[{turns, options.max_side}];
    std::vector<Face> faces;
    for (const Face& face : found[turns])
      if (face.score >= options.min_score) faces.push_back(face);
    return faces;
  }
  [[nodiscard]] std::string identity() const override { return "turned"; }

  std::map<int, std::vector<Face>> found;
  std::map<std::pair<int, int>, int> asked;  ///< quarter turns and longest side
};

std::vector<Face> find(TurnedDetector& detector, Orientations orientations) {
  return find_faces(detector, CornersSource(), picture_options(Scope::balanced), orientations).value();
}

TEST(PictureFacesTest, UprightPicturesCostThreeLooksOfHalfTheSizeMore) {
  TurnedDetector detector;
  detector.found[0] = {face_at({100, 100, 80, 100}, 0.9F)};
  detector.found[1] = {face_at({590, 100, 100, 80}, 0.6F)};  // the same face, badly seen
  EXPECT_EQ(find(detector, Orientations::all).size(), 1U);
  EXPECT_THAT(
      detector.asked,
      ::testing::ElementsAre(::testing::Pair(std::pair(0, 1920), 1), ::testing::Pair(std::pair(1, 600), 1),
                             ::testing::Pair(std::pair(2, 600), 1), ::testing::Pair(std::pair(3, 600), 1)));
}

TEST(PictureFacesTest, WhereNothingElseIsAskedForTheUprightPictureIsAllThatIsSeen) {
  TurnedDetector detector;
  detector.found[2] = {face_at({100, 100, 80, 100}, 0.9F)};
  EXPECT_TRUE(find(detector, Orientations::upright).empty());
  EXPECT_EQ(detector.asked.size(), 1U);
  EXPECT_EQ(find(detector, Orientations::others_if_no_face).size(), 1U);
  detector.found[0] = {face_at({500, 500, 80, 100}, 0.9F)};
  detector.asked.clear();
  EXPECT_EQ(find(detector, Orientations::others_if_no_face).size(), 1U);
  EXPECT_EQ(detector.asked.size(), 1U);
}

TEST(PictureFacesTest, PlacesAndLandmarksComeBackToThePicture) {
  TurnedDetector detector;
  Face face = face_at({10, 20, 60, 80}, 0.9F);
  face.landmarks[0] = {30, 40};
  const std::array<media::Box, 4> places = {
      {{10, 20, 60, 80}, {20, 730, 80, 60}, {1130, 700, 60, 80}, {1100, 10, 80, 60}}};
  const std::array<media::Point, 4> eyes = {{{30, 40}, {40, 770}, {1170, 760}, {1160, 30}}};
  for (const int turns : {1, 2, 3}) {
    detector.found.clear();
    detector.found[turns] = {face};
    const auto faces = find(detector, Orientations::all);
    ASSERT_EQ(faces.size(), 1U);
    EXPECT_EQ(faces[0].box, places[static_cast<std::size_t>(turns)]) << turns;
    EXPECT_FLOAT_EQ(faces[0].landmarks[0].x, eyes[static_cast<std::size_t>(turns)].x) << turns;
    EXPECT_FLOAT_EQ(faces[0].landmarks[0].y, eyes[static_cast<std::size_t>(turns)].y) << turns;
  }
}

TEST(PictureFacesTest, BesideSureUprightFacesATurnedOneMustBeSure) {
  TurnedDetector detector;
  detector.found[0] = {face_at({100, 100, 80, 100}, 0.9F), face_at({300, 100, 80, 100}, 0.8F)};
  detector.found[2] = {face_at({500, 500, 80, 100}, 0.7F), face_at({100, 500, 80, 100}, 0.45F)};
  const auto faces = find(detector, Orientations::all);
  ASSERT_EQ(faces.size(), 3U);
  EXPECT_FLOAT_EQ(faces.back().score, 0.7F);
}

TEST(PictureFacesTest, WhereTurnedFacesPrevailWeakOnesCountToo) {
  TurnedDetector detector;
  detector.found[0] = {face_at({100, 100, 80, 100}, 0.55F)};
  detector.found[2] = {face_at({500, 500, 80, 100}, 0.7F), face_at({100, 500, 80, 100}, 0.25F)};
  EXPECT_EQ(find(detector, Orientations::all).size(), 3U);
}

TEST(PictureFacesTest, TheTurnThatBringsMostFacesUprightIsFound) {
  TurnedDetector detector;
  const auto turns = [&] {
    return turns_to_upright(detector, CornersSource(), picture_options(Scope::balanced)).value();
  };
  EXPECT_EQ(turns(), std::nullopt);
  EXPECT_EQ((detector.asked[{0, 600}]), 1);
  detector.found[0] = {face_at({100, 100, 80, 100}, 0.6F)};
  EXPECT_EQ(turns(), 0);
  detector.found[2] = {face_at({500, 500, 80, 100}, 0.7F)};
  EXPECT_EQ(turns(), 2);
  detector.found[0].push_back(face_at({300, 100, 80, 100}, 0.6F));
  EXPECT_EQ(turns(), 0);
}

class RealPictureFacesTest : public testing::ModelTest {
 protected:
  void SetUp() override {
    ModelTest::SetUp();
    // As for every picture: in 8 bits the landmarks of a turned face are less sure.
    detector_ =
        FaceDetector::create(*runtime_, store_, FaceDetector::kUsualModel, inference::ModelForm::plain)
            .value();
  }
  std::unique_ptr<FaceDetector> detector_;
};

TEST_F(RealPictureFacesTest, AFaceIsFoundWhicheverWayUpThePictureIs) {
  const media::RgbImage upright = testing::demo_image("astronaut.png");
  const RgbSource source(upright);
  const std::array<media::Point, 5> truth{{{203, 100}, {248, 102}, {225, 120}, {206, 145}, {243, 145}}};
  for (const int turns : {1, 2, 3}) {
    const TurnedSource turned(source, turns);
    const auto faces = find_faces(*detector_, turned, picture_options(Scope::balanced), Orientations::all);
    ASSERT_TRUE(faces) << faces.error().message;
    ASSERT_EQ(faces->size(), 1U) << turns;
    const Face face = turned.turned_back(faces->front());
    EXPECT_GT(face.confidence, 0.9F);
    EXPECT_GT(media::iou(face.box, {178, 62, 92, 122}), 0.6F);
    for (std::size_t k = 0; k < truth.size(); ++k) {
      EXPECT_NEAR(face.landmarks[k].x, truth[k].x, 10) << turns << " " << k;
      EXPECT_NEAR(face.landmarks[k].y, truth[k].y, 10) << turns << " " << k;
    }
  }
}

TEST_F(RealPictureFacesTest, AFaceIsFoundInBlackAndWhiteDots) {
  const media::RgbImage photograph = testing::demo_image("astronaut.png");
  for (const media::RgbImage& dots :
       {testing::dithered(photograph), testing::screened(photograph, 4), testing::screened(photograph, 6)}) {
    const auto faces =
        find_faces(*detector_, RgbSource(dots), picture_options(Scope::balanced), Orientations::all);
    ASSERT_TRUE(faces) << faces.error().message;
    ASSERT_FALSE(faces->empty());
    EXPECT_GT(media::iou(faces->front().box, {178, 62, 92, 122}), 0.5F);
  }
}

}  // namespace
}  // namespace sightline::analysis
