#include "sight/media/webp.h"

#include <gmock/gmock.h>

#include <webp/encode.h>

#include "sight/media/picture.h"
#include "sight/media/picture_testing.h"

namespace sightline::media {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;

enum class Coding { lossy, lossless };

Bytes make_webp(const Bytes& rgba, int width, int height, Coding coding) {
  std::uint8_t* memory = nullptr;
  WebPConfig config{};
  WebPConfigInit(&config);
  config.lossless = coding == Coding::lossless;
  config.exact = 1;
  WebPPicture picture{};
  WebPPictureInit(&picture);
  picture.use_argb = config.lossless;
  picture.width = width;
  picture.height = height;
  WebPMemoryWriter writer{};
  WebPMemoryWriterInit(&writer);
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &writer;
  WebPPictureImportRGBA(&picture, rgba.data(), width * 4);
  WebPEncode(&config, &picture);
  memory = writer.mem;
  Bytes file(memory, memory + writer.size);
  WebPMemoryWriterClear(&writer);
  WebPPictureFree(&picture);
  return file;
}

Bytes rgba_pattern(int width, int height) {
  Bytes rgba;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) rgba.push_back(pattern(x, y, c));
      rgba.push_back(static_cast<std::uint8_t>(x < width / 2 ? 0 : 255 - y));
    }
  }
  return rgba;
}

Bytes samples_of(Picture& picture) {
  const PlaneView view = picture.samples();
  return Bytes(view.data, view.data + view.stride * view.height);
}

TEST(Webp, LosslessKeepsEverySampleEvenInvisibleOnes) {
  const Bytes rgba = rgba_pattern(31, 19);
  auto picture = Picture::decode(make_webp(rgba, 31, 19, Coding::lossless), "a.webp").value();
  EXPECT_EQ(picture.color_model(), ColorModel::rgb_alpha);
  EXPECT_EQ(samples_of(picture), rgba);
  auto again = Picture::decode(picture.encode(MetadataPolicy::safe).value(), "again.webp").value();
  EXPECT_EQ(samples_of(again), rgba);
}

TEST(Webp, LossyStaysLossyWithExactAlpha) {
  auto picture = Picture::decode(make_webp(rgba_pattern(64, 48), 64, 48, Coding::lossy), "a.webp").value();
  const Bytes out = picture.encode(MetadataPolicy::safe).value();
  EXPECT_TRUE(holds(out, "VP8 "));
  EXPECT_FALSE(holds(out, "VP8L"));
  auto again = Picture::decode(out, "again.webp").value();
  const Bytes before = samples_of(picture);
  const Bytes after = samples_of(again);
  for (std::size_t i = 3; i < before.size(); i += 4) ASSERT_EQ(after[i], before[i]);
  for (std::size_t i = 0; i < before.size(); i += 4) {
    if (before[i + 3] <= 200) continue;
    ASSERT_NEAR(after[i], before[i], 40);
  }
}

TEST(Webp, AnimationIsRefusedByName) {
  const Bytes header = joined({bytes_of("VP8X"), {10, 0, 0, 0}, {2, 0, 0, 0}, {9, 0, 0}, {9, 0, 0}});
  const Bytes animation = joined({bytes_of("ANIM"), {6, 0, 0, 0}, Bytes(6, 0)});
  const Bytes body = joined({bytes_of("WEBP"), header, animation});
  const Bytes file = joined({bytes_of("RIFF"), {static_cast<std::uint8_t>(body.size()), 0, 0, 0}, body});
  const auto picture = Picture::decode(file, "anim.webp");
  ASSERT_FALSE(picture);
  EXPECT_EQ(picture.error().kind, ErrorKind::unsupported) << picture.error().message;
  EXPECT_THAT(picture.error().message, HasSubstr("anim.webp: animated WebP"));
}

TEST(Webp, EveryTruncationIsRefused) {
  for (const Coding coding : {Coding::lossy, Coding::lossless}) {
    const Bytes file = make_webp(rgba_pattern(20, 12), 20, 12, coding);
    for (std::size_t size = 12; size < file.size(); ++size) {
      const auto picture = Picture::decode(std::span(file).first(size), "cut.webp");
      // An even number of bytes is padded to; without the padding byte nothing is missing.
      if (picture && size + 1 == file.size()) continue;
      ASSERT_FALSE(picture) << size << " of " << file.size();
      EXPECT_EQ(picture.error().kind, ErrorKind::corrupt);
    }
  }
}

}  // namespace
}  // namespace sightline::media
