#include "sight/anonymize/area_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <span>

#include "sight/media/clip_testing.h"

namespace sightline::anonymize {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Region area(media::Box box, clips::TimeSpan span = {}) {
  return {box, span};
}

/// The one video of the clips below.
std::span<const media::VideoInfo> small() {
  static const std::array<media::VideoInfo, 1> videos = [] {
    media::VideoInfo info;
    info.stored_size = {64, 48};
    return std::array{info};
  }();
  return videos;
}

TEST(AreaCheck, AnAreaThatTouchesThePictureIsInIt) {
  const std::array<media::Size, 1> size{{{640, 360}}};
  EXPECT_THAT(areas_outside(size, {area({0, 0, 10, 10}), area({639, 359, 50, 50}), area({-5, -5, 6, 6})},
                            {area({0, 0, 9999, 9999})}),
              IsEmpty());
}

TEST(AreaCheck, AnAreaOutsideIsNamedWithThePicturesSize) {
  const std::array<media::Size, 1> size{{{640, 360}}};
  EXPECT_THAT(
      areas_outside(size, {area({640, 0, 10, 10}), area({0, -10, 10, 10})}, {area({0, 360, 1, 1.5F})}),
      ElementsAre("--region 640,0,10,10 lies outside the picture, which has 640x360 pixels",
                  "--region 0,-10,10,10 lies outside the picture, which has 640x360 pixels",
                  "--exclude 0,360,1,1.5 lies outside the picture, which has 640x360 pixels"));
}

/// Two seconds of 25 frames each, 64x48, from 0 to 1.96 s.
const std::filesystem::path& two_seconds() {
  static const auto clip = media::test::make_clip(
      "areas.mp4", media::test::pattern("64x48", "2") + "-c:v libx264 -pix_fmt yuv420p -bf 2");
  return clip;
}

TEST(AreaCheck, AnAreaInOneOfSeveralVideosIsInTheClip) {
  const std::array<media::Size, 2> sizes{{{640, 360}, {320, 400}}};
  EXPECT_THAT(
      areas_outside(sizes, {area({0, 380, 9, 9}), area({330, 0, 9, 9})}, {area({640, 0, 9, 9})}),
      ElementsAre("--exclude 640,0,9,9 lies outside the picture, which has 640x360 and 320x400 pixels"));
}

TEST(AreaCheck, ASpanThatHoldsAFrameOfTheClipIsFine) {
  ClipOptions options;
  options.regions = {area({0, 0, 9, 9}), area({0, 0, 9, 9}, {1.95, 99}),
                     area({0, 0, 9, 9}, {std::nullopt, 0.01})};
  EXPECT_THAT(areas_not_in_clip(two_seconds(), small(), options).value().missing, IsEmpty());
}

TEST(AreaCheck, ASpanThatTheClipDoesNotHaveIsNamedWithItsTimes) {
  ClipOptions options;
  options.regions = {area({0, 0, 9, 9}, {2.0, std::nullopt}), area({70, 0, 9, 9})};
  options.exclusions = {area({0, 0, 9, 9}, {5, 6})};
  EXPECT_THAT(
      areas_not_in_clip(two_seconds(), small(), options).value().missing,
      ElementsAre(
          "--region 70,0,9,9 lies outside the picture, which has 64x48 pixels",
          "--region 0,0,9,9@2- holds no frame of the clip: its frames are shown from 0.000 to 1.960 s",
          "--exclude 0,0,9,9@5-6 holds no frame of the clip: its frames are shown from 0.000 to 1.960 s"));
}

TEST(AreaCheck, ASpanOutsideOfWhatTheOutputHoldsIsMissingToo) {
  ClipOptions options;
  options.span.to = 1;
  options.regions = {area({0, 0, 9, 9}, {1.2, 1.8})};
  EXPECT_THAT(areas_not_in_clip(two_seconds(), small(), options).value().missing,
              ElementsAre(HasSubstr("holds no frame of the clip between --from and --to")));
}

TEST(AreaCheck, AnOutputWithoutFramesIsAnError) {
  ClipOptions options;
  options.span = {3, 4};
  const auto checked = areas_not_in_clip(two_seconds(), small(), options);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::invalid_argument);
  EXPECT_THAT(checked.error().message, HasSubstr("shown from 0.000 to 1.960 s"));
}

TEST(AreaCheck, AFragmentedClipIsReadToItsEnd) {
  // Its header says nothing of the fragments to come.
  const auto clip = media::test::make_clip(
      "fragments.mp4", media::test::pattern("64x48", "2") +
                           "-c:v libx264 -pix_fmt yuv420p -g 10 -movflags frag_keyframe+empty_moov");
  ClipOptions options;
  options.regions = {area({0, 0, 9, 9}, {1.9, 5})};
  EXPECT_THAT(areas_not_in_clip(clip, small(), options).value().missing, IsEmpty());
}

TEST(AreaCheck, WhatHasNoTimesIsWatchedFrameByFrame) {
  const auto clip = media::test::make_clip(
      "areas.h264", media::test::pattern("64x48", "2") + "-c:v libx264 -pix_fmt yuv420p");
  ClipOptions options;
  options.regions = {area({0, 0, 9, 9}, {2.0, std::nullopt}), area({0, 0, 9, 9}, {1.9, 5})};
  const auto checked = areas_not_in_clip(clip, small(), options).value();
  EXPECT_FALSE(checked.times_known);
  EXPECT_THAT(checked.missing, IsEmpty());
  SpanWatch watch(options);
  for (int frame = 0; frame < 50; ++frame) watch.add(frame / 25.0);
  EXPECT_THAT(
      watch.missing(),
      ElementsAre(
          "--region 0,0,9,9@2- holds no frame of the clip: its frames are shown from 0.000 to 1.960 s"));
}

}  // namespace
}  // namespace sightline::anonymize
