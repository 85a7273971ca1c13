#include <gmock/gmock.h>

#include "cloud/buckets/buckets_test_fixture.h"

namespace sightline::buckets {
namespace {

using test::BucketsTest;
using test::kAccount;
using test::problem;

TEST_F(BucketsTest, CopiesShareTheirBytesAndOutliveTheirSource) {
  make_bucket();
  make_bucket("other");
  PutOptions options;
  options.attributes.content_type = "text/plain";
  ASSERT_TRUE(put("key", "content", options));
  CopyOptions copy;
  const auto same = buckets_->copy(name("key"), name("copy", "other"), copy);
  ASSERT_TRUE(same) << same.error().error.message;
  EXPECT_EQ(same->attributes.content_type, "text/plain");
  copy.attributes = Attributes{.content_type = "image/png"};
  ASSERT_TRUE(buckets_->copy(name("key"), name("key"), copy)) << "onto itself";
  EXPECT_EQ(buckets_->find(name("key"))->attributes.content_type, "image/png");
  EXPECT_EQ(blob_files(), 1U);
  ASSERT_TRUE(buckets_->remove(name("key")));
  EXPECT_EQ(get(name("copy", "other")), "content");
  ASSERT_TRUE(buckets_->remove(name("copy", "other")));
  EXPECT_EQ(blob_files(), 0U);
  EXPECT_THAT(events(),
              testing::UnorderedElementsAre("0 pictures/key 7", "1 other/copy 7", "1 pictures/key 7",
                                            "3 pictures/key 0", "3 other/copy 0"));
}

TEST_F(BucketsTest, CopiesIntoAnotherRegionOrWithAnotherChecksumHaveBytesOfTheirOwn) {
  make_bucket();
  ASSERT_TRUE(buckets_->create_bucket(kAccount, "eu-west-1", "far"));
  ASSERT_TRUE(put("key", "content"));
  ASSERT_TRUE(buckets_->copy(name("key"), name("key", "far"), {}));
  CopyOptions sha;
  sha.algorithm = ChecksumAlgorithm::sha1;
  const auto other = buckets_->copy(name("key"), name("sha"), sha);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->checksum->value, "BA8G/XdAkkeNRQd09bowxdp4rMg=");
  EXPECT_EQ(blob_files(), 3U);
  ASSERT_TRUE(buckets_->remove(name("key")));
  EXPECT_EQ(get(name("key", "far")), "content");
  EXPECT_EQ(get("sha"), "content");
}

TEST_F(BucketsTest, CopiesOnConditions) {
  make_bucket();
  ASSERT_TRUE(put("key", "one"));
  CopyOptions options;
  options.source.if_none_match = "*";
  EXPECT_EQ(problem(buckets_->copy(name("key"), name("copy"), options)), Problem::precondition_failed);
  options.source = {};
  options.conditions.if_none_match = "*";
  EXPECT_TRUE(buckets_->copy(name("key"), name("copy"), options));
  EXPECT_EQ(problem(buckets_->copy(name("key"), name("copy"), options)), Problem::precondition_failed);
  EXPECT_EQ(problem(buckets_->copy(name("none"), name("copy"), {})), Problem::no_such_key);
  EXPECT_EQ(problem(buckets_->copy(name("key"), name("copy", "none"), {})), Problem::no_such_bucket);
}

}  // namespace
}  // namespace sightline::buckets
