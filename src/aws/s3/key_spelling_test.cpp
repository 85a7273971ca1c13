#include "aws/s3/key_spelling.h"

#include <gtest/gtest.h>

#include "aws/s3/model.h"

namespace sightline::aws::s3 {
namespace {

ListMultipartUploadsOutput uploads(const std::string& key) {
  ListMultipartUploadsOutput listing;
  listing.prefix = "a b/";
  listing.next_key_marker = key;
  listing.uploads.emplace().emplace_back().key = key;
  listing.common_prefixes.emplace().push_back({"a b/c/"});
  return listing;
}

TEST(KeySpelling, LeavesWhatXmlCarries) {
  auto listing = uploads("\u00fc &<\r\n>");
  ASSERT_TRUE(spell_keys(std::nullopt, listing));
  EXPECT_EQ(listing.uploads->front().key, "\u00fc &<\r\n>");
  EXPECT_EQ(listing.prefix, "a b/");
  EXPECT_FALSE(listing.encoding_type);
}

TEST(KeySpelling, EncodesAllWhereItIsAsked) {
  for (const std::string& key :
       {std::string("k"), std::string("\x01"), std::string("\uFFFE"), std::string("\xFF")}) {
    auto listing = uploads(key);
    ASSERT_TRUE(spell_keys("url", listing));
    EXPECT_EQ(listing.uploads->front().key, in_url_encoding(key));
    EXPECT_EQ(listing.next_key_marker, in_url_encoding(key));
    EXPECT_EQ(listing.prefix, "a%20b/");
    EXPECT_EQ(listing.common_prefixes->front().prefix, "a%20b/c/");
    EXPECT_EQ(listing.encoding_type, "url");
  }
}

TEST(KeySpelling, RefusesWhereItWouldBeNeededAndNobodyAsked) {
  for (const std::string& key : {std::string("\x01"), std::string("\uFFFE"), std::string("\xFF")}) {
    auto listing = uploads(key);
    const auto spelt = spell_keys(std::nullopt, listing);
    ASSERT_FALSE(spelt);
    EXPECT_EQ(spelt.error().code, "InvalidRequest");
  }
}

TEST(KeySpelling, LeavesOutWhatTheClientSaidAndXmlCannotCarry) {
  ListObjectsV2Output objects;
  objects.prefix = "a ";
  objects.start_after = "\uFFFF";
  objects.contents.emplace().emplace_back().key = "a b";
  ASSERT_TRUE(spell_keys(std::nullopt, objects));
  EXPECT_EQ(objects.start_after, std::nullopt);
  EXPECT_EQ(objects.prefix, "a ");
  EXPECT_EQ(objects.contents->front().key, "a b");
  EXPECT_FALSE(objects.encoding_type);
}

TEST(KeySpelling, OfOneObjectNamesTheKeyOrNone) {
  EXPECT_EQ(key_in_answer("a"), "a");
  EXPECT_EQ(key_in_answer("a\x01"), std::nullopt);
  EXPECT_EQ(key_in_answer(std::nullopt), std::nullopt);
}

}  // namespace
}  // namespace sightline::aws::s3
