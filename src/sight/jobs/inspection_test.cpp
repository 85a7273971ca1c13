#include "sight/jobs/inspection.h"

#include <gtest/gtest.h>

#include "sight/jobs/jobs_test_support.h"

namespace sightline::jobs {
namespace {

class InspectionTest : public test::FirstFrameTest {
 protected:
  Shot shot(std::int64_t ms) const {
    SampledFace face{1, {0.25F, 0.25F, 0.25F, 0.25F}, 0.9F, {}, {}};
    face.landmarks = test::kFakePoints;
    return {{ms, {face}}, frame_};
  }

  test::FakeDetector detector_;
  test::FakeMesher mesher_;
};

TEST_F(InspectionTest, TellsEachSampleInItsOrderAfterTheLook) {
  FaceInspector inspector(CloserLook::brief, {detector_, mesher_}, info_);
  std::vector<std::int64_t> told;
  Inspection inspection(inspector, 2, [&](const FrameSample& sample) -> Result<void> {
    EXPECT_TRUE(sample.faces.front().details);
    told.push_back(sample.timestamp_ms);
    return {};
  });
  std::vector<std::int64_t> expected;
  for (std::int64_t ms = 0; ms < 2'000; ms += 100) {
    ASSERT_TRUE(inspection.add(shot(ms)));
    expected.push_back(ms);
  }
  ASSERT_TRUE(inspection.finish());
  EXPECT_EQ(told, expected);
}

TEST_F(InspectionTest, AnErrorEndsItAndIsTold) {
  FaceInspector inspector(CloserLook::brief, {detector_, mesher_}, info_);
  int told = 0;
  Inspection inspection(inspector, 2, [&](const FrameSample&) -> Result<void> {
    ++told;
    return fail(ErrorKind::io, "the pipe is gone");
  });
  Result<void> added;
  for (int i = 0; i < 1'000 && added; ++i) added = inspection.add(shot(i));
  ASSERT_FALSE(added) << "the stage has ended; nobody takes them";
  EXPECT_EQ(added.error().kind, ErrorKind::io);
  EXPECT_FALSE(inspection.finish());
  EXPECT_EQ(told, 1);
}

TEST_F(InspectionTest, WhoDestroysItEarlyWaitsForOneLookAtMost) {
  FaceInspector inspector(CloserLook::brief, {detector_, mesher_}, info_);
  int told = 0;
  {
    Inspection inspection(inspector, 8, [&](const FrameSample&) -> Result<void> {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      ++told;
      return {};
    });
    for (int i = 0; i < 8; ++i) ASSERT_TRUE(inspection.add(shot(i)));
  }
  EXPECT_LE(told, 2);
}

}  // namespace
}  // namespace sightline::jobs
