#include "sight/tracking/review_page.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"
#include "sight/tracking/frame_detection.h"

namespace sightline::tracking {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

ReviewTrack sure(std::int64_t id) {
  ReviewTrack track;
  track.id = id;
  track.to = 10;
  track.frames = 250;
  track.detected = 60;
  track.longest_unseen = 5;
  track.best_score = 0.98F;
  return track;
}

TEST(ReviewPage, TheDoubtfulComeFirst) {
  ReviewTrack brief = sure(2);
  brief.to = 0.2;
  brief.frames = 5;
  ReviewTrack weak = sure(3);
  weak.best_score = 0.3F;
  ReviewTrack gappy = sure(4);
  gappy.longest_unseen = 40;
  gappy.interpolated = 100;
  for (const ReviewTrack& doubtful : {brief, weak, gappy}) EXPECT_GT(doubtful.doubt(), sure(1).doubt() + 0.1);
  const std::string html = review_html("a.mp4", {sure(1), brief, weak, gappy}, 0);
  for (const int id : {2, 3, 4})
    EXPECT_LT(html.find(fmt::format("Track {}<", id)), html.find("Track 1<")) << id;
}

TEST(ReviewPage, AThingThatNeverMovesStandsBeforeAllOtherDoubts) {
  ReviewTrack brief = sure(2);
  brief.to = 0.2;
  brief.best_score = 0.2F;
  ReviewTrack thing = sure(3);
  thing.is_doubted = true;
  const std::string html = review_html("a.mp4", {sure(1), brief, thing}, 0);
  EXPECT_LT(html.find("Track 3<"), html.find("Track 2<"));
  EXPECT_THAT(html, HasSubstr("never moves and never looks like a face at full size"));
}

TEST(ReviewPage, NamesAreEscapedAndNothingIsLoadedFromElsewhere) {
  const std::string html = review_html("<script>alert(\"x\")</script>&'.mp4", {sure(1)}, 0);
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;.mp4"));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("http://")));
  EXPECT_THAT(html, Not(HasSubstr("https://")));
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  EXPECT_THAT(html, HasSubstr("shows faces in the clear"));
}

TEST(ReviewPage, PicturesAreBase64) {
  ReviewTrack track = sure(1);
  track.thumbnails = {{0, {'M', 'a', 'n'}, Origin::detected},
                      {1, {'M', 'a'}, Origin::tracked},
                      {2, {'M'}, Origin::interpolated}};
  const std::string html = review_html("a.mp4", {track}, 0);
  EXPECT_THAT(html, HasSubstr("base64,TWFu\""));
  EXPECT_THAT(html, HasSubstr("base64,TWE=\""));
  EXPECT_THAT(html, HasSubstr("base64,TQ==\""));
}

class ReviewCollectorTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / fmt::format("review_page_test_{}", getpid());
    fs::create_directories(folder_);
    const std::string command = fmt::format(
        "ffmpeg -v error -y -f lavfi -i testsrc=s=320x180:r=25:d=2 -pix_fmt yuv420p -c:v libx264 -preset "
        "ultrafast '{}'",
        (folder_ / "clip.mp4").string());
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_F(ReviewCollectorTest, StripsAreBoundedAndThePageIsTheOwnersAlone) {
  auto reader = media::VideoReader::open(folder_ / "clip.mp4", 1);
  ASSERT_TRUE(reader.has_value()) << reader.error().message;
  ReviewLimits limits;
  limits.tracks = 5;
  ReviewCollector collector(reader->info(), "clip.mp4", limits);
  std::int64_t index = 0;
  for (;; ++index) {
    auto frame = reader->next();
    ASSERT_TRUE(frame.has_value());
    if (!*frame) break;
    FrameTracks tracks{(*frame)->pts(), {}};
    tracks.boxes.push_back({1, {300, 100, 30, 40}, 0.9F, Origin::detected});  // reaches beyond the picture
    tracks.boxes.push_back({10 + index / 4, {-20, -20, 60, 60}, 0.5F, Origin::tracked});
    ASSERT_TRUE(collector.add(**frame, tracks).has_value());
  }
  ASSERT_EQ(index, 50);
  const fs::path page = folder_ / "review.html";
  ASSERT_TRUE(collector.write(page, false).has_value());
  struct stat info{};
  ASSERT_EQ(::stat(page.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  const auto bytes = read_file(page, 10'000'000);
  ASSERT_TRUE(bytes.has_value());
  const std::string html(bytes->begin(), bytes->end());
  EXPECT_THAT(html, HasSubstr("14 face tracks"));
  EXPECT_THAT(html, HasSubstr("9 of them, all surer than these, are not shown"));
  std::size_t pictures = 0;
  for (std::size_t at = html.find("<img"); at != std::string::npos; at = html.find("<img", at + 1))
    ++pictures;
  EXPECT_GE(pictures, 5U);
  EXPECT_LE(pictures, 5U * limits.thumbnails);
  EXPECT_FALSE(collector.write(page, false).has_value()) << "an existing page is not overwritten unasked";
}

TEST_F(ReviewCollectorTest, TrackerCoversAClipReadFromAFile) {
  auto reader = media::VideoReader::open(folder_ / "clip.mp4", 1);
  ASSERT_TRUE(reader.has_value());
  analysis::Face face;
  face.box = {100, 60, 40, 50};
  face.score = face.confidence = 0.9F;
  auto tracker = FaceTracker::create(
      tracker_options(analysis::Scope::balanced), reader->info().orientation,
      [&](const media::VideoFrame&, std::int64_t, Pass) -> Result<std::vector<analysis::Face>> {
        return std::vector<analysis::Face>{face};
      });
  std::vector<CoveredFrame> covered;
  for (;;) {
    auto frame = reader->next();
    ASSERT_TRUE(frame.has_value());
    auto done = *frame ? tracker->push(std::move(**frame)) : tracker->finish();
    ASSERT_TRUE(done.has_value());
    for (CoveredFrame& item : *done) covered.push_back(std::move(item));
    if (!*frame) break;
  }
  ASSERT_EQ(covered.size(), 50U);
  for (std::size_t i = 0; i < covered.size(); ++i) {
    EXPECT_FALSE(covered[i].frame.empty());
    EXPECT_EQ(covered[i].tracks.pts, covered[i].frame.pts());
    EXPECT_FALSE(covered[i].tracks.boxes.empty()) << i;
  }
}

}  // namespace
}  // namespace sightline::tracking
