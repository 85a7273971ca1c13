#include "sight/anonymize/clip_job.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <set>
#include <vector>

#include "base/file.h"
#include "base/sha256.h"
#include "sight/clips/clip_journal.h"

namespace sightline::anonymize {
namespace {
namespace fs = std::filesystem;

/// Finds one face at the same place in every frame.
class FixedDetector : public analysis::FaceDetector {
 public:
  Result<std::vector<analysis::Face>> detect(const analysis::PictureSource&,
                                             const analysis::DetectorOptions&) override {
    ++calls;
    return std::vector<analysis::Face>{{{40, 30, 24, 32}, 0.9F, 0.95F, {}}};
  }
  [[nodiscard]] std::string identity() const override { return name; }
  std::atomic<int> calls = 0;
  std::string name = "fixed";
};

class ClipJobTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "sightline-job-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    input_ = folder_ / "in.mp4";
    const std::string command =
        "ffmpeg -v error -f lavfi -i testsrc2=s=128x96:r=25 -f lavfi -i sine -t 9.2 -c:v libx264 -preset "
        "ultrafast " +
        input_.string();
    ASSERT_EQ(std::system(command.c_str()), 0);
    options_.encoder.preset = "veryfast";
    options_.encoder.threads = 1;
    options_.frames_per_chunk = 64;
  }
  void TearDown() override { fs::remove_all(folder_); }

  Result<ClipResult> run(const fs::path& output, std::stop_token stop = {}) {
    return anonymize_clip(input_, output, &detector_, options_, observer_, std::move(stop));
  }
  /// Runs until `frames` frames have come out, then stops.
  void run_until(const fs::path& output, std::int64_t frames) {
    std::stop_source stop;
    observer_.frame = [&, seen = std::int64_t{0}](const tracking::CoveredFrame&) mutable -> Result<void> {
      if (++seen == frames) stop.request_stop();
      return {};
    };
    const auto stopped = run(output, stop.get_token());
    observer_.frame = nullptr;
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
    EXPECT_FALSE(fs::exists(output));
  }

  fs::path folder_;
  fs::path input_;
  FixedDetector detector_;
  ClipOptions options_;
  ClipObserver observer_;
};

TEST_F(ClipJobTest, EveryFrameComesOutOnceInOrder) {
  std::vector<std::int64_t> indices;
  observer_.frame = [&](const tracking::CoveredFrame& frame) -> Result<void> {
    indices.push_back(frame.index);
    EXPECT_GE(frame.tracks.boxes.size(), 1U) << "frame " << frame.index;
    return {};
  };
  const auto result = run(folder_ / "out.mp4");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->frames, 230);
  ASSERT_EQ(indices.size(), 230U);
  for (std::size_t i = 0; i < indices.size(); ++i) EXPECT_EQ(indices[i], static_cast<std::int64_t>(i));
  EXPECT_LT(result->detections, 115) << "the detector must not run on every frame";
  EXPECT_FALSE(fs::exists(journal_folder(folder_ / "out.mp4")));
}

TEST_F(ClipJobTest, AStoppedRunGoesOnAndGivesTheSameBytes) {
  ASSERT_TRUE(run(folder_ / "whole.mp4"));
  const int whole_calls = detector_.calls;
  run_until(folder_ / "out.mp4", 170);
  detector_.calls = 0;
  const auto resumed = run(folder_ / "out.mp4");
  ASSERT_TRUE(resumed) << resumed.error().message;
  EXPECT_GE(resumed->resumed_chunks, 2);
  EXPECT_LT(detector_.calls, whole_calls * 2 / 3) << "recorded detections are not computed again";
  EXPECT_EQ(sha256_file(folder_ / "out.mp4").value(), sha256_file(folder_ / "whole.mp4").value());
}

TEST_F(ClipJobTest, AnotherSettingOrModelStartsAfresh) {
  run_until(folder_ / "out.mp4", 170);
  options_.style.kind = StyleKind::solid;
  EXPECT_EQ(run(folder_ / "out.mp4").value().resumed_chunks, 0);
  run_until(folder_ / "other.mp4", 170);
  detector_.name = "another model";
  EXPECT_EQ(run(folder_ / "other.mp4").value().resumed_chunks, 0);
}

