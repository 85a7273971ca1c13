#include <gmock/gmock.h>

#include "base/hex.h"
#include "cloud/buckets/buckets_test_fixture.h"
#include "cloud/buckets/upload_tables.h"

namespace sightline::buckets {
namespace {

using test::problem;
using testing::ElementsAre;

class UploadsTest : public test::BucketsTest {
 protected:
  void SetUp() override {
    BucketsTest::SetUp();
    buckets_ =
        std::make_unique<Buckets>(*database_, *blobs_, clock_, random_, BucketsOptions{outbox_.get(), 4});
    make_bucket();
  }
  UploadName begin(const UploadOptions& options = {}) {
    auto id = buckets_->begin_upload(name("key"), options);
    EXPECT_TRUE(id);
    return {name("key"), *id};
  }
  UploadName begin(ChecksumAlgorithm algorithm, ChecksumType type) {
    return begin({{}, UploadChecksum{algorithm, type}});
  }
  ChosenPart part(const UploadName& upload, int number, std::string_view text) {
    const auto info = buckets_->find_upload(upload);
    EXPECT_TRUE(info);
    const auto put = buckets_->put_part(upload, number, content(text, info->checksum().algorithm), {});
    EXPECT_TRUE(put) << put.error().error.message;
    ChosenPart chosen{number, put->etag};
    if (info->chosen) chosen.checksum = {info->chosen->algorithm, put->checksum};
    return chosen;
  }
};

std::string checksum(ChecksumAlgorithm algorithm, std::string_view text) {
  ChecksumHasher hasher(algorithm);
  hasher.update(text);
  return hasher.finish();
}

/// As a version before left it, which took any key.
TEST_F(UploadsTest, AnOldOneWithAKeyThatXmlCannotCarryCanBeAborted) {
  const BucketRow bucket{std::string(test::kAccount), std::string(test::kRegion), "pictures", {}};
  UploadRow old{"a\x01", store::BlobId::make(random_).text(), {clock_.now(), std::nullopt}};
  ASSERT_TRUE(database_->write(
      [&](store::Transaction& transaction) { return tables::insert_upload(transaction, bucket, old); }));
  const UploadName upload{name("a\x01"), old.content};
  EXPECT_EQ(buckets_->list_uploads(test::kAccount, "pictures", {})->uploads.size(), 1U);
  const auto put = buckets_->put_part(upload, 1, content("x"), {});
  ASSERT_TRUE(put);
  EXPECT_EQ(problem(buckets_->complete_upload(upload, {{1, put->etag}})), Problem::key_not_xml);
  EXPECT_TRUE(buckets_->abort_upload(upload));
  EXPECT_EQ(blob_files(), 0U);
}

TEST_F(UploadsTest, PartsBecomeOneObject) {
  UploadOptions options;
  options.attributes.content_type = "video/mp4";
  const UploadName upload = begin(options);
  const ChosenPart third = part(upload, 7, "z");
  const ChosenPart left_out = part(upload, 3, "left out");
  part(upload, 1, "replaced");
  const ChosenPart first = part(upload, 1, "0123");
  const ChosenPart second = part(upload, 2, "456789");
  EXPECT_EQ(get("key"), "(none)");
  const auto parts = buckets_->list_parts(upload, 1);
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 3U);
  EXPECT_EQ(parts->at(0).number, 2);
  EXPECT_EQ(parts->at(0).etag, second.etag);

  const auto made = buckets_->complete_upload(upload, {first, second, third});
  ASSERT_TRUE(made) << made.error().error.message;
  EXPECT_EQ(made->etag, "52722dc10c488e5aa51039bb0f91d23a-3") << "MD5 of the MD5s";
  EXPECT_EQ(made->parts, 3);
  EXPECT_EQ(made->size, 11U);
  EXPECT_FALSE(buckets_->open(name("key")).value()->file()) << "it is in several";
  EXPECT_EQ(made->attributes.content_type, "video/mp4");
  EXPECT_EQ(get("key"), "0123456789z");
  EXPECT_EQ(get(name("key"), 3, 5), "34567");
  const auto reader = buckets_->open(name("key"));
  EXPECT_EQ((*reader)->part(2)->offset, 4U);
  EXPECT_EQ((*reader)->part(2)->size, 6U);
  EXPECT_FALSE((*reader)->part(4));
  EXPECT_EQ(blob_files(), 3U);
  EXPECT_THAT(events(), ElementsAre("2 pictures/key 11"));

