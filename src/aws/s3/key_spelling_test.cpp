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
  spell_keys(std::nullopt, listing);
  EXPECT_EQ(listing.uploads->front().key, "\u00fc &<\r\n>");
  EXPECT_EQ(listing.prefix, "a b/");
  EXPECT_FALSE(listing.encoding_type);
}

TEST(KeySpelling, EncodesAllWhereItIsAskedOrNeeded) {
  for (const std::string& key :
       {std::string("k"), std::string("\x01"), std::string("\uFFFE"), std::string("\xFF")}) {
    const bool asked = key == "k";
    auto listing = uploads(key);
    spell_keys(asked ? std::optional<std::string>("url") : std::nullopt, listing);
    EXPECT_EQ(listing.uploads->front().key, in_url_encoding(key));
    EXPECT_EQ(listing.next_key_marker, in_url_encoding(key));
    EXPECT_EQ(listing.prefix, "a%20b/");
    EXPECT_EQ(listing.common_prefixes->front().prefix, "a%20b/c/");
    EXPECT_EQ(listing.encoding_type, "url");
  }
  ListObjectsV2Output objects;
  objects.start_after = "\uFFFF";
  objects.contents.emplace().emplace_back().key = "a b";
  spell_keys(std::nullopt, objects);
  EXPECT_EQ(objects.start_after, "%EF%BF%BF");
  EXPECT_EQ(objects.contents->front().key, "a%20b");
}

TEST(KeySpelling, OfOneObjectNamesTheKeyOrNone) {
  EXPECT_EQ(key_in_answer("a"), "a");
  EXPECT_EQ(key_in_answer("a\x01"), std::nullopt);
  EXPECT_EQ(key_in_answer(std::nullopt), std::nullopt);
}

}  // namespace
}  // namespace sightline::aws::s3
