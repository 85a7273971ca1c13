#include "sight/tracking/frame_detection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "sight/media/frame_factory.h"

namespace sightline::tracking {
namespace {

using analysis::Scope;

/// What decides which sessions a look takes.
using Asked = std::tuple<int, int, float, Scope, int>;

class NotingDetector final : public analysis::FaceDetector {
 public:
  std::set<Asked> ready;
  std::set<Asked> looked;

  Result<std::vector<analysis::Face>> detect(const analysis::PictureSource& picture,
                                             const analysis::DetectorOptions& options) override {
    looked.insert(asked(picture.size(), picture.pixel_aspect(), options));
    return std::vector<analysis::Face>();
  }
  Result<void> make_ready(media::Size size, float pixel_aspect,
                          const analysis::DetectorOptions& options) override {
    ready.insert(asked(size, pixel_aspect, options));
    return {};
  }
  std::string identity() const override { return "noting 1"; }

 private:
  static Asked asked(media::Size size, float pixel_aspect, const analysis::DetectorOptions& options) {
    return {size.width, size.height, pixel_aspect, options.scope, options.max_side};
  }
};

TEST(FrameDetection, TheSmallestFaceFollowsWhatThePassesReduceTheClipTo) {
  EXPECT_EQ(smallest_face(Scope::balanced, {640, 360}, 1), 20);
  EXPECT_EQ(smallest_face(Scope::fast, {640, 360}, 1), 27);
  EXPECT_EQ(smallest_face(Scope::thorough, {640, 360}, 1), 10);
  EXPECT_EQ(smallest_face(Scope::balanced, {1920, 1080}, 1), 30);
  EXPECT_EQ(smallest_face(Scope::balanced, {1080, 1920}, 1), 30);
  EXPECT_EQ(smallest_face(Scope::balanced, {3840, 2160}, 1), 60);
  EXPECT_EQ(smallest_face(Scope::thorough, {3840, 2160}, 1), 10);
  EXPECT_EQ(smallest_face(Scope::balanced, {1440, 1080}, 4.0F / 3), 30) << "non-square samples";
  EXPECT_EQ(smallest_face(Scope::balanced, {1920, 1080}, 1, 960), 40) << "a side of the user's own";
}

TEST(FrameDetection, WhatATrackerLooksWithIsMadeReadyAndNothingElse) {
  for (const media::Size size : {media::Size{1920, 1080}, {640, 360}, {360, 640}, {57, 33}, {4001, 333}}) {
    for (const float aspect : {1.0F, 16.0F / 11}) {
      for (const Scope scope : {Scope::fast, Scope::balanced, Scope::thorough}) {
        media::VideoInfo info;
        info.stored_size = size;
        if (aspect != 1) info.sample_aspect = {16, 11};
        NotingDetector detector;
        const TrackerOptions options = tracker_options(scope);
        ASSERT_TRUE(make_ready(detector, options, info.displayed_size(), displayed_pixel_aspect(info)));
        auto tracker = FaceTracker::create(options, info.orientation,
                                           bind_detector(detector, info, scope, options.keep_score));
        // Long enough for a pass of each kind.
        for (int i = 0; i < 40; ++i) {
          auto frame = media::make_frame(size, 8, 1, 1, i);
          ASSERT_TRUE(frame);
          ASSERT_TRUE(tracker->push(std::move(*frame)));
        }
        ASSERT_TRUE(tracker->finish());
        EXPECT_EQ(detector.looked, detector.ready) << size.width << "x" << size.height;
      }
    }
  }
}

/// Finds a face where the first pixel of what it is shown is bright.
class BrightCornerDetector final : public analysis::FaceDetector {
 public:
  Result<std::vector<analysis::Face>> detect(const analysis::PictureSource& picture,
                                             const analysis::DetectorOptions&) override {
    const media::RgbImage image = TRY(picture.rgb(picture.size()));
    if (image.pixels[0] < 128) return std::vector<analysis::Face>();
    return std::vector<analysis::Face>{{{10, 20, 60, 80}, 0.9F, 0.9F, {}}};
  }
  std::string identity() const override { return "bright corner 1"; }
};

TEST(FrameDetection, TurnedClipsAreLookedAtBothWays) {
  media::VideoInfo info;
  info.stored_size = {640, 360};
  media::RgbImage image{info.stored_size, std::vector<std::uint8_t>(640 * 360 * 3, 16)};
  const auto brighten = [&](int left, int top) {
    for (int y = top; y < top + 40; ++y)
      for (int x = left; x < left + 40; ++x) std::fill_n(image.row(y) + std::ptrdiff_t{x} * 3, 3, 235);
  };
  BrightCornerDetector detector;
  const auto detect = bind_detector(detector, info, Scope::balanced, 0.2F, 0, 2);
  const auto found = [&] {
    const auto frame = media::frame_from_rgb(image, 0).value();
    return detect(frame, 0, Pass::normal).value();
  };
  EXPECT_TRUE(found().empty());
  brighten(600, 320);  // the first pixel after two quarter turns
  const auto turned = found();
  ASSERT_EQ(turned.size(), 1U);
  EXPECT_EQ(turned[0].box, (media::Box{570, 260, 60, 80}));
  brighten(0, 0);
  EXPECT_EQ(found().size(), 2U);
}

TEST(FrameDetection, FastReducesByAThirdWithinBounds) {
  const auto side = [](int width, int height, float aspect = 1) {
    return detection_side(Scope::fast, Pass::normal, {width, height}, aspect);
  };
  EXPECT_EQ(side(320, 180), 320);
  EXPECT_EQ(side(640, 360), 480);
  EXPECT_EQ(side(360, 640), 480);
  EXPECT_EQ(side(960, 540), 640);
  EXPECT_EQ(side(1280, 720), 853);
  EXPECT_EQ(side(1920, 1080), 1280);
  EXPECT_EQ(side(3840, 2160), 1280);
  EXPECT_EQ(side(960, 720, 4.0F / 3), 853);
}

}  // namespace
}  // namespace sightline::tracking