  const auto again = buckets_->complete_upload(upload, {first, second, third});
  ASSERT_TRUE(again) << "a client that did not hear the answer asks again";
  EXPECT_EQ(again->etag, made->etag);
  EXPECT_EQ(problem(buckets_->find_upload(upload)), Problem::no_such_upload);
  EXPECT_EQ(buckets_->sweep(), 0U);
}

TEST_F(UploadsTest, ReplacingThemLeavesNothing) {
  const UploadName upload = begin();
  ASSERT_TRUE(buckets_->complete_upload(upload, {part(upload, 1, "0123"), part(upload, 2, "4")}));
  ASSERT_TRUE(buckets_->copy(name("key"), name("copy"), {}));
  ASSERT_TRUE(put("key", "other"));
  EXPECT_EQ(get("copy"), "01234");
  EXPECT_EQ(blob_files(), 3U);
  ASSERT_TRUE(buckets_->remove(name("copy")));
  EXPECT_EQ(blob_files(), 1U);
}

TEST_F(UploadsTest, WhatDoesNotFitIsRefused) {
  const UploadName upload = begin();
  const ChosenPart first = part(upload, 1, "0123");
  const ChosenPart small = part(upload, 2, "4");
  const ChosenPart last = part(upload, 3, "5");
  const auto complete = [&](const std::vector<ChosenPart>& parts, const CompleteOptions& options = {}) {
    return problem(buckets_->complete_upload(upload, parts, options));
  };
  EXPECT_EQ(complete({}), Problem::no_parts);
  EXPECT_EQ(complete({first, first}), Problem::invalid_part_order);
  EXPECT_EQ(complete({small, first}), Problem::invalid_part_order);
  EXPECT_EQ(complete({first, {4, first.etag}}), Problem::invalid_part);
  EXPECT_EQ(complete({{1, last.etag}}), Problem::invalid_part);
  EXPECT_EQ(complete({{1, first.etag, GivenChecksum{ChecksumAlgorithm::crc64nvme, "AAAAAAAAAAA="}}}),
            Problem::invalid_part)
      << "no checksum was chosen for the upload";
  EXPECT_EQ(complete({first, small, last}), Problem::part_too_small);
  EXPECT_EQ(complete({first}, {.size = 5}), Problem::size_mismatch);
  EXPECT_EQ(complete({first}, {.checksum = GivenChecksum{ChecksumAlgorithm::crc64nvme, "AAAAAAAAAAA="}}),
            Problem::bad_whole_checksum);
  for (const int number : {0, -1, 10'001})
    EXPECT_EQ(problem(buckets_->put_part(upload, number, content("x"), {})), Problem::invalid_part_number);
  EXPECT_EQ(problem(buckets_->put_part({name("key"), "none"}, 1, content("x"), {})), Problem::no_such_upload);
  EXPECT_EQ(problem(buckets_->put_part({name("other"), upload.id}, 1, content("x"), {})),
            Problem::no_such_upload);
  EXPECT_EQ(get("key"), "(none)");
  EXPECT_EQ(complete({first, last}), std::nullopt);
  EXPECT_EQ(get("key"), "01235");
  EXPECT_EQ(blob_files(), 2U);
}

TEST_F(UploadsTest, ChecksumsOfTheWholeComeFromThoseOfTheParts) {
  for (const ChecksumAlgorithm algorithm : kChecksumAlgorithms) {
    if (!is_crc(algorithm)) continue;
    const UploadName upload = begin(algorithm, ChecksumType::full_object);
    const std::vector<ChosenPart> parts = {part(upload, 1, "01234"), part(upload, 2, "56789")};
    CompleteOptions expected;
    expected.checksum = {algorithm, checksum(algorithm, "0123456789")};
    expected.type = ChecksumType::full_object;
    const auto made = buckets_->complete_upload(upload, parts, expected);
    ASSERT_TRUE(made) << name_of(algorithm);
    EXPECT_EQ(made->checksum->value, expected.checksum->value);
  }
  const UploadName upload = begin(ChecksumAlgorithm::sha256, ChecksumType::composite);
  const auto made = buckets_->complete_upload(upload, {part(upload, 1, "01234"), part(upload, 2, "56789")});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->checksum->type, ChecksumType::composite);
  EXPECT_TRUE(made->checksum->value.ends_with("=-2"));
  for (const UploadChecksum impossible :
       {UploadChecksum{ChecksumAlgorithm::sha1, ChecksumType::full_object},
        UploadChecksum{ChecksumAlgorithm::crc64nvme, ChecksumType::composite}})
    EXPECT_EQ(problem(buckets_->begin_upload(name("key"), {{}, impossible})), Problem::unsupported_checksum);
}

TEST_F(UploadsTest, ACompositeChecksumNeedsThoseOfTheParts) {
  const UploadName upload = begin(ChecksumAlgorithm::crc32, ChecksumType::composite);
  const ChosenPart right = part(upload, 1, "0123");
  const auto complete = [&](const std::optional<GivenChecksum>& of_part,
                            const CompleteOptions& options = {}) {
    return problem(buckets_->complete_upload(upload, {{1, right.etag, of_part}}, options));
  };
  EXPECT_EQ(complete(std::nullopt), Problem::part_checksum_missing);
  EXPECT_EQ(complete(GivenChecksum{ChecksumAlgorithm::sha256, checksum(ChecksumAlgorithm::sha256, "0123")}),
            Problem::other_part_checksum);
  EXPECT_EQ(complete(GivenChecksum{ChecksumAlgorithm::crc32, "AAAAAA=="}), Problem::invalid_part);
  EXPECT_EQ(complete(right.checksum, {.type = ChecksumType::full_object}), Problem::other_checksum_type);
  EXPECT_EQ(complete(right.checksum, {.checksum = right.checksum}), Problem::bad_whole_checksum);
  const auto made = buckets_->complete_upload(upload, {right}, {.type = ChecksumType::composite});
  ASSERT_TRUE(made) << made.error().error.message;
  EXPECT_TRUE(made->checksum->value.ends_with("==-1"));
  const auto reader = buckets_->open(name("key"));
  ASSERT_TRUE((*reader)->part_checksum(1));
  EXPECT_EQ((*reader)->part_checksum(1)->value, right.checksum->value);
  EXPECT_FALSE((*reader)->part_checksum(2));
}

TEST_F(UploadsTest, AChecksumOfTheWholeNeedsNoneOfTheParts) {
  const UploadName upload = begin(ChecksumAlgorithm::crc32c, ChecksumType::full_object);
  const ChosenPart right = part(upload, 1, "0123");
  const auto complete = [&](const CompleteOptions& options) {
    return problem(buckets_->complete_upload(upload, {right}, options));
  };
  const GivenChecksum other{ChecksumAlgorithm::crc64nvme, checksum(ChecksumAlgorithm::crc64nvme, "0123")};
  EXPECT_EQ(complete({.type = ChecksumType::composite}), Problem::other_checksum_type);
  EXPECT_EQ(complete({.checksum = right.checksum}), Problem::bad_whole_checksum)
      << "without a type it is taken for a composite one";
  EXPECT_EQ(complete({.checksum = other, .type = ChecksumType::full_object}), Problem::bad_whole_checksum);
  const auto made = buckets_->complete_upload(
      upload, {{1, right.etag}}, {.checksum = right.checksum, .type = ChecksumType::full_object});
  ASSERT_TRUE(made) << made.error().error.message;
  EXPECT_EQ(made->checksum->value, right.checksum->value);
  EXPECT_FALSE((*buckets_->open(name("key")))->part_checksum(1));
}

TEST_F(UploadsTest, WithoutAChosenChecksumNothingIsSaidOfOne) {
  const UploadName upload = begin();
  EXPECT_FALSE(buckets_->find_upload(upload)->chosen);
  const ChosenPart right = part(upload, 1, "0123");
  for (const ChecksumType type : {ChecksumType::composite, ChecksumType::full_object})
    EXPECT_EQ(problem(buckets_->complete_upload(upload, {right}, {.type = type})),
              Problem::other_checksum_type);
  const auto listed = buckets_->list_uploads(test::kAccount, "pictures", {});
  ASSERT_TRUE(listed);
  EXPECT_FALSE(listed->uploads.at(0).info.chosen);
  const auto made = buckets_->complete_upload(
      upload, {right}, {.checksum = GivenChecksum{ChecksumAlgorithm::crc32c, "of another algorithm"}});
  ASSERT_TRUE(made) << made.error().error.message;
  EXPECT_EQ(made->checksum, (ObjectChecksum{ChecksumAlgorithm::crc64nvme, ChecksumType::full_object,
                                            checksum(ChecksumAlgorithm::crc64nvme, "0123")}));
}

TEST_F(UploadsTest, OfAnOlderFolderItIsNotKnownThatNoneWasChosen) {
  const auto stores = store::stores_in_folder(folder_);
  const BucketRow bucket{std::string(test::kAccount), std::string(test::kRegion), "pictures", Instant{}};
  {
    store::Schema first = kBucketsSchema;
    first.migrations = first.migrations.first(1);
    constexpr std::string_view kThen[] = {kInsertUpload};
    first.statements = kThen;
    const auto older = stores->open({"older", {first}});
    ASSERT_TRUE(older) << older.error().message;
    ASSERT_TRUE((*older)->write([&](store::Transaction& transaction) -> Result<void> {
      const UploadChecksum nvme;
      const UploadChecksum crc32{ChecksumAlgorithm::crc32, ChecksumType::composite};
      TRY(tables::insert_upload(transaction, bucket, {"a", "first", {clock_.now(), nvme}}));
      return tables::insert_upload(transaction, bucket, {"b", "second", {clock_.now(), crc32}});
    }));
  }
  const auto newer = stores->open({"older", {kBucketsSchema}});
  ASSERT_TRUE(newer) << newer.error().message;
  ASSERT_TRUE((*newer)->read([&](store::Transaction& transaction) -> Result<void> {
    const auto uploads = TRY(tables::bucket_uploads(transaction, bucket));
    EXPECT_EQ(uploads.size(), 2U);
    EXPECT_FALSE(uploads.at(0).info.chosen);
    EXPECT_EQ(uploads.at(1).info.checksum().algorithm, ChecksumAlgorithm::crc32);
    return {};
  }));
}

TEST_F(UploadsTest, PartsComeOutOfObjects) {
  ASSERT_TRUE(put("source", "0123456789"));
  const UploadName upload = begin();
  const auto whole = buckets_->copy_part(name("source"), {}, std::nullopt, upload, 1);
  const auto some = buckets_->copy_part(name("source"), {}, PartRange{2, 3}, upload, 2);
  ASSERT_TRUE(whole && some);
  EXPECT_EQ(problem(buckets_->copy_part(name("source"), {}, PartRange{2, 9}, upload, 3)),
            Problem::invalid_range);
  EXPECT_EQ(problem(buckets_->copy_part(name("source"), {}, PartRange{10, 1}, upload, 3)),
            Problem::range_outside);
  EXPECT_EQ(problem(buckets_->copy_part(name("source"), {.if_match = "x"}, std::nullopt, upload, 3)),
            Problem::precondition_failed);
  ASSERT_TRUE(buckets_->complete_upload(upload, {{1, whole->etag}, {2, some->etag}}));
  EXPECT_EQ(get("key"), "0123456789234");
}

TEST_F(UploadsTest, AbortedOnesLeaveNothing) {
  const UploadName upload = begin();
  part(upload, 1, "0123");
  EXPECT_TRUE(buckets_->abort_upload(upload));
  EXPECT_EQ(problem(buckets_->abort_upload(upload)), Problem::no_such_upload);
  EXPECT_EQ(blob_files(), 0U);
  const UploadName other = begin();
  part(other, 1, "0123");
  EXPECT_TRUE(buckets_->delete_bucket(test::kAccount, "pictures"));
  EXPECT_EQ(blob_files(), 0U);
  EXPECT_EQ(buckets_->sweep(), 0U);
}

}  // namespace
}  // namespace sightline::buckets
