#include "sight/jobs/face_code.h"

#include <gtest/gtest.h>

#include <limits>

namespace sightline::jobs {
namespace {

TEST(FaceCode, AFaceIsKeptAsItIs) {
  SampledFace face{7, {0.1F, -0.2F, 0.3F, 0.4F}, 0.9F, {}, {}};
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

SampledFace measured_face() {
  SampledFace face{7, {0.1F, 0.2F, 0.3F, 0.4F}, 0.9F, {}, {}};
  face.landmarks = {{{0.1F, 0}, {0.2F, 0}, {0.3F, 0}, {0.4F, 0}, {0.5F, 0}}};
  faces::FaceDetails& details = face.details.emplace();
  details.face.landmarks = *face.landmarks;
  for (const std::string_view name : faces::landmark_names()) {
    const auto i = details.landmarks.size();
    // The nose comes last of the first five, third of a face's own.
    const std::size_t own = i == 4 ? 2 : i == 2 || i == 3 ? i + 1 : i;
    details.landmarks.push_back(
        {name, i < 5 ? (*face.landmarks)[own] : media::Point{0.01F * static_cast<float>(i), 1}});
  }
  details.quality = {60, 70};
  details.pose = {-10, 20, 30};
  details.mouth_open = {true, 0.8F};
  details.eyes_open = {false, 0.6F};
  details.eye_direction = {-5, 6, 0.5F};
  return face;
}

TEST(FaceCode, WhatWasMeasuredIsKept) {
  const SampledFace face = measured_face();
  const SampledFace kept = decode_face(encode_face(face)).value();
  ASSERT_TRUE(kept.details);
  const faces::FaceDetails& details = *kept.details;
  EXPECT_EQ(details.face.box, face.box);
  EXPECT_EQ(details.face.confidence, 0.9F);
  ASSERT_EQ(details.landmarks.size(), 30U);
  for (std::size_t i = 0; i < 30; ++i) {
    EXPECT_EQ(details.landmarks[i].name, faces::landmark_names()[i]);
    EXPECT_EQ(details.landmarks[i].place.x, face.details->landmarks[i].place.x) << i;
  }
  EXPECT_EQ(details.quality->sharpness, 70);
  EXPECT_EQ(details.pose->roll, -10);
  EXPECT_EQ(details.pose->pitch, 30);
  EXPECT_TRUE(details.mouth_open->value);
  EXPECT_FALSE(details.eyes_open->value);
  EXPECT_EQ(details.eyes_open->confidence, 0.6F);
  EXPECT_EQ(details.eye_direction->pitch, 6);
}

TEST(FaceCode, WhatWasNotMeasuredIsAbsent) {
  SampledFace face = measured_face();
  faces::FaceDetails bare;
  bare.landmarks.assign(face.details->landmarks.begin(), face.details->landmarks.begin() + 5);
  face.details = bare;
  const SampledFace kept = decode_face(encode_face(face)).value();
  ASSERT_TRUE(kept.details);
  EXPECT_EQ(kept.details->landmarks.size(), 5U);
  EXPECT_FALSE(kept.details->quality || kept.details->pose || kept.details->mouth_open ||
               kept.details->eyes_open || kept.details->eye_direction);
}

TEST(FaceCode, MeasuresBeyondAllSenseAreRefused) {
  const auto refused = [](const auto& spoil) {
    SampledFace face = measured_face();
    spoil(*face.details);
    return !decode_face(encode_face(face));
  };
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(refused([](auto& details) { details.quality->brightness = 101; }));
  EXPECT_TRUE(refused([](auto& details) { details.quality->sharpness = -1; }));
  EXPECT_TRUE(refused([](auto& details) { details.pose->yaw = kNan; }));
  EXPECT_TRUE(refused([](auto& details) { details.mouth_open->confidence = 2; }));
  EXPECT_TRUE(refused([](auto& details) { details.eye_direction->pitch = 1e9F; }));
  EXPECT_TRUE(refused([](auto& details) { details.landmarks[29].place.y = kNan; }));
  EXPECT_FALSE(refused([](auto&) {}));
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
