#include <gmock/gmock.h>

#include "cloud/buckets/buckets_test_fixture.h"

namespace sightline::buckets {
namespace {

using test::kAccount;
using test::problem;
using testing::ElementsAre;

class ListingTest : public test::BucketsTest {
 protected:
  void SetUp() override {
    BucketsTest::SetUp();
    make_bucket();
    make_bucket("other");
    for (const char* key : {"b/1", "a", "b/2/x", "c", "b", "\xc3\xa4", "B/x", "b/2/y", "b0"})
      ASSERT_TRUE(put(key, key));
    ASSERT_TRUE(buckets_->put(name("not here", "other"), content("x"), {}));
  }
  Listing list(const ListQuery& query) {
    auto listing = buckets_->list(kAccount, "pictures", query);
    EXPECT_TRUE(listing);
    return *std::move(listing);
  }
  /// Keys, and prefixes in brackets, page by page; each page in its order.
  std::vector<std::string> all(ListQuery query) {
    std::vector<std::string> out;
    for (int pages = 0; pages < 20; ++pages) {
      const Listing page = list(query);
      EXPECT_LE(page.objects.size() + page.prefixes.size(), query.limit);
      std::vector<std::string> items;
      for (const ObjectInfo& object : page.objects) items.push_back(object.key);
      for (const std::string& prefix : page.prefixes) items.push_back("[" + prefix + "]");
      out.insert(out.end(), items.begin(), items.end());
      if (!page.next) return out;
      EXPECT_EQ(items.size(), query.limit) << "a page that is not the last is full";
      query.after = *page.next;
    }
    ADD_FAILURE() << "the pages do not end";
    return out;
  }
};

TEST_F(ListingTest, KeysAreInTheOrderOfTheirBytes) {
  EXPECT_THAT(all({}), ElementsAre("B/x", "a", "b", "b/1", "b/2/x", "b/2/y", "b0", "c", "\xc3\xa4"));
  EXPECT_EQ(list({}).objects.at(1).size, 1U);
  EXPECT_EQ(list({}).objects.at(1).etag, "0cc175b9c0f1b6a831c399e269772661");
}

TEST_F(ListingTest, PrefixesAndDelimitersGroup) {
  ListQuery query{.prefix = "b", .delimiter = "", .after = ""};
  EXPECT_THAT(all(query), ElementsAre("b", "b/1", "b/2/x", "b/2/y", "b0"));
  query = {.prefix = "", .delimiter = "/", .after = ""};
  EXPECT_THAT(all(query), ElementsAre("a", "b", "b0", "c", "\xc3\xa4", "[B/]", "[b/]"));
  query = {.prefix = "b/", .delimiter = "/", .after = ""};
  EXPECT_THAT(all(query), ElementsAre("b/1", "[b/2/]"));
  query = {.prefix = "b/2/", .delimiter = "/", .after = ""};
  EXPECT_THAT(all(query), ElementsAre("b/2/x", "b/2/y"));
  query = {.prefix = "none", .delimiter = "/", .after = ""};
  EXPECT_THAT(all(query), ElementsAre());
}

TEST_F(ListingTest, PagesOfEverySizeAgree) {
  for (const char* delimiter : {"", "/", "2/"}) {
    for (const char* prefix : {"", "b", "b/"}) {
      ListQuery query{.prefix = prefix, .delimiter = delimiter, .after = ""};
      std::vector<std::string> whole = all(query);
      std::ranges::sort(whole);
      for (query.limit = 1; query.limit < 10; ++query.limit) {
        std::vector<std::string> pages = all(query);
        std::ranges::sort(pages);
        EXPECT_EQ(pages, whole) << query.limit << " by '" << delimiter << "' below '" << prefix << "'";
      }
    }
  }
}

TEST_F(ListingTest, StartsAfterAKey) {
  ListQuery query{.prefix = "", .delimiter = "", .after = "b/2/x"};
  EXPECT_THAT(all(query), ElementsAre("b/2/y", "b0", "c", "\xc3\xa4"));
  query = {.prefix = "b/", .delimiter = "", .after = "a"};
  EXPECT_THAT(all(query), ElementsAre("b/1", "b/2/x", "b/2/y"));
  query = {.prefix = "a", .delimiter = "", .after = "b"};
  EXPECT_THAT(all(query), ElementsAre());
}

TEST_F(ListingTest, PassesOverManyKeysBelowAPrefix) {
  for (int i = 0; i < 70; ++i) ASSERT_TRUE(put("b/many/" + std::to_string(i), "x"));
  ListQuery query{.prefix = "b/", .delimiter = "/", .after = ""};
  EXPECT_THAT(all(query), ElementsAre("b/1", "[b/2/]", "[b/many/]"));
  query.limit = 2;
  EXPECT_TRUE(list(query).next);
}

TEST_F(ListingTest, NothingIsAskedForOrThere) {
  EXPECT_FALSE(list({.prefix = "", .delimiter = "", .after = "", .limit = 0}).next);
  EXPECT_EQ(problem(buckets_->list(kAccount, "none", {})), Problem::no_such_bucket);
}

}  // namespace
}  // namespace sightline::buckets
