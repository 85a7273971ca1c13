#include "app/cli/demo_scene.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <string>

#include "sight/media/picture.h"

namespace sightline::cli {
namespace {

class DemoSceneTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("demo_scene." + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void put(const char* name, std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
    media::RgbImage image{{64, 64}, {}};
    for (int i = 0; i < 64 * 64; ++i) image.pixels.insert(image.pixels.end(), {red, green, blue});
    const auto bytes = media::Picture::from_rgb(image).encode_as(media::PictureFormat::png);
    ASSERT_TRUE(bytes);
    std::ofstream(folder_ / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes->data()), static_cast<std::streamsize>(bytes->size()));
  }

  std::filesystem::path folder_;
};

/// The share of an image's pixels that are clearly more red than anything else.
double red_share(const media::RgbImage& image) {
  int red = 0;
  const int all = image.size.width * image.size.height;
  for (int i = 0; i < all; ++i) {
    const std::uint8_t* pixel = image.pixels.data() + static_cast<std::ptrdiff_t>(i) * 3;
    if (pixel[0] > pixel[1] + 60 && pixel[0] > pixel[2] + 60) ++red;
  }
  return static_cast<double>(red) / all;
}

TEST_F(DemoSceneTest, ThePortraitFillsTheFrameWhenTheCameraIsClose) {
  put("astronaut.png", 220, 30, 30);
  const auto scene = DemoScene::build(folder_);
  ASSERT_TRUE(scene) << scene.error().message;
  EXPECT_GT(red_share(scene->look(camera_at(0.46), {320, 180})), 0.9);
  const double from_afar = red_share(scene->look(camera_at(0), {320, 180}));
  EXPECT_GT(from_afar, 0.1);
  EXPECT_LT(from_afar, 0.5);
}

TEST_F(DemoSceneTest, WithoutThePortraitThereIsNoDemo) {
  put("camera.png", 220, 30, 30);
  const auto scene = DemoScene::build(folder_);
  ASSERT_FALSE(scene);
  EXPECT_EQ(scene.error().kind, ErrorKind::not_found);
  EXPECT_NE(scene.error().message.find("astronaut.png"), std::string::npos);
}

TEST_F(DemoSceneTest, ADamagedPictureIsAnError) {
  put("astronaut.png", 220, 30, 30);
  std::ofstream(folder_ / "camera.png") << "no picture";
  EXPECT_FALSE(DemoScene::build(folder_));
}

TEST(DemoCamera, MovesWithoutJumps) {
  CameraView before = camera_at(0);
  for (int i = 1; i <= 240; ++i) {
    const CameraView now = camera_at(i / 240.0);
    // A jump would look like a scene cut, which ends tracks.
    EXPECT_LT(std::hypot(now.x - before.x, now.y - before.y), before.width / 10) << i;
    EXPECT_LT(std::abs(now.width - before.width), before.width / 10) << i;
    before = now;
  }
}

}  // namespace
}  // namespace sightline::cli
