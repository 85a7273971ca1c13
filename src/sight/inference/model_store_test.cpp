#include "sight/inference/model_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "base/sha256.h"

namespace sightline::inference {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ModelStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "model_store_XXXXXX").string();
    folder_ = mkdtemp(name.data());
    fs::create_directories(folder_ / "user");
    fs::create_directories(folder_ / "program");
    fs::create_directories(folder_ / "weights");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const fs::path& path, const std::string& text) {
    std::ofstream(folder_ / path, std::ios::binary) << text;
  }

  void write_manifest(const fs::path& path, const std::string& name, const std::string& version) {
    const std::string weights = "weights of " + name;
    const std::string hash =
        sha256_hex({reinterpret_cast<const std::uint8_t*>(weights.data()), weights.size()});
    write(path, "name = '" + name + "'\ntask = 'face-detection'\nversion = '" + version +
                    "'\npackage = 'none'\nfile = '" + name + ".onnx'\nsha256 = '" + hash +
                    "'\nlicence = 'MIT'\nnotice = 'made up'\ndecoder = 'centerface'\n");
    write("weights/" + name + ".onnx", weights);
  }

  Result<ModelStore> open() {
    return ModelStore::open({folder_ / "user", folder_ / "program"}, {folder_ / "weights"});
  }

  fs::path folder_;
};

TEST_F(ModelStoreTest, TheQuantisedFormIsThatOfTheVeryWeights) {
  write_manifest("program/a.toml", "a", "1");
  write_manifest("program/b.toml", "b", "1");
  write_manifest("program/c.toml", "c", "1");
  std::ofstream(folder_ / "program/c.toml", std::ios::app)
      << "quantised_from = '" << open()->find("a")->sha256 << "'\n";
  const auto store = open();
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ(store->find("a")->name, "a");
  EXPECT_EQ(store->find("a", ModelForm::quantised)->name, "c");
  EXPECT_EQ(store->find("b", ModelForm::quantised)->name, "b") << "there is none";
}

TEST_F(ModelStoreTest, TheUsersManifestComesBeforeTheProgramsOwn) {
  write_manifest("program/a.toml", "a", "1");
  write_manifest("program/b.toml", "b", "1");
  write_manifest("user/a.toml", "a", "2");
  const auto store = open();
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ(store->models().size(), 2U);
  EXPECT_EQ(store->find("a")->version, "2");
  EXPECT_EQ(store->find("b")->version, "1");
}

TEST_F(ModelStoreTest, AnUnknownNameSaysHowToListThem) {
  const auto model = open()->find("nothing");
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().kind, ErrorKind::not_found);
  EXPECT_THAT(model.error().message, HasSubstr("models list"));
}

TEST_F(ModelStoreTest, FoldersThatAreNotThereHoldNothing) {
  const auto store = ModelStore::open({folder_ / "absent"}, {});
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_TRUE(store->models().empty());
}

TEST_F(ModelStoreTest, ABadManifestIsNamed) {
  write("user/bad.toml", "name = 1");
  const auto store = open();
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().message, HasSubstr("bad.toml"));
}

TEST_F(ModelStoreTest, VerifiedWeightsAreFound) {
  write_manifest("program/a.toml", "a", "1");
  const auto store = open();
  const auto path = store->weights(*store->find("a"));
  ASSERT_TRUE(path) << path.error().message;
  EXPECT_EQ(*path, folder_ / "weights" / "a.onnx");
}

TEST_F(ModelStoreTest, DamagedWeightsAreRefusedWithARemedy) {
  write_manifest("program/a.toml", "a", "1");
  write("weights/a.onnx", "weights of A");
  const auto store = open();
  const auto path = store->weights(*store->find("a"));
  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(path.error().message, HasSubstr("a.onnx"));
  EXPECT_THAT(path.error().message, HasSubstr("sightline setup"));
}

TEST_F(ModelStoreTest, MissingWeightsAreNamedWithARemedy) {
  write_manifest("program/a.toml", "a", "1");
  fs::remove(folder_ / "weights" / "a.onnx");
  const auto store = open();
  const auto path = store->weights(*store->find("a"));
  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(path.error().message, HasSubstr("sightline setup"));
}

TEST(ShippedModelsTest, EveryManifestInTheProjectIsSound) {
  const char* folder = std::getenv("SIGHTLINE_MODELS");
  ASSERT_NE(folder, nullptr);
  const auto store = ModelStore::open({folder}, {});
  ASSERT_TRUE(store) << store.error().message;
  ASSERT_FALSE(store->models().empty());
  for (const auto& model : store->models()) EXPECT_FALSE(model.notice.empty()) << model.name;
}

}  // namespace
}  // namespace sightline::inference
