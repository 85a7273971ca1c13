#include "sight/objects/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace sightline::objects {
namespace {

using testing::ElementsAre;

std::vector<std::string_view> names(const std::vector<Label>& labels) {
  std::vector<std::string_view> all;
  for (const Label& label : labels) all.push_back(label.row->name);
  return all;
}

int class_named(std::string_view name) {
  return static_cast<int>(std::ranges::find(kClassNames, name) - kClassNames.begin());
}

TEST(LabelTableTest, EveryClassHasItsOwnLabel) {
  std::set<std::string_view> all;
  for (int kind = 0; kind < static_cast<int>(kClasses); ++kind) all.insert(label_of_class(kind).name);
  EXPECT_EQ(all.size(), kClasses);
  EXPECT_EQ(label_of_class(kPerson).name, "Person");
  EXPECT_EQ(label_of_class(kCellPhone).name, "Mobile Phone");
  EXPECT_EQ(label_of_class(class_named("toothbrush")).name, "Toothbrush");
  EXPECT_EQ(label_of_class(class_named("tv")).name, "TV");
}

TEST(LabelTableTest, WhatStandsAboveALabelIsALabelToo) {
  for (const LabelRow& row : label_rows()) {
    EXPECT_EQ(find_label(row.name), &row) << row.name << " stands there twice";
    EXPECT_FALSE(row.category.empty()) << row.name;
    const auto parents = names_in(row.parents);
    EXPECT_TRUE(std::ranges::is_sorted(parents)) << row.name;
    for (const std::string_view parent : parents) {
      const LabelRow* above = find_label(parent);
      ASSERT_NE(above, nullptr) << row.name << ": " << parent;
      for (const std::string_view ancestor : names_in(above->parents))
        EXPECT_TRUE(std::ranges::find(parents, ancestor) != parents.end())
            << row.name << " lacks " << ancestor;
    }
  }
}

TEST(LabelTableTest, AMobilePhoneIsAPhoneAndElectronics) {
  const LabelRow& row = label_of_class(kCellPhone);
  EXPECT_THAT(names_in(row.parents), ElementsAre("Electronics", "Phone"));
  EXPECT_THAT(names_in(row.aliases), ElementsAre("Cell Phone"));
  EXPECT_EQ(row.category, "Technology and Computing");
  EXPECT_TRUE(names_in("").empty());
}

TEST(LabelsTest, ThingsOfAKindAreInstancesAndTheirParentsFollow) {
  const std::vector<Object> objects{{kPerson, {0, 0, 10, 20}, 0.9F, 0.6F, 0.6F},
                                    {kCellPhone, {5, 5, 2, 4}, 0.5F, 0.9F, 0.9F},
                                    {kPerson, {30, 0, 10, 20}, 0.9F, 0.8F, 0.95F}};
  const auto labels = labels_of(objects, 0.55F);
  EXPECT_THAT(names(labels), ElementsAre("Person", "Electronics", "Mobile Phone", "Phone"));
  EXPECT_FLOAT_EQ(labels[0].confidence, 0.95F);
  ASSERT_EQ(labels[0].instances.size(), 2U);
  EXPECT_FLOAT_EQ(labels[0].instances[0].box.x, 30);
  EXPECT_FLOAT_EQ(labels[0].instances[0].confidence, 0.8F);
  EXPECT_FLOAT_EQ(labels[3].confidence, 0.9F);
  EXPECT_TRUE(labels[3].instances.empty());
}

TEST(LabelsTest, DoubtfulThingsAndDoubtfulBoxesAreLeftOut) {
  const std::vector<Object> objects{{kPerson, {0, 0, 10, 20}, 0.7F, 0.6F, 0.9F},
                                    {kPerson, {9, 0, 10, 20}, 0.5F, 0.3F, 0.8F},
                                    {kCellPhone, {5, 5, 2, 4}, 0.5F, 0.5F, 0.5F}};
  auto labels = labels_of(objects, 0.55F);
  EXPECT_THAT(names(labels), ElementsAre("Person"));
  EXPECT_EQ(labels[0].instances.size(), 1U);
  labels = labels_of(objects, 0.85F);
  ASSERT_THAT(names(labels), ElementsAre("Person"));
  ASSERT_EQ(labels[0].instances.size(), 1U) << "somebody is there, though nobody knows where exactly";
  EXPECT_FLOAT_EQ(labels[0].instances[0].confidence, 0.6F);
  EXPECT_THAT(names(labels_of(objects, 0.95F)), ElementsAre());
}

}  // namespace
}  // namespace sightline::objects
