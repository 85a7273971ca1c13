#include "sight/tracking/tracks_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>

#include "base/file.h"

namespace sightline::tracking {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TracksHeader header() {
  return {"holiday \"1\".mp4",    {640, 360}, {25, 1}, {1, 12800}, "centerface 1.5.0 sha256:00 bf16",
          {{"scope", "balanced"}}};
}

class TracksFileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::temp_directory_path() /
        fmt::format("tracks_file_test_{}", ::testing::UnitTest::GetInstance()->random_seed() + getpid());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  [[nodiscard]] fs::path path() const { return folder_ / "tracks.json"; }

 private:
  fs::path folder_;
};

std::string with_box(const std::string& box) {
  return R"({"format":"sightline-tracks","version":1,
"source":{"file":"a.mp4","width":640,"height":360,"frame_rate":"25/1","time_base":"1/25"},
"tracks":[{"id":7,"from":0,"to":9,"boxes":[
{"pts":0,"box":[1,2,3,4],"score":0.5,"origin":"detected"},
)" + box +
         "]}]}";
}

std::string complaint_of(const std::string& text) {
  const auto file = parse_tracks(text, "edited.json");
  if (file) return "no complaint";
  EXPECT_EQ(file.error().kind, ErrorKind::corrupt);
  EXPECT_EQ(file.error().message.find('\n'), std::string::npos);
  EXPECT_THAT(file.error().message, testing::StartsWith("edited.json: "));
  return file.error().message;
}

TEST_F(TracksFileTest, ADoubtedTrackSaysWhyAndIsReadLikeAnyOther) {
  auto writer = TracksWriter::create(path(), header());
  ASSERT_TRUE(writer.has_value());
  for (std::int64_t i = 0; i < 50; ++i) {
    ASSERT_TRUE(writer
                    ->add({i * 512,
                           {{1, {10, 20, 30, 40}, 0.4F, Origin::detected},
                            {2, {100 + static_cast<float>(i), 20, 30, 40}, 0.4F, Origin::detected}}})
                    .has_value());
  }
  ASSERT_TRUE(writer->commit(false).has_value());
  const auto text = read_file(path(), 1 << 20);
  ASSERT_TRUE(text.has_value());
  const std::string written(text->begin(), text->end());
  EXPECT_THAT(
      written,
      HasSubstr(
          "\"to\": 25088, \"doubt\": \"never moves and never looks like a face at full size\", \"boxes\""));
  EXPECT_EQ(written.find("doubt"), written.rfind("doubt")) << "what moves is not doubted";
  const auto file = read_tracks(path());
  ASSERT_TRUE(file.has_value()) << file.error().message;
  EXPECT_EQ(file->videos[0].frames.size(), 50U);
}

TEST_F(TracksFileTest, WhatIsWrittenIsRead) {
  auto writer = TracksWriter::create(path(), header());
  ASSERT_TRUE(writer.has_value());
  const Origin origins[] = {Origin::detected, Origin::tracked, Origin::interpolated};
  for (std::int64_t i = 0; i < 6; ++i) {
    FrameTracks frame{i * 512, {}};
    const auto at = static_cast<float>(i);
    frame.boxes.push_back({1, {10.5F + at, -3, 20, 30.3F}, 0.9F, origins[i % 3]});
    if (i >= 2 && i < 4) frame.boxes.push_back({2, {100, 50, 8.2F, 9}, 0.4F, Origin::tracked});
    ASSERT_TRUE(writer->add(frame).has_value());
  }
  ASSERT_TRUE(writer->commit(false).has_value());
  const auto file = read_tracks(path());
  ASSERT_TRUE(file.has_value()) << file.error().message;
  EXPECT_EQ(file->videos[0].header.file, header().file);
  EXPECT_EQ(file->videos[0].header.size, header().size);
  EXPECT_EQ(file->videos[0].header.frame_rate, header().frame_rate);
  EXPECT_EQ(file->videos[0].header.time_base, header().time_base);
  EXPECT_EQ(file->videos[0].header.detector, header().detector);
  ASSERT_EQ(file->videos[0].frames.size(), 6U);
  EXPECT_EQ(file->videos[0].frames.at(512).size(), 1U);
  EXPECT_EQ(file->videos[0].frames.at(1024).size(), 2U);
  EXPECT_EQ(file->videos[0].frames.at(512)[0].box, (media::Box{11.5F, -3, 20, 30.3F}));
  EXPECT_EQ(file->videos[0].frames.at(512)[0].origin, Origin::tracked);
  EXPECT_FLOAT_EQ(file->videos[0].frames.at(512)[0].score, 0.9F);
}

TEST_F(TracksFileTest, AClipWithoutFacesIsAFileToo) {
  auto writer = TracksWriter::create(path(), header());
  ASSERT_TRUE(writer.has_value());
  ASSERT_TRUE(writer->commit(false).has_value());
  const auto file = read_tracks(path());
  ASSERT_TRUE(file.has_value()) << file.error().message;
  EXPECT_TRUE(file->videos[0].frames.empty());
}

TEST_F(TracksFileTest, NothingAppearsBeforeCommit) {
  {
    auto writer = TracksWriter::create(path(), header());
    ASSERT_TRUE(writer.has_value());
    EXPECT_FALSE(fs::exists(path()));
  }
  EXPECT_TRUE(fs::is_empty(path().parent_path()));
}

TEST_F(TracksFileTest, EditedFilesMayLeaveOutWhatIsOnlyForTheRecord) {
  const auto file = parse_tracks(with_box(R"({"pts":3,"box":[5,6,7,8]})"), "edited.json");
  ASSERT_TRUE(file.has_value()) << file.error().message;
  EXPECT_EQ(file->videos[0].frames.at(3)[0].track, 7);
  EXPECT_EQ(file->videos[0].frames.at(3)[0].score, 1);
}

TEST_F(TracksFileTest, ErrorsNameLineTrackAndField) {
  EXPECT_EQ(complaint_of(with_box(R"({"pts":1,"box":[1,2,3,4],"score":1.7})")),
            "edited.json: line 5: track 7: box 2: 'score' is 1.7; it must lie between 0 and 1");
  EXPECT_THAT(complaint_of(with_box(R"({"pts":1,"box":[1,2,0,4]})")),
              HasSubstr("track 7: box 2: 'box' has 0 for the width"));
  EXPECT_THAT(complaint_of(with_box(R"({"pts":1,"box":[1,2,3]})")), HasSubstr("'box' has 3 numbers"));
  EXPECT_THAT(complaint_of(with_box(R"({"pts":1,"box":[1,2,3,4,5]})")), HasSubstr("more than 4 numbers"));
  EXPECT_THAT(complaint_of(with_box(R"({"pts":1,"box":[1e300,2,3,4]})")), HasSubstr("for x"));
  EXPECT_THAT(complaint_of(with_box(R"({"pts":0,"box":[1,2,3,4]})")), HasSubstr("'pts' is 0, not after 0"));
  EXPECT_THAT(complaint_of(with_box(R"({"box":[1,2,3,4]})")), HasSubstr("a box lacks 'pts'"));
  EXPECT_THAT(complaint_of(with_box(R"({"pts":1.5,"box":[1,2,3,4]})")), HasSubstr("'pts' is not the kind"));
  EXPECT_THAT(complaint_of(with_box(R"({"pts":1,"box":[1,2,3,4],"colour":3})")),
              HasSubstr("no field 'colour'"));
  EXPECT_THAT(complaint_of(with_box(R"({"pts":1,"pts":2,"box":[1,2,3,4]})")),
              HasSubstr("'pts' stands twice"));
  EXPECT_THAT(complaint_of(with_box(R"({"pts":1,"box":[1,2,3,4],"origin":"guess"})")),
              HasSubstr("'origin' is 'guess'"));
  EXPECT_THAT(complaint_of(with_box(R"({"pts":11,"box":[1,2,3,4]})")), HasSubstr("do not span"));
}

TEST_F(TracksFileTest, DamagedTextIsRefusedWithItsLine) {
  EXPECT_THAT(complaint_of(""), HasSubstr("ends in the middle"));
  EXPECT_THAT(complaint_of("{\n\n  nonsense"), HasSubstr("line 3"));
  EXPECT_THAT(complaint_of(with_box(R"({"pts":3,"box":[5,6,7,8]})") + "\n{}"), HasSubstr("line 6"));
  EXPECT_THAT(complaint_of(with_box(R"({"pts":3,"box":[5,6,)")), HasSubstr("line 5"));
  EXPECT_THAT(complaint_of("[1]"), HasSubstr("line 1"));
  EXPECT_THAT(complaint_of(R"({"format":"other"})"), HasSubstr("'format'"));
  EXPECT_THAT(complaint_of(R"({"format":"sightline-tracks","version":3})"), HasSubstr("versions 1 and 2"));
  EXPECT_THAT(complaint_of(R"({"settings":{"a":)" + std::string(10'000, '[')), HasSubstr("too many levels"));
  EXPECT_THAT(complaint_of(R"({"detector":")" + std::string(10'000, 'a') + "\"}"), HasSubstr("4096 bytes"));
}

TEST_F(TracksFileTest, SizesAreBounded) {
  TracksLimits limits;
  limits.boxes = 1;
  const auto many = parse_tracks(with_box(R"({"pts":3,"box":[5,6,7,8]})"), "edited.json", limits);
  ASSERT_FALSE(many.has_value());
  EXPECT_THAT(many.error().message, HasSubstr("more than 1 boxes"));
  limits.bytes = 10;
  EXPECT_EQ(parse_tracks(with_box(""), "edited.json", limits).error().kind, ErrorKind::too_large);
}

TEST_F(TracksFileTest, LookupFindsBoxesByTimeAndTellsWhatWasNeverShown) {
  auto file = parse_tracks(with_box(R"({"pts":3,"box":[5,6,7,8]})"), "edited.json");
  ASSERT_TRUE(file.has_value());
  TracksLookup lookup(std::move(*file));
  media::VideoInfo info;
  info.stored_size = {640, 360};
  info.time_base = {2, 50};
  EXPECT_TRUE(lookup.bind({&info, 1}, "edited.json").has_value());
  EXPECT_EQ(lookup.at(1, 0).boxes.size(), 1U);
  EXPECT_TRUE(lookup.at(1, 1).boxes.empty());
  EXPECT_EQ(lookup.never_shown(), std::vector<std::int64_t>{3});
  info.stored_size = {1280, 720};
  EXPECT_THAT(lookup.bind({&info, 1}, "edited.json").error().message, HasSubstr("1280x720"));
  info.stored_size = {640, 360};
  info.time_base = {1, 90000};
  EXPECT_THAT(lookup.bind({&info, 1}, "edited.json").error().message, HasSubstr("1/90000"));
}

/// A clip of two video tracks: a wide one and a small one that counts time otherwise.
std::vector<media::VideoInfo> two_videos() {
  std::vector<media::VideoInfo> videos(2);
  videos[0].stored_size = {640, 360};
  videos[0].time_base = {1, 12800};
  videos[1].stored_size = {320, 240};
  videos[1].time_base = {1, 90000};
  for (int i = 0; i < 2; ++i) {
    videos[static_cast<std::size_t>(i)].track = i + 1;
    videos[static_cast<std::size_t>(i)].tracks = 2;
  }
  return videos;
}

TEST_F(TracksFileTest, SeveralVideoTracksStandOneAfterTheOther) {
  const auto videos = two_videos();
  auto writer = TracksWriter::create(path(), TracksHeader::of(videos[0], "a.mp4", "detector"));
  ASSERT_TRUE(writer.has_value());
  ASSERT_TRUE(writer->add({0, {{1, {1, 2, 3, 4}, 0.9F, Origin::detected}}}).has_value());
  ASSERT_TRUE(writer->next_video(TracksHeader::of(videos[1], "a.mp4", "detector")).has_value());
  ASSERT_TRUE(writer->add({0, {{2, {5, 6, 7, 8}, 0.9F, Origin::detected}}}).has_value());
  ASSERT_TRUE(writer->commit(false).has_value());
  auto file = read_tracks(path());
  ASSERT_TRUE(file.has_value()) << file.error().message;
  ASSERT_EQ(file->videos.size(), 2U);
  EXPECT_EQ(file->videos[1].header.size, (media::Size{320, 240}));
  EXPECT_EQ(file->videos[1].header.detector, "detector");
  TracksLookup lookup(std::move(*file));
  ASSERT_TRUE(lookup.bind(videos, "a.json").has_value());
  EXPECT_EQ(lookup.at(1, 0).boxes.at(0).track, 1);
  EXPECT_EQ(lookup.at(2, 0).boxes.at(0).track, 2);
  EXPECT_TRUE(lookup.never_shown().empty());
}

TEST_F(TracksFileTest, BoxesOfOneVideoTrackAreNotTakenForAnothers) {
  const auto videos = two_videos();
  auto file = parse_tracks(with_box(R"({"pts":3,"box":[5,6,7,8]})"), "edited.json");
  ASSERT_TRUE(file.has_value());
  EXPECT_THAT(TracksLookup(*file).bind(videos, "edited.json").error().message,
              HasSubstr("which boxes are of video track 1, one of 2 in the clip"));
  file->videos[0].header.time_base = {1, 12800};
  EXPECT_TRUE(TracksLookup(*file).bind({videos.data(), 1}, "edited.json").has_value());
  const std::string source = R"("source":{"file":"a","width":1,"height":1,"time_base":"1/25"},"tracks":[])";
  const std::string head = R"({"format":"sightline-tracks","version":2,)";
  EXPECT_THAT(complaint_of(head + R"("videos":[]})"), HasSubstr("'videos' is empty"));
  EXPECT_THAT(complaint_of(head + source + "}"), HasSubstr("lacks 'videos'"));
  EXPECT_THAT(complaint_of(head + R"("videos":[{"video":1,)" + source + "}]," + source + "}"),
              HasSubstr("'source' is not the kind"));
  EXPECT_THAT(complaint_of(head + R"("videos":[{"video":1,)" + source + R"(},{"video":1,)" + source + "}]}"),
              HasSubstr("video track 1 stands twice"));
}

}  // namespace
}  // namespace sightline::tracking
