#include "sight/media/webp.h"

#include <gmock/gmock.h>

#include "sight/media/picture.h"
#include "sight/media/picture_testing.h"

namespace sightline::media {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;

TEST(Webp, LosslessKeepsEverySampleEvenInvisibleOnes) {
  const Bytes rgba = rgba_pattern(31, 19);
  auto picture = Picture::decode(make_webp(rgba, 31, 19, WebpKind::lossless), "a.webp").value();
  EXPECT_EQ(picture.color_model(), ColorModel::rgb_alpha);
  EXPECT_EQ(samples_of(picture), rgba);
  auto again = Picture::decode(picture.encode(MetadataPolicy::safe).value(), "again.webp").value();
  EXPECT_EQ(samples_of(again), rgba);
}

TEST(Webp, LossyStaysLossyWithExactAlpha) {
  auto picture = Picture::decode(make_webp(rgba_pattern(64, 48), 64, 48, WebpKind::lossy), "a.webp").value();
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
  for (const WebpKind coding : {WebpKind::lossy, WebpKind::lossless}) {
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
