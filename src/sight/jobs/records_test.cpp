#include "sight/jobs/records.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

namespace sightline::jobs {
namespace {

SampledFace sampled_face() {
  SampledFace face{7, {0.1F, -0.2F, 0.3F, 0.4F}, 0.9F, {}, {}};
  face.landmarks.emplace()[4] = {0.5F, 0.6F};
  return face;
}

TrackVector track_vector() {
  TrackVector vector{9, "dlib-resnet 1", {}};
  vector.vector[0] = 0.6F;
  vector.vector[127] = -0.8F;
  return vector;
}

std::vector<Record> one_of_each() {
  analysis::Face found{{1, 2, 3, 4}, 0.5F, 0.75F, {}};
  found.landmarks[2] = {8, 9};
  SampledFace carried = sampled_face();
  carried.landmarks.reset();
  return {Hello{"sightline 1"},
          ClipFound{{"h264", "mov,mp4", {640, 480}, 1'500, 29.97, true}, 45},
          Detection{3, 17, tracking::Pass::coarse, {found, found}},
          FrameSample{40, {sampled_face(), carried}},
          Advance{25},
          track_vector(),
          Finished{45, 1'500, "the file ends early"},
          GivenUp{{ErrorKind::unsupported, "the clip is a playlist"}}};
}

Bytes encode_all(const std::vector<Record>& records) {
  Bytes all;
  for (const Record& record : records) {
    const Bytes bytes = encode(record);
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  return all;
}

std::optional<ErrorKind> refused(const Bytes& bytes) {
  RecordReader reader;
  reader.feed(bytes);
  const auto record = reader.next();
  return record ? std::nullopt : std::optional(record.error().kind);
}

TEST(Records, ComeBackAsTheyWentByteByByte) {
  const Bytes bytes = encode_all(one_of_each());
  RecordReader reader;
  std::vector<Record> back;
  for (const std::uint8_t byte : bytes) {
    reader.feed({&byte, 1});
    auto record = reader.next();
    ASSERT_TRUE(record);
    if (*record) back.push_back(std::move(**record));
  }
  EXPECT_EQ(back.size(), 8U);
  EXPECT_EQ(encode_all(back), bytes);
  EXPECT_EQ(reader.consumed(), bytes.size());
  const auto& sample = std::get<FrameSample>(back[3]);
  EXPECT_EQ(sample.timestamp_ms, 40);
  EXPECT_EQ(sample.faces[0].landmarks->at(4).x, 0.5F);
  EXPECT_FALSE(sample.faces[1].landmarks);
  EXPECT_EQ(std::get<TrackVector>(back[5]).vector, track_vector().vector);
  EXPECT_EQ(std::get<GivenUp>(back[7]).error.kind, ErrorKind::unsupported);
}

TEST(Records, TextsBecomePrintableAndShort) {
  RecordReader reader;
  reader.feed(encode(GivenUp{{ErrorKind::corrupt, "a\nb\x80\x1b" + std::string(5'000, 'x')}}));
  const auto record = reader.next();
  ASSERT_TRUE(record && *record);
  const std::string& text = std::get<GivenUp>(**record).error.message;
  EXPECT_EQ(text.substr(0, 6), "a?b??x");
  EXPECT_EQ(text.size(), kMaxText);
}

TEST(Records, WhatNobodyWouldWriteIsRefused) {
  EXPECT_EQ(refused({255, 255, 255, 255, 1}), ErrorKind::corrupt) << "a length beyond the limit";
  EXPECT_EQ(refused({0, 0, 0, 0, 99}), ErrorKind::corrupt) << "an unknown type";
  EXPECT_EQ(refused(encode(Advance{-1})), ErrorKind::corrupt);
  Bytes longer = encode(Advance{1});
  longer[0] = 9;
  longer.push_back(0);
  EXPECT_EQ(refused(longer), ErrorKind::corrupt) << "bytes after the payload's end";
  SampledFace wild = sampled_face();
  wild.confidence = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(refused(encode(FrameSample{0, {wild}})), ErrorKind::corrupt);
  wild = sampled_face();
  wild.box.x = std::numeric_limits<float>::infinity();
  EXPECT_EQ(refused(encode(FrameSample{0, {wild}})), ErrorKind::corrupt);
  Bytes many = encode(FrameSample{0, {}});
  std::memset(&many[many.size() - 4], 0x7F, 4);
  EXPECT_EQ(refused(many), ErrorKind::corrupt) << "more faces than bytes";
}

TEST(Records, NothingComesAfterDamage) {
  Bytes bytes = {0, 0, 0, 0, 99};
  const Bytes good = encode(Advance{1});
  bytes.insert(bytes.end(), good.begin(), good.end());
  RecordReader reader;
  reader.feed(bytes);
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.next());
  reader.feed(good);
  EXPECT_FALSE(reader.next());
}

TEST(Records, AVectorHasLengthOneAndAModel) {
  EXPECT_EQ(refused(encode(track_vector())), std::nullopt);
  TrackVector wrong = track_vector();
  wrong.vector[1] = 1;
  EXPECT_EQ(refused(encode(wrong)), ErrorKind::corrupt) << "longer than 1";
  wrong.vector = {};
  EXPECT_EQ(refused(encode(wrong)), ErrorKind::corrupt) << "no direction";
  wrong.vector[0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(refused(encode(wrong)), ErrorKind::corrupt);
  wrong = track_vector();
  wrong.model.clear();
  EXPECT_EQ(refused(encode(wrong)), ErrorKind::corrupt);
  wrong = track_vector();
  wrong.track = -1;
  EXPECT_EQ(refused(encode(wrong)), ErrorKind::corrupt);
}

}  // namespace
}  // namespace sightline::jobs
