#include "sight/anonymize/picture_job.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/sha256.h"

namespace sightline::anonymize {
namespace {

/// Finds what it is given in the upright picture, which it is shown first, and remembers that one's size.
class BoxesDetector : public analysis::FaceDetector {
 public:
  explicit BoxesDetector(std::vector<media::Box> boxes) : boxes_(std::move(boxes)) {}
  Result<std::vector<analysis::Face>> detect(const analysis::PictureSource& picture,
                                             const analysis::DetectorOptions&) override {
    std::vector<analysis::Face> faces;
    if (shown.width > 0) return faces;
    shown = picture.size();
    for (const media::Box& box : boxes_) faces.push_back({box, 0.9F, 0.95F, {}});
    return faces;
  }
  [[nodiscard]] std::string identity() const override { return "fixed"; }
  media::Size shown;

 private:
  std::vector<media::Box> boxes_;
};

constexpr int kWidth = 80;
constexpr int kHeight = 60;

Bytes png() {
  media::RgbImage image{{kWidth, kHeight}, std::vector<std::uint8_t>(kWidth * kHeight * 3)};
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] = static_cast<std::uint8_t>(i * 37 % 251);
  auto file = media::Picture::from_rgb(image).encode_as(media::PictureFormat::png);
  return file ? *file : Bytes{};
}

bool same_at(const media::RgbImage& a, const media::RgbImage& b, int x, int y) {
  return std::memcmp(a.row(y) + x * 3, b.row(y) + x * 3, 3) == 0;
}

TEST(PictureJob, PaintsFacesAndRegionsAndSparesExclusions) {
  const Bytes file = png();
  BoxesDetector detector({{10, 10, 12, 16}, {50, 10, 12, 16}});
  PictureOptions options;
  options.style.kind = StyleKind::solid;
  options.style.fill_rgb = {1, 2, 3};
  options.regions = {{5, 50, 10, 5}};
  options.exclusions = {{45, 0, 30, 40}};
  const auto result = anonymize_picture(file, "test.png", &detector, options);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(detector.shown, (media::Size{kWidth, kHeight}));
  EXPECT_EQ(result->faces.size(), 2U);
  EXPECT_EQ(result->format, media::PictureFormat::png);
  EXPECT_EQ(result->size, (media::Size{kWidth, kHeight}));
  EXPECT_EQ(result->smallest_face, 13);  // enlarged to 128
  EXPECT_EQ(result->input_sha256, sha256_hex(file));
  EXPECT_EQ(result->output_sha256, sha256_hex(result->output));
  const auto before = media::decode_rgb(file, "before");
  const auto after = media::decode_rgb(result->output, "after");
  ASSERT_TRUE(before && after);
  EXPECT_FALSE(same_at(*before, *after, 16, 18));
  EXPECT_FALSE(same_at(*before, *after, 7, 52));
  EXPECT_TRUE(same_at(*before, *after, 56, 18));
  EXPECT_TRUE(same_at(*before, *after, 40, 40));
}

TEST(PictureJob, StyleNoneOnlyReports) {
  BoxesDetector detector({{10, 10, 12, 16}});
  PictureOptions options;
  options.style.kind = StyleKind::none;
  const auto result = anonymize_picture(png(), "test.png", &detector, options);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->faces.size(), 1U);
  EXPECT_TRUE(result->output.empty());
  EXPECT_TRUE(result->output_sha256.empty());
}

TEST(PictureJob, BadInputAndBadStyleAreErrors) {
  BoxesDetector detector({});
  const Bytes junk(100, 7);
  EXPECT_FALSE(anonymize_picture(junk, "junk.png", &detector, {}));
  PictureOptions options;
  options.style.margin = 99;
  const auto result = anonymize_picture(png(), "test.png", &detector, options);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::invalid_argument);
}

TEST(PictureJob, WithoutDetectorTheRegionsAloneArePainted) {
  PictureOptions options;
  options.regions = {{0, 0, 20, 20}};
  const auto result = anonymize_picture(png(), "test.png", nullptr, options);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->faces.empty());
  EXPECT_FALSE(result->output.empty());
}

}  // namespace
}  // namespace sightline::anonymize
