#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sight/inference/model_store.h"

namespace sightline::inference {
namespace {

using testing::HasSubstr;

std::string manifest_text() {
  return "name = 'tiny'\n"
         "task = 'face-detection'\n"
         "version = '1.0'\n"
         "package = 'pypi:tiny==1.0'\n"
         "file = 'tiny.onnx'\n"
         "sha256 = '" +
         std::string(64, 'a') +
         "'\n"
         "licence = 'MIT'\n"
         "notice = 'made up'\n"
         "decoder = 'centerface'\n";
}

std::string without_line(std::string text, const std::string& key) {
  const auto start = text.find(key + " = ");
  return text.erase(start, text.find('\n', start) - start + 1);
}

void expect_refused(const std::string& text, const std::string& because) {
  const auto model = parse_manifest(text, "some.toml");
  ASSERT_FALSE(model) << text;
  EXPECT_EQ(model.error().kind, ErrorKind::corrupt);
  EXPECT_THAT(model.error().message, HasSubstr("some.toml"));
  EXPECT_THAT(model.error().message, HasSubstr(because));
  EXPECT_THAT(model.error().message, testing::Not(HasSubstr("\n")));
}

TEST(ManifestTest, ReadsEveryKey) {
  const auto model = parse_manifest(
      manifest_text() + "input_multiple = 16\ncalibration = [[0.1, 0.2], [0.9, 1]]\n", "some.toml");
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->name, "tiny");
  EXPECT_EQ(model->file, "tiny.onnx");
  EXPECT_EQ(model->licence, "MIT");
  EXPECT_EQ(model->input_multiple, 16);
  ASSERT_EQ(model->calibration.size(), 2U);
  EXPECT_FLOAT_EQ(model->calibration[1].second, 1.0F);
}

TEST(ManifestTest, ReadsWhatTheNetworkWantsThePictureToBe) {
  const auto model =
      parse_manifest(manifest_text() +
                         "input_layout = 'NHWC'\ninput_colors = 'BGR'\ninput_mean = [123, 117.5, 104]\n"
                         "input_scale = [1, 2, 127.5]\n",
                     "some.toml");
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->input.layout, InputLayout::nhwc);
  EXPECT_EQ(model->input.colors, InputColors::bgr);
  EXPECT_EQ(model->input.mean, (std::array<float, 3>{123, 117.5F, 104}));
  EXPECT_EQ(model->input.scale, (std::array<float, 3>{1, 2, 127.5F}));
}

TEST(ManifestTest, RefusesPicturesThatNoNetworkWants) {
  expect_refused(manifest_text() + "input_layout = 'CHWN'\n", "'input_layout' must be one of NCHW, NHWC");
  expect_refused(manifest_text() + "input_colors = 3\n", "'input_colors'");
  for (const std::string mean : {"1", "[1, 2]", "[1, 2, 3, 4]", "[1, 2, 256]", "[1, 2, nan]", "[1, 2, 'x']"})
    expect_refused(manifest_text() + "input_mean = " + mean + "\n", "'input_mean'");
  for (const std::string scale : {"[0, 1, 1]", "[-1, 1, 1]", "[1, 1, inf]"})
    expect_refused(manifest_text() + "input_scale = " + scale + "\n", "'input_scale'");
}

TEST(ManifestTest, ReadsCalibrationsOfSingleClasses) {
  const auto model = parse_manifest(
      manifest_text() + "[class_calibration]\nperson = [[0.1, 0.2]]\n'cell phone' = [[0.2, 0.3], [0.3, 1]]\n",
      "some.toml");
  ASSERT_TRUE(model) << model.error().message;
  ASSERT_EQ(model->class_calibration.size(), 2U);
  EXPECT_FLOAT_EQ(model->class_calibration.at("cell phone")[1].second, 1.0F);
  const auto presence = parse_manifest(
      manifest_text() +
          "presence_calibration = [[0.1, 0.7]]\n[class_presence_calibration]\nperson = [[0.1, 0.2]]\n",
      "some.toml");
  ASSERT_TRUE(presence) << presence.error().message;
  EXPECT_FLOAT_EQ(presence->presence_calibration.at(0).second, 0.7F);
  EXPECT_FLOAT_EQ(presence->class_presence_calibration.at("person").at(0).second, 0.2F);
  expect_refused(manifest_text() + "class_calibration = [[0.1, 0.2]]\n", "'class_calibration'");
  expect_refused(manifest_text() + "[class_calibration]\nperson = [[0.5, 0.5], [0.4, 0.6]]\n",
                 "'class_calibration'");
}

TEST(ManifestTest, OptionalKeysHaveDefaults) {
  const auto model = parse_manifest(manifest_text(), "some.toml");
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->input_multiple, 32);
  EXPECT_TRUE(model->calibration.empty());
}

TEST(ManifestTest, RefusesWhatIsMissingByName) {
  for (const std::string key :
       {"name", "task", "version", "package", "file", "sha256", "licence", "notice", "decoder"})
    expect_refused(without_line(manifest_text(), key), "'" + key + "' is missing");
}

TEST(ManifestTest, RefusesUnknownKeysByName) {
  expect_refused(manifest_text() + "colour = 'red'\n", "unknown key 'colour'");
}

TEST(ManifestTest, RefusesFilesOutsideTheModelFolder) {
  for (const std::string file : {"../tiny.onnx", "/etc/passwd", ".hidden", "a/b.onnx"})
    expect_refused(without_line(manifest_text(), "file") + "file = '" + file + "'\n", "plain file name");
}

TEST(ManifestTest, RefusesWhatIsNoHash) {
  expect_refused(without_line(manifest_text(), "sha256") + "sha256 = 'ABCD'\n", "64 lower-case hexadecimal");
}

TEST(ManifestTest, RefusesACalibrationThatFalls) {
  for (const std::string knots : {"[[0.5, 0.5], [0.4, 0.6]]", "[[0.4, 0.6], [0.5, 0.5]]", "[[0.4, 1.5]]",
                                  "[[0.4]]", "[0.4, 0.5]", "'x'", "[[nan, 0.5]]"})
    expect_refused(manifest_text() + "calibration = " + knots + "\n", "'calibration'");
}

TEST(ManifestTest, RefusesInputsThatNoNetworkTakes) {
  for (const std::string multiple : {"0", "-32", "99999999999", "1.5", "'32'"})
    expect_refused(manifest_text() + "input_multiple = " + multiple + "\n", "'input_multiple'");
}

TEST(ManifestTest, RefusesTextThatIsNoTomlAndTextThatIsTooLong) {
  expect_refused("name = ", "line 1");
  expect_refused(std::string("\0\xff\xfe garbage", 11), "bad model manifest");
  expect_refused(manifest_text() + "#" + std::string(70'000, 'x'), "larger than 64 KiB");
}

}  // namespace
}  // namespace sightline::inference
