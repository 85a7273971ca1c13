#include "sight/objects/ssd.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "sight/objects/coco_classes.h"

namespace sightline::objects {
namespace {

constexpr media::Size kInput{300, 300};

/// The maps of a network that sees nothing, to be written into.
class Maps {
 public:
  Maps() {
    constexpr std::array<std::int64_t, kLevels> kSides{19, 10, 5, 3, 2, 1};
    for (std::size_t i = 0; i < kLevels; ++i) {
      const std::int64_t anchors = i == 0 ? 3 : 6;
      add({1, anchors * 4, kSides.at(i), kSides.at(i)}, 0);
      add({1, anchors * 91, kSides.at(i), kSides.at(i)}, -20);
    }
  }

  float& at(std::size_t map, std::int64_t channel, std::int64_t row, std::int64_t column) {
    const auto& shape = shapes_[map];
    return values_[map][static_cast<std::size_t>((channel * shape[2] + row) * shape[3] + column)];
  }

  std::vector<std::int64_t>& shape(std::size_t map) { return shapes_[map]; }

  [[nodiscard]] std::vector<inference::Tensor> tensors() const {
    std::vector<inference::Tensor> all;
    for (std::size_t i = 0; i < shapes_.size(); ++i) all.push_back({shapes_[i], values_[i]});
    return all;
  }

 private:
  void add(std::vector<std::int64_t> shape, float value) {
    values_.emplace_back(static_cast<std::size_t>(shape[1] * shape[2] * shape[3]), value);
    shapes_.push_back(std::move(shape));
  }
  std::vector<std::vector<std::int64_t>> shapes_;
  std::vector<std::vector<float>> values_;
};

TEST(SsdTest, AnAnchorIsWhereAndAsLargeAsTheNetworkLearned) {
  Maps maps;
  maps.at(1, 1, 9, 9) = 2;             // level 0, first anchor, category 1: 30 pixels a side, mid-picture
  maps.at(11, 5 * 91 + 77, 0, 0) = 3;  // level 5, the anchor between two scales, category 77
  const auto objects = decode_ssd(maps.tensors(), kInput, 0.5F);
  ASSERT_TRUE(objects) << objects.error().message;
  ASSERT_EQ(objects->size(), 2U);
  const RawObject& person = (*objects)[0];
  EXPECT_EQ(person.kind, kPerson);
  EXPECT_NEAR(person.score, 1 / (1 + std::exp(-2.0)), 1e-5);
  EXPECT_NEAR(person.box.center().x, 150, 1e-3);
  EXPECT_NEAR(person.box.width, 30, 1e-3);
  EXPECT_NEAR(person.box.height, 30, 1e-3);
  const RawObject& phone = (*objects)[1];
  EXPECT_EQ(phone.kind, kCellPhone);
  EXPECT_NEAR(phone.box.width, 300 * std::sqrt(0.95), 1e-2);
}

TEST(SsdTest, BoxNumbersMoveAndScaleTheAnchor) {
  Maps maps;
  maps.at(1, 91 + 3, 0, 18) = 2;  // level 0, second anchor (twice as wide as high), category 3
  maps.at(0, 4, 0, 18) = 5;       // down by half its height
  maps.at(0, 5, 0, 18) = -5;
  maps.at(0, 6, 0, 18) = 5 * std::log(2.0F);
  const auto objects = decode_ssd(maps.tensors(), kInput, 0.5F);
  ASSERT_EQ(objects->size(), 1U);
  const media::Box& box = objects->front().box;
  const float width = 60 * std::sqrt(2.0F);
  const float height = 60 / std::sqrt(2.0F);
  EXPECT_EQ(kClassNames.at(static_cast<std::size_t>(objects->front().kind)), "car");
  EXPECT_NEAR(box.center().y, 300 * 0.5F / 19 + height / 2, 1e-2);
  EXPECT_NEAR(box.center().x, 300 * 18.5F / 19 - width / 2, 1e-2);
  EXPECT_NEAR(box.width, width, 1e-2);
  EXPECT_NEAR(box.height, 2 * height, 1e-2);
}

TEST(SsdTest, BackgroundAndCategoriesWithoutNameAreNothing) {
  Maps maps;
  for (const int category : {0, 12, 26, 45, 66, 83}) maps.at(1, category, 3, 3) = 9;
  EXPECT_TRUE(decode_ssd(maps.tensors(), kInput, 0.5F)->empty());
}

TEST(SsdTest, NumbersThatAreNoneAreLeftOut) {
  Maps maps;
  maps.at(1, 1, 3, 3) = std::numeric_limits<float>::quiet_NaN();
  maps.at(1, 1, 5, 5) = 4;
  maps.at(0, 0, 5, 5) = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(decode_ssd(maps.tensors(), kInput, 0.5F)->empty());
}

TEST(SsdTest, AsManyCandidatesAsMatterAndNoMore) {
  Maps maps;
  for (std::int64_t channel = 1; channel < 91; ++channel)
    for (std::int64_t row = 0; row < 19; ++row)
      for (std::int64_t column = 0; column < 19; ++column) maps.at(1, channel, row, column) = 1;
  maps.at(1, 1, 7, 7) = 5;
  const auto objects = decode_ssd(maps.tensors(), kInput, 0.1F);
  EXPECT_EQ(objects->size(), kMaxCandidates);
  EXPECT_GT(suppress_overlaps(*objects, 0.5F).front().score, 0.99F);
}

TEST(SsdTest, MapsOfAnotherNetworkAreRefused) {
  EXPECT_EQ(decode_ssd({}, kInput, 0.5F).error().kind, ErrorKind::unavailable);
  for (const std::size_t map : {0U, 1U, 11U}) {
    Maps maps;
    maps.shape(map)[1] -= 1;
    EXPECT_EQ(decode_ssd(maps.tensors(), kInput, 0.5F).error().kind, ErrorKind::unavailable);
    Maps others;
    others.shape(map).pop_back();
    EXPECT_EQ(decode_ssd(others.tensors(), kInput, 0.5F).error().kind, ErrorKind::unavailable);
  }
}

TEST(SuppressionTest, OneBoxAThingButThingsOfAnotherKindStay) {
  const media::Box box{10, 10, 50, 50};
  const media::Box near{12, 10, 50, 50};
  const std::vector<RawObject> all{
      {0, box, 0.5F}, {0, near, 0.9F}, {1, box, 0.4F}, {0, {200, 0, 50, 50}, 0.3F}};
  auto kept = suppress_overlaps(all, 0.5F);
  ASSERT_EQ(kept.size(), 3U);
  EXPECT_EQ(kept[0].box, near);
  EXPECT_EQ(kept[1].kind, 1);
  EXPECT_EQ(suppress_overlaps({all.rbegin(), all.rend()}, 0.5F).size(), 3U);
}

TEST(CocoClassesTest, NumbersWithGapsBecomeClassesWithout) {
  EXPECT_EQ(class_of_category(1), 0);
  EXPECT_EQ(class_of_category(11), 10);
  EXPECT_EQ(class_of_category(12), std::nullopt);
  EXPECT_EQ(class_of_category(13), 11);
  EXPECT_EQ(class_of_category(77), kCellPhone);
  EXPECT_EQ(class_of_category(90), 79);
  EXPECT_EQ(class_of_category(0), std::nullopt);
  EXPECT_EQ(class_of_category(91), std::nullopt);
  EXPECT_EQ(kClassNames[79], "toothbrush");
}

}  // namespace
}  // namespace sightline::objects
