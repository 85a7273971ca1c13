#include "cloud/buckets/buckets.h"

#include <gmock/gmock.h>

#include "cloud/buckets/buckets_test_fixture.h"
#include "store/postgres_test_support.h"

namespace sightline::buckets {
namespace {

using test::BucketsTest;
using test::kAccount;
using test::kRegion;
using test::problem;
using testing::ElementsAre;

TEST(BucketsSchema, IsTakenByPostgres) {
  store::test::Postgres postgres;
  EXPECT_EQ(postgres.refuses(kBucketsSchema), "");
}

TEST(BucketName, FollowsTheRules) {
  for (const char* name : {"abc", "a-b.c", "0ab", "1.2.3.4.5",
                           "a23456789012345678901234567890123456789012345678901234567890123"})
    EXPECT_TRUE(is_bucket_name(name)) << name;
  for (const char* name :
       {"", "ab", "Abc", "a_b", "-ab", "ab-", ".ab", "a..b", "192.168.5.4", "xn--ab", "ab-s3alias", "a/b",
        "a b", "a234567890123456789012345678901234567890123456789012345678901234"})
    EXPECT_FALSE(is_bucket_name(name)) << name;
}

TEST_F(BucketsTest, BucketsComeAndGo) {
  make_bucket("b-two");
  ASSERT_TRUE(buckets_->create_bucket(kAccount, "eu-west-1", "a-one"));
  EXPECT_EQ(problem(buckets_->create_bucket(kAccount, "eu-west-1", "b-two")), Problem::bucket_exists);
  EXPECT_EQ(problem(buckets_->create_bucket(kAccount, kRegion, "B")), Problem::invalid_bucket_name);
  close_buckets();
  open_buckets();
  const auto all = buckets_->list_buckets(kAccount);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->at(0).name, "a-one");
  EXPECT_EQ(all->at(0).region, "eu-west-1");
  EXPECT_EQ(all->at(0).created, clock_.now());
  EXPECT_TRUE(buckets_->find_bucket(kAccount, "b-two"));
  EXPECT_TRUE(buckets_->delete_bucket(kAccount, "b-two"));
  EXPECT_EQ(problem(buckets_->find_bucket(kAccount, "b-two")), Problem::no_such_bucket);
  EXPECT_EQ(problem(buckets_->delete_bucket(kAccount, "b-two")), Problem::no_such_bucket);
}

TEST_F(BucketsTest, AnotherAccountSeesNothing) {
  make_bucket();
  ASSERT_TRUE(put("key", "mine"));
  EXPECT_EQ(problem(buckets_->find_bucket("111111111111", "pictures")), Problem::no_such_bucket);
  EXPECT_EQ(problem(buckets_->open({"111111111111", "pictures", "key"})), Problem::no_such_bucket);
  EXPECT_EQ(problem(buckets_->create_bucket("111111111111", kRegion, "pictures")), Problem::bucket_taken);
  EXPECT_EQ(problem(buckets_->remove({"111111111111", "pictures", "key"})), Problem::no_such_bucket);
  EXPECT_EQ(get("key"), "mine");
}

TEST_F(BucketsTest, ObjectsAreKeptWithAllThatIsTold) {
  make_bucket();
  PutOptions options;
  options.attributes = {.content_type = "image/jpeg",
                        .content_encoding = "gzip",
                        .content_disposition = "inline",
                        .content_language = "de",
                        .cache_control = "no-cache",
                        .expires = "never",
                        .metadata = {{"camera", "left"}, {"empty", ""}}};
  const auto made = put("a/b", "0123456789", options);
  ASSERT_TRUE(made) << made.error().error.message;
  close_buckets();
  open_buckets();
  const auto found = buckets_->find(name("a/b"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->etag, "781e5e245d69b566979b86e28d23f2c7");
  EXPECT_EQ(found->etag, made->etag);
  EXPECT_EQ(found->size, 10U);
  EXPECT_EQ(found->modified, clock_.now());
  EXPECT_EQ(found->attributes, options.attributes);
  EXPECT_EQ(found->checksum,
            (ObjectChecksum{ChecksumAlgorithm::crc64nvme, ChecksumType::full_object, made->checksum->value}));
  EXPECT_EQ(get("a/b"), "0123456789");
  EXPECT_EQ(get(name("a/b"), 3, 4), "3456");
  EXPECT_EQ(get(name("a/b"), 8), "89");
  EXPECT_EQ(get(name("a/b"), 10), "");
  EXPECT_EQ(problem(buckets_->open(name("a"))), Problem::no_such_key);
  EXPECT_EQ(problem(buckets_->open(name("a/b", "other"))), Problem::no_such_bucket);
  EXPECT_EQ(problem(buckets_->delete_bucket(kAccount, "pictures")), Problem::bucket_not_empty);
}

TEST_F(BucketsTest, AnEmptyObjectIsOne) {
  make_bucket();
  ASSERT_TRUE(put("empty", ""));
  EXPECT_EQ(get("empty"), "");
  EXPECT_EQ(buckets_->find(name("empty"))->etag, "d41d8cd98f00b204e9800998ecf8427e");
}

TEST_F(BucketsTest, WhatIsReplacedOrDeletedLeavesNothingBehind) {
  make_bucket();
  ASSERT_TRUE(put("key", "one"));
  ASSERT_TRUE(put("key", "two"));
  EXPECT_EQ(get("key"), "two");
  EXPECT_EQ(blob_files(), 1U);
  EXPECT_TRUE(buckets_->remove(name("key")));
  EXPECT_TRUE(buckets_->remove(name("key"))) << "again";
  EXPECT_EQ(get("key"), "(none)");
  EXPECT_EQ(blob_files(), 0U);
  EXPECT_THAT(events(),
              ElementsAre("0 pictures/key 3", "0 pictures/key 3", "3 pictures/key 0", "3 pictures/key 0"))
      << "as S3 reports it, also of what was not there";
}

TEST_F(BucketsTest, AReaderReadsOnWhileTheObjectGoes) {
  make_bucket();
  ASSERT_TRUE(put("key", "0123456789"));
  auto reader = buckets_->open(name("key"));
  ASSERT_TRUE(reader);
  ASSERT_TRUE(put("key", "other"));
  ASSERT_TRUE(buckets_->remove(name("key")));
  EXPECT_EQ(blob_files(), 1U);
  EXPECT_EQ(read(**reader), "0123456789");
  reader->reset();
  EXPECT_EQ(blob_files(), 0U);
}

TEST_F(BucketsTest, AnObjectInOnePieceIsAFile) {
  make_bucket();
  ASSERT_TRUE(put("key", "0123456789"));
  auto reader = buckets_->open(name("key"));
  ASSERT_TRUE(reader);
  const auto file = (*reader)->file();
  reader->reset();
  ASSERT_TRUE(buckets_->remove(name("key")));
  EXPECT_EQ(blob_files(), 0U);
  ASSERT_TRUE(file);
  std::string out(20, '\0');
  EXPECT_EQ(::pread(file->get(), out.data(), out.size(), 0), 10);
  EXPECT_EQ(out.substr(0, 10), "0123456789");
}

TEST_F(BucketsTest, ContentThatIsNotWhatWasToldIsRefused) {
  make_bucket();
  PutOptions options;
  options.expected = {.md5 = "eB5eJF1ptWaXm4bijSPyxw==", .checksum = {}};
  ASSERT_TRUE(put("key", "0123456789", options));
  options.expected = {.md5 = "AAAAJF1ptWaXm4bijSPyxw==", .checksum = {}};
  EXPECT_EQ(problem(put("key", "0123456789", options)), Problem::bad_digest);
  options.expected = {.md5 = {}, .checksum = "AAAAAAAAAAA="};
  EXPECT_EQ(problem(put("key", "abc", options)), Problem::bad_checksum);
  EXPECT_EQ(get("key"), "0123456789");
  EXPECT_EQ(blob_files(), 1U);
  EXPECT_EQ(events().size(), 1U);
}

TEST_F(BucketsTest, RefusesWhatIsTooLong) {
  make_bucket();
  EXPECT_TRUE(put(std::string(1024, 'k'), "x"));
  EXPECT_EQ(problem(put(std::string(1025, 'k'), "x")), Problem::key_too_long);
  PutOptions options;
  options.attributes.metadata["a"] = std::string(2048, 'v');
  EXPECT_EQ(problem(put("key", "x", options)), Problem::metadata_too_large);
}

TEST_F(BucketsTest, MakesNoKeyThatXmlCannotCarry) {
  make_bucket();
  EXPECT_TRUE(put("key\t\n\r\x7F\uFFFD", "x"));
  for (const std::string& key : {std::string("a\x01"), std::string("a\0b", 3), std::string("\x1F"),
                                 std::string("\uFFFE"), std::string("\uFFFF"), std::string("\xFF")}) {
    EXPECT_EQ(problem(buckets_->may_put(name(key), {})), Problem::key_not_xml);
    EXPECT_EQ(problem(put(key, "x")), Problem::key_not_xml);
    EXPECT_EQ(problem(buckets_->copy(name("key\t\n\r\x7F\uFFFD"), name(key), {})), Problem::key_not_xml);
    EXPECT_EQ(problem(buckets_->begin_upload(name(key), {})), Problem::key_not_xml);
    EXPECT_EQ(problem(buckets_->find(name(key))), Problem::no_such_key);
    EXPECT_TRUE(buckets_->remove(name(key)));
  }
}

TEST_F(BucketsTest, PutsOnConditions) {
  make_bucket();
  PutOptions absent;
  absent.conditions.if_none_match = "*";
  PutOptions same;
  same.conditions.if_match = "\"f97c5d29941bfb1b2fdab0874906ab82\"";
  EXPECT_EQ(problem(put("key", "one", same)), Problem::no_such_key);
  EXPECT_TRUE(put("key", "one", absent));
  EXPECT_EQ(problem(put("key", "two", absent)), Problem::precondition_failed);
  EXPECT_EQ(problem(buckets_->may_put(name("key"), absent)), Problem::precondition_failed);
  EXPECT_TRUE(buckets_->may_put(name("key"), same));
  EXPECT_TRUE(put("key", "two", same));
  EXPECT_EQ(problem(put("key", "three", same)), Problem::precondition_failed);
  EXPECT_EQ(get("key"), "two");
  EXPECT_EQ(blob_files(), 1U);
}

TEST(Conditions, FollowTheStandard) {
  ObjectInfo object;
  object.etag = "abc";
  object.modified = Instant(std::chrono::milliseconds(5'500));
  const auto at = [](int seconds) { return Instant(std::chrono::seconds(seconds)); };
  EXPECT_EQ(judge({}, object), Verdict::go_on);
  EXPECT_EQ(judge({.if_match = "\"x\", \"abc\""}, object), Verdict::go_on);
  EXPECT_EQ(judge({.if_match = "abc"}, object), Verdict::go_on);
  EXPECT_EQ(judge({.if_match = "\"ab\""}, object), Verdict::failed);
  EXPECT_EQ(judge({.if_none_match = "*"}, object), Verdict::not_modified);
  EXPECT_EQ(judge({.if_none_match = "W/\"abc\""}, object), Verdict::not_modified);
  EXPECT_EQ(judge({.if_none_match = "\"x\""}, object), Verdict::go_on);
  EXPECT_EQ(judge({.if_modified_since = at(5)}, object), Verdict::not_modified);
  EXPECT_EQ(judge({.if_modified_since = at(4)}, object), Verdict::go_on);
  EXPECT_EQ(judge({.if_unmodified_since = at(5)}, object), Verdict::go_on);
  EXPECT_EQ(judge({.if_unmodified_since = at(4)}, object), Verdict::failed);
  EXPECT_EQ(judge({.if_match = "abc", .if_unmodified_since = at(4)}, object), Verdict::go_on);
  EXPECT_EQ(judge({.if_none_match = "x", .if_modified_since = at(9)}, object), Verdict::go_on);
}

TEST_F(BucketsTest, ManyKeysGoAtOnce) {
  make_bucket();
  for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(put(key, key));
  EXPECT_TRUE(buckets_->remove_all(kAccount, "pictures", {"a", "c", "none", "a"}));
  EXPECT_EQ(get("a"), "(none)");
  EXPECT_EQ(get("b"), "b");
  EXPECT_EQ(blob_files(), 1U);
  EXPECT_EQ(problem(buckets_->remove_all(kAccount, "other", {"a"})), Problem::no_such_bucket);
}

TEST_F(BucketsTest, SweepRemovesWhatAKilledWriterLeft) {
  make_bucket();
  ASSERT_TRUE(put("key", "kept"));
  auto orphan = blobs_->create();
  ASSERT_TRUE(orphan && (*orphan)->write(std::string_view("orphan")) && (*orphan)->commit());
  EXPECT_EQ(blob_files(), 2U);
  EXPECT_EQ(buckets_->sweep(), 1U);
  EXPECT_EQ(buckets_->sweep(), 0U);
  EXPECT_EQ(get("key"), "kept");
}

TEST_F(BucketsTest, SweepLeavesWhatIsBeingReadAndNothingElse) {
  make_bucket();
  ASSERT_TRUE(put("key", "read"));
  auto orphan = blobs_->create();
  ASSERT_TRUE(orphan && (*orphan)->write(std::string_view("orphan")) && (*orphan)->commit());
  {
    const auto reader = buckets_->open(name("key"));
    ASSERT_TRUE(reader);
    ASSERT_TRUE(buckets_->remove_all(kAccount, "pictures", {"key"}));
    EXPECT_EQ(blob_files(), 2U);
    EXPECT_EQ(buckets_->sweep(), 1U) << "of what nobody reads, whatever else is read";
    EXPECT_EQ(blob_files(), 1U);
  }
  EXPECT_EQ(blob_files(), 0U);
}

TEST_F(BucketsTest, LostBytesAreToldFromMissingObjects) {
  make_bucket();
  ASSERT_TRUE(put("key", "text"));
  std::filesystem::remove_all(folder_ / "blobs");
  const auto reader = buckets_->open(name("key"));
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().problem, Problem::storage);
  EXPECT_EQ(reader.error().error.kind, ErrorKind::corrupt);
}

}  // namespace
}  // namespace sightline::buckets