TEST_F(ClipJobTest, ChunksThatWereMadeInAnotherWayAreNotTakenUp) {
  run_until(folder_ / "out.mp4", 170);
  const fs::path path = journal_folder(folder_ / "out.mp4") / "key";
  const Bytes bytes = read_file(path, 1 << 20).value();
  std::string key(bytes.begin(), bytes.end());
  const std::string ours = fmt::format("\nrevision {}\n", kChunkRevision);
  const std::size_t at = key.find(ours);
  ASSERT_NE(at, std::string::npos) << key;
  key.replace(at, ours.size(), fmt::format("\nrevision {}\n", kChunkRevision - 1));
  ASSERT_TRUE(write_file_atomically(path, Bytes(key.begin(), key.end()), true, 0600));
  EXPECT_EQ(run(folder_ / "out.mp4").value().resumed_chunks, 0);
}

TEST_F(ClipJobTest, WithoutResumptionNothingIsLeftBehind) {
  options_.resume = false;
  run_until(folder_ / "out.mp4", 170);
  EXPECT_FALSE(fs::exists(journal_folder(folder_ / "out.mp4")));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

/// A clip of two cameras: a second, smaller picture of another rate and the sound of the first.
class TwoVideosTest : public ClipJobTest {
 protected:
  void SetUp() override {
    ClipJobTest::SetUp();
    input_ = folder_ / "two.mp4";
    const std::string command =
        "ffmpeg -v error -f lavfi -i testsrc2=s=128x96:r=25 -f lavfi -i testsrc2=s=96x80:r=30 -f lavfi -i "
        "sine "
        "-map 0 -map 1 -map 2 -t 6 -c:v libx264 -preset ultrafast " +
        input_.string();
    ASSERT_EQ(std::system(command.c_str()), 0);
    options_.style.kind = StyleKind::solid;
  }
  /// The brightness of one sample in the first frame of a video track.
  static int luma_at(const fs::path& file, int track, int x, int y) {
    auto reader = media::VideoReader::open(file, 1, track);
    EXPECT_TRUE(reader) << reader.error().message;
    const auto frame = reader->next();
    EXPECT_TRUE(frame && *frame);
    return (*frame)->plane(0).row(y)[x];
  }
};

TEST_F(TwoVideosTest, BothArePaintedAndTheirFacesNumberedInOneRow) {
  std::vector<media::VideoInfo> videos;
  std::vector<std::set<std::int64_t>> ids;
  std::vector<std::int64_t> frames;
  observer_.video = [&](const media::VideoInfo& info) -> Result<void> {
    videos.push_back(info);
    ids.emplace_back();
    frames.push_back(0);
    return {};
  };
  observer_.frame = [&](const tracking::CoveredFrame& frame) -> Result<void> {
    EXPECT_EQ(frame.index, frames.back()++);
    for (const tracking::TrackedBox& box : frame.tracks.boxes) ids.back().insert(box.track);
    return {};
  };
  const auto result = run(folder_ / "out.mp4");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(frames, (std::vector<std::int64_t>{150, 180}));
  EXPECT_EQ(result->frames, 330);
  ASSERT_EQ(result->videos.size(), 2U);
  EXPECT_EQ(videos[1].stored_size, (media::Size{96, 80}));
  EXPECT_LT(*ids[0].rbegin(), *ids[1].begin());
  for (const int track : {1, 2}) {
    EXPECT_GT(luma_at(input_, track, 52, 46), 40) << "the test picture is bright there";
    EXPECT_LT(luma_at(folder_ / "out.mp4", track, 52, 46), 24) << "video track " << track;
  }
  EXPECT_FALSE(fs::exists(journal_folder(folder_ / "out.mp4")));
}

TEST_F(TwoVideosTest, ARunStoppedInEitherGivesTheSameBytes) {
  ASSERT_TRUE(run(folder_ / "whole.mp4"));
  for (const std::int64_t frame : {100, 260}) {
    run_until(folder_ / "out.mp4", frame);
    const auto resumed = run(folder_ / "out.mp4");
    ASSERT_TRUE(resumed) << resumed.error().message;
    EXPECT_EQ(resumed->resumed_chunks, frame == 100 ? 1 : 3);
    EXPECT_EQ(sha256_file(folder_ / "out.mp4").value(), sha256_file(folder_ / "whole.mp4").value());
    fs::remove(folder_ / "out.mp4");
  }
}

TEST_F(TwoVideosTest, OneMayBeAskedFor) {
  options_.video_track = 2;
  const auto result = run(folder_ / "out.mp4");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->frames, 180);
  EXPECT_EQ(result->notes.front(), "video track 1 is left out: track 2 was asked for");
  const auto info = media::VideoReader::open(folder_ / "out.mp4", 1)->info();
  EXPECT_EQ(info.tracks, 1);
  EXPECT_EQ(info.stored_size, (media::Size{96, 80}));
  options_.video_track = 3;
  options_.replace_output = true;
  EXPECT_EQ(run(folder_ / "out.mp4").error().kind, ErrorKind::invalid_argument);
}

