#include "sight/inference/model_library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "base/sha256.h"

namespace sightline::inference {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ModelLibraryTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "model_library_XXXXXX").string();
    folder_ = mkdtemp(name.data());
    write("new.onnx", "better weights");
    write("new.toml", manifest("better weights"));
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const fs::path& path, const std::string& text) { std::ofstream(folder_ / path) << text; }

  static std::string manifest(const std::string& weights) {
    const std::string hash =
        sha256_hex({reinterpret_cast<const std::uint8_t*>(weights.data()), weights.size()});
    return "name = 'better'\ntask = 'face-detection'\nversion = '1'\npackage = 'none'\nfile = 'better.onnx'\n"
           "sha256 = '" +
           hash + "'\nlicence = 'MIT'\nnotice = 'made up'\ndecoder = 'centerface'\n";
  }

  Result<ModelManifest> add(Existing existing = Existing::keep) {
    return add_model(folder_ / "new.toml", folder_ / "new.onnx", installed(), existing,
                     [&](const ModelManifest&, const fs::path&) -> Result<void> {
                       ++tried_;
                       return usable_;
                     });
  }

  fs::path installed() const { return folder_ / "user" / "models"; }

  fs::path folder_;
  int tried_ = 0;
  Result<void> usable_;
};

TEST_F(ModelLibraryTest, AnAddedModelIsFoundAndWhole) {
  const auto added = add();
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(added->name, "better");
  EXPECT_EQ(tried_, 1);
  const auto store = ModelStore::open({installed()}, {installed()});
  ASSERT_TRUE(store);
  const auto all = verify_models(*store);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].state, WeightsState::whole);
  EXPECT_EQ(all[0].weights, installed() / "better.onnx");
}

TEST_F(ModelLibraryTest, WeightsOfAnotherHashAreRefusedBeforeTheyRun) {
  write("new.onnx", "other weights");
  const auto added = add();
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().kind, ErrorKind::corrupt);
  EXPECT_THAT(added.error().message, HasSubstr("new.onnx"));
  EXPECT_EQ(tried_, 0);
  EXPECT_FALSE(fs::exists(installed()));
}

TEST_F(ModelLibraryTest, AModelThatDoesNotRunIsNotInstalled) {
  usable_ = fail(ErrorKind::unavailable, "does not run");
  const auto added = add();
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().message, "does not run");
  EXPECT_FALSE(fs::exists(installed()));
}

TEST_F(ModelLibraryTest, AnExistingModelStaysUnlessReplaced) {
  ASSERT_TRUE(add());
  write("new.onnx", "best weights");
  write("new.toml", manifest("best weights"));
  const auto refused = add();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::already_exists);
  ASSERT_TRUE(add(Existing::replace));
  EXPECT_EQ(*sha256_file(installed() / "better.onnx"), *sha256_file(folder_ / "new.onnx"));
}

TEST_F(ModelLibraryTest, MissingAndDamagedWeightsAreToldApart) {
  ASSERT_TRUE(add());
  const auto store = ModelStore::open({installed()}, {installed()});
  std::ofstream(installed() / "better.onnx") << "damaged";
  EXPECT_EQ(verify_models(*store)[0].state, WeightsState::damaged);
  fs::remove(installed() / "better.onnx");
  EXPECT_EQ(verify_models(*store)[0].state, WeightsState::missing);
  EXPECT_THAT(verify_models(*store)[0].problem, HasSubstr("sightline setup"));
}

}  // namespace
}  // namespace sightline::inference
