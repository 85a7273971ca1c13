#include "sight/clips/logged_detector.h"

#include <gtest/gtest.h>

#include <utility>

namespace sightline::clips {
namespace {

using tracking::Pass;

std::vector<analysis::Face> face_at(float x) {
  return {analysis::Face{{x, 0, 1, 1}, 0.5F, 0.5F, {}}};
}

/// Knows the answers to the first questions.
class FakeLog final : public DetectionLog {
 public:
  std::vector<std::pair<std::int64_t, Pass>> known;
  std::vector<std::int64_t> recorded;
  bool full = false;

  std::optional<std::vector<analysis::Face>> replay(std::int64_t frame, Pass pass) override {
    if (at_ >= known.size() || known[at_] != std::pair(frame, pass)) return std::nullopt;
    ++at_;
    return face_at(1);
  }
  Result<void> record(std::int64_t frame, Pass, const std::vector<analysis::Face>& faces) override {
    if (full) return fail(ErrorKind::no_space, "full");
    EXPECT_EQ(faces.front().box.x, 2);
    recorded.push_back(frame);
    return {};
  }

 private:
  std::size_t at_ = 0;
};

class LoggedDetectorTest : public testing::Test {
 protected:
  tracking::DetectFunction detect() {
    return [this](const media::VideoFrame&, std::int64_t, Pass) -> Result<std::vector<analysis::Face>> {
      ++looks_;
      if (fails_) return fail(ErrorKind::internal, "no model");
      return face_at(2);
    };
  }
  FakeLog log_;
  int looks_ = 0;
  bool fails_ = false;
};

TEST_F(LoggedDetectorTest, LooksOnceTheReplayIsOver) {
  log_.known = {{0, Pass::normal}, {8, Pass::deep}};
  LoggedDetector detector(detect(), &log_);
  const media::VideoFrame frame;
  EXPECT_EQ(detector.detect(frame, 0, Pass::normal).value().front().box.x, 1);
  EXPECT_EQ(detector.detect(frame, 8, Pass::deep).value().front().box.x, 1);
  EXPECT_EQ(looks_, 0);
  EXPECT_EQ(detector.seconds(), 0);
  EXPECT_EQ(detector.detect(frame, 16, Pass::normal).value().front().box.x, 2);
  EXPECT_EQ(looks_, 1);
  EXPECT_EQ(log_.recorded, std::vector<std::int64_t>{16}) << "what was replayed is not written again";
  EXPECT_EQ(detector.runs(), 3);
  EXPECT_GT(detector.seconds(), 0);
}

TEST_F(LoggedDetectorTest, NeedsNoLog) {
  LoggedDetector detector(detect(), nullptr);
  EXPECT_EQ(detector.detect({}, 0, Pass::normal).value().front().box.x, 2);
  EXPECT_EQ(detector.runs(), 1);
}

TEST_F(LoggedDetectorTest, NoAnswerIsGivenThatIsNotWrittenDown) {
  log_.full = true;
  LoggedDetector detector(detect(), &log_);
  EXPECT_EQ(detector.detect({}, 0, Pass::normal).error().kind, ErrorKind::no_space);
  fails_ = true;
  EXPECT_EQ(detector.detect({}, 0, Pass::normal).error().kind, ErrorKind::internal);
}

}  // namespace
}  // namespace sightline::clips
