// A damaged database: nothing is searched that may be another face's, and the remedy is told.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <numeric>

#include "sight/collections/face_collections.h"
#include "sight/collections/test_people.h"
#include "store/stores_test_support.h"

namespace sightline::collections {
namespace {

namespace fs = std::filesystem;
using test::kTenant;

const VectorModel kUnitModel{"recogniser-1", "unit"};
constexpr int kFaces = 200;

std::vector<float> unit_length(std::vector<float> vector) {
  const float length = std::sqrt(std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0F));
  for (float& value : vector) value /= length;
  return vector;
}

class DamageTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "damage_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    open();
    ASSERT_TRUE(collections_->create(kTenant, "crew", kUnitModel, {}));
    test::People people(1);
    for (int i = 0; i < kFaces; ++i) vectors_.push_back(unit_length(people.face()));
    std::vector<NewFace> faces;
    for (const auto& vector : vectors_) faces.push_back({{}, std::nullopt, {}, 99, vector});
    ASSERT_TRUE(collections_->add(kTenant, "crew", kUnitModel, faces));
    close();
  }
  void TearDown() override {
    close();
    fs::remove_all(folder_);
  }

  void open() {
    auto database = open_tables(*store::test::stores_that_run_twice(folder_));
    ASSERT_TRUE(database) << database.error().message;
    database_ = std::move(*database);
    auto opened = FaceCollections::open(*database_, clock_, random_);
    ASSERT_TRUE(opened) << opened.error().message;
    collections_ = std::move(*opened);
  }
  void close() {
    collections_.reset();
    database_.reset();  // with its journal moved into the file
  }
  fs::path file() const { return folder_ / "collections.db"; }

  /// Changes the stored content of a vector's slot: the collection's number, the face's id, the vector.
  void damage(int face, const std::function<void(std::string::iterator content)>& change) {
    std::ifstream in(file(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const auto stored = store_vector(*encode_vector(vectors_[static_cast<std::size_t>(face)]));
    const auto found =
        std::ranges::search(bytes, stored, {}, [](char c) { return static_cast<std::uint8_t>(c); });
    ASSERT_FALSE(found.empty());
    change(found.begin() - 24);
    std::ofstream(file(), std::ios::binary) << bytes;
  }
  void expect_refused() {
    open();
    const auto found = collections_->search(kTenant, "crew", kUnitModel, vectors_[0], {.max_results = 10});
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, ErrorKind::corrupt);
    EXPECT_THAT(found.error().message, testing::HasSubstr("from a backup"));
    EXPECT_FALSE(collections_->face_count(kTenant, "crew"));
    EXPECT_TRUE(collections_->list(kTenant, std::nullopt, 10));
  }

  fs::path folder_;
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<FaceCollections> collections_;
  std::vector<std::vector<float>> vectors_;
};

TEST_F(DamageTest, WhatIsWholeIsSearched) {
  open();
  const auto found = collections_->search(kTenant, "crew", kUnitModel, vectors_[0], {.max_results = 1});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->size(), 1U);
}

TEST_F(DamageTest, AVectorThatIsOverwritten) {
  damage(17, [](auto content) { std::fill_n(content + 24, 64, 'x'); });
  expect_refused();
}

TEST_F(DamageTest, AVectorWithOneNumberThatIsAnother) {
  // The last one: far from the largest.
  damage(17, [](auto content) { content[24 + kStoredBytes - 1] ^= 0x40; });
  expect_refused();
}

TEST_F(DamageTest, AVectorThatBelongsToAnotherFace) {
  damage(17, [](auto content) { ++content[20]; });
  expect_refused();
}

TEST_F(DamageTest, AVectorThatBelongsToACollectionThatIsNot) {
  damage(17, [](auto content) { ++content[3]; });
  expect_refused();
}

TEST_F(DamageTest, AVectorThatIsGone) {
  damage(17, [](auto content) { std::fill_n(content, 24 + kStoredBytes, '\0'); });
  expect_refused();
}

TEST_F(DamageTest, APageThatIsGone) {
  std::fstream out(file(), std::ios::binary | std::ios::in | std::ios::out);
  // Past the schema, in the midst of the vectors.
  out.seekp(static_cast<std::streamoff>(fs::file_size(file()) / 4096 / 2 * 4096));
  out << std::string(4096, '\0');
  out.close();
  expect_refused();
}

}  // namespace
}  // namespace sightline::collections