TEST_F(TwoVideosTest, OneThatCannotBeProcessedIsAnErrorUnlessTheOtherIsAskedFor) {
  input_ = folder_ / "odd.mkv";
  const std::string command =
      "ffmpeg -v error -f lavfi -i testsrc2=s=128x96:r=25 -f lavfi -i testsrc2=s=96x80:r=25,format=yuv444p "
      "-map 0 -map 1 -t 1 -c:v libx264 -preset ultrafast " +
      input_.string();
  ASSERT_EQ(std::system(command.c_str()), 0);
  for (const auto& refused : {run(folder_ / "out.mkv"), track_clip(input_, &detector_, options_, {}, {})}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::unsupported);
    for (const char* words : {"yuv444p", "(video track 2 of 2)", "--video-track 1"})
      EXPECT_NE(refused.error().message.find(words), std::string::npos) << refused.error().message;
  }
  EXPECT_FALSE(fs::exists(folder_ / "out.mkv"));
  options_.video_track = 1;
  const auto result = run(folder_ / "out.mkv");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->notes, std::vector<std::string>{"video track 2 is left out: track 1 was asked for"});
}

TEST_F(ClipJobTest, KnownBoxesNeedNoDetector) {
  options_.known_boxes = [](int, std::int64_t) {
    return std::vector<tracking::TrackedBox>{{1, {0, 0, 32, 32}, 1, {}}};
  };
  const auto result = anonymize_clip(input_, folder_ / "out.mp4", nullptr, options_, observer_, {});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->detections, 0);
}

TEST_F(ClipJobTest, AnExistingOutputStays) {
  ASSERT_TRUE(write_file_atomically(folder_ / "out.mp4", Bytes{1, 2, 3}, false));
  const auto refused = run(folder_ / "out.mp4");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::already_exists);
  EXPECT_EQ(read_file(folder_ / "out.mp4", 10).value(), (Bytes{1, 2, 3}));
  options_.replace_output = true;
  EXPECT_TRUE(run(folder_ / "out.mp4"));
  EXPECT_EQ(run(input_).error().kind, ErrorKind::invalid_argument);
}

TEST_F(ClipJobTest, WhatTheObserverDoesNotAcceptDoesNotAppear) {
  observer_.finished = [&](const fs::path& made, const ClipResult& result) -> Result<void> {
    EXPECT_GT(fs::file_size(made), 0U);
    EXPECT_EQ(result.input_sha256, sha256_file(input_).value());
    return fail(ErrorKind::invalid_argument, "no");
  };
  EXPECT_EQ(run(folder_ / "out.mp4").error().message, "no");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

TEST_F(ClipJobTest, ASpanWithoutFramesIsAMistakeOfTheTimes) {
  options_.span.from = 100;
  const Error after = run(folder_ / "out.mp4").error();
  EXPECT_EQ(after.kind, ErrorKind::invalid_argument);
  EXPECT_NE(after.message.find("from 0.000 to 9.160 s"), std::string::npos) << after.message;
  options_.span = {std::nullopt, 0.0};
  const Error before = run(folder_ / "out.mp4").error();
  EXPECT_NE(before.message.find("its first frame is shown at 0.000 s"), std::string::npos) << before.message;
}

}  // namespace
}  // namespace sightline::anonymize
