#include "sight/jobs/face_code.h"

#include <gtest/gtest.h>

namespace sightline::jobs {
namespace {

TEST(FaceCode, AFaceIsKeptAsItIs) {
  SampledFace face{7, {0.1F, -0.2F, 0.3F, 0.4F}, 0.9F, {}};
  face.landmarks.emplace()[4] = {0.5F, 0.6F};
  const auto kept = decode_face(encode_face(face));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->track, 7);
  EXPECT_EQ(kept->box, face.box);
  EXPECT_EQ(kept->landmarks->at(4).y, 0.6F);
  Bytes torn = encode_face(face);
  torn.pop_back();
  EXPECT_FALSE(decode_face(torn));
}

TEST(FaceCode, MatchesAreKeptAsTheyAre) {
  FaceMatch named{91.5F, {}};
  named.face.id.bytes[3] = 3;
  named.face.image.bytes[4] = 4;
  named.face.external_image_id = "Ada_1:x-y.z";
  named.face.box = {0.1, 0.2, 0.3, 0.4};
  named.face.confidence = 99.25;
  named.face.model = {"dlib-resnet 0.3.0 sha256:0123 unit", "unit"};
  const FaceMatch nameless{80, {}};
  const auto kept = decode_matches(encode_matches({named, nameless}));
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept->size(), 2U);
  const collections::Face& face = kept->front().face;
  EXPECT_EQ(kept->front().similarity, 91.5F);
  EXPECT_EQ(face.id, named.face.id);
  EXPECT_EQ(face.image, named.face.image);
  EXPECT_EQ(face.external_image_id, named.face.external_image_id);
  EXPECT_EQ(face.box.height, 0.4);
  EXPECT_EQ(face.confidence, 99.25);
  EXPECT_EQ(face.model, named.face.model);
  EXPECT_FALSE(kept->back().face.external_image_id);
  EXPECT_EQ(decode_matches(encode_matches({})).value().size(), 0U);
  Bytes torn = encode_matches({named});
  torn.pop_back();
  EXPECT_FALSE(decode_matches(torn));
  EXPECT_FALSE(decode_matches(Bytes{255, 255, 0, 0}));
}

}  // namespace
}  // namespace sightline::jobs
