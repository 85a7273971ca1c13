#include "app/cli/demo_clip.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "sight/media/picture.h"
#include "sight/media/video_reader.h"

namespace sightline::cli {
namespace {

class DemoClipTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("demo_clip." + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

TEST_F(DemoClipTest, IsAClipThatPlaysEightSeconds) {
  media::RgbImage image{{64, 64}, std::vector<std::uint8_t>(64 * 64 * 3, 90)};
  const auto png = media::Picture::from_rgb(image).encode_as(media::PictureFormat::png);
  ASSERT_TRUE(png);
  std::ofstream(folder_ / "astronaut.png", std::ios::binary)
      .write(reinterpret_cast<const char*>(png->data()), static_cast<std::streamsize>(png->size()));
  const auto clip = folder_ / "demo.mp4";
  double done = 0;
  const auto made = make_demo_clip(folder_, clip, {}, [&](double share) { done = share; });
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_DOUBLE_EQ(done, 1);

  auto reader = media::VideoReader::open(clip);
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ(reader->info().displayed_size(), (media::Size{1280, 720}));
  EXPECT_EQ(reader->info().codec, "h264");
  const double tick = reader->info().time_base.value();
  int frames = 0;
  double last = 0;
  for (;; ++frames) {
    const auto frame = reader->next();
    ASSERT_TRUE(frame) << frame.error().message;
    if (!*frame) break;
    last = static_cast<double>((*frame)->pts()) * tick;
  }
  EXPECT_EQ(frames, 240);
  EXPECT_NEAR(last, 239 / 30.0, 0.001);
  EXPECT_EQ(reader->damage(), "");
}

TEST_F(DemoClipTest, WithoutPicturesNothingIsLeftBehind) {
  const auto made = make_demo_clip(folder_, folder_ / "demo.mp4", {}, {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::not_found);
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(DemoClipTest, StopsWhenAsked) {
  std::stop_source stop;
  media::RgbImage image{{8, 8}, std::vector<std::uint8_t>(8 * 8 * 3, 90)};
  const auto png = media::Picture::from_rgb(image).encode_as(media::PictureFormat::png);
  ASSERT_TRUE(png);
  std::ofstream(folder_ / "astronaut.png", std::ios::binary)
      .write(reinterpret_cast<const char*>(png->data()), static_cast<std::streamsize>(png->size()));
  const auto made =
      make_demo_clip(folder_, folder_ / "demo.mp4", stop.get_token(), [&](double) { stop.request_stop(); });
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::cancelled);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "demo.mp4"));
}

}  // namespace
}  // namespace sightline::cli
