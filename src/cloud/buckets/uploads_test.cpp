#include <gmock/gmock.h>

#include "base/hex.h"
#include "cloud/buckets/buckets_test_fixture.h"

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
  ChosenPart part(const UploadName& upload, int number, std::string_view text) {
    const auto info = buckets_->find_upload(upload);
    EXPECT_TRUE(info);
    const auto put = buckets_->put_part(upload, number, content(text, info->algorithm), {});
    EXPECT_TRUE(put) << put.error().error.message;
    return {number, put->etag, put->checksum};
  }
};

std::string checksum(ChecksumAlgorithm algorithm, std::string_view text) {
  ChecksumHasher hasher(algorithm);
  hasher.update(text);
  return hasher.finish();
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
  EXPECT_EQ(complete({}), Problem::invalid_part);
  EXPECT_EQ(complete({first, first}), Problem::invalid_part_order);
  EXPECT_EQ(complete({small, first}), Problem::invalid_part_order);
  EXPECT_EQ(complete({first, {4, first.etag}}), Problem::invalid_part);
  EXPECT_EQ(complete({{1, last.etag}}), Problem::invalid_part);
  EXPECT_EQ(complete({{1, first.etag, "AAAAAAAAAAA="}}), Problem::invalid_part);
  EXPECT_EQ(complete({first, small, last}), Problem::part_too_small);
  EXPECT_EQ(complete({first}, {.checksum = {}, .size = 5}), Problem::size_mismatch);
  EXPECT_EQ(complete({first}, {.checksum = "AAAAAAAAAAA=", .size = {}}), Problem::bad_checksum);
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
    const UploadName upload =
        begin({.attributes = {}, .algorithm = algorithm, .type = ChecksumType::full_object});
    const std::vector<ChosenPart> parts = {part(upload, 1, "01234"), part(upload, 2, "56789")};
    CompleteOptions expected;
    expected.checksum = checksum(algorithm, "0123456789");
    const auto made = buckets_->complete_upload(upload, parts, expected);
    ASSERT_TRUE(made) << name_of(algorithm);
    EXPECT_EQ(made->checksum->value, expected.checksum);
  }
  const UploadName upload = begin({.attributes = {}, .algorithm = ChecksumAlgorithm::sha256});
  const auto made = buckets_->complete_upload(upload, {part(upload, 1, "01234"), part(upload, 2, "56789")});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->checksum->type, ChecksumType::composite);
  EXPECT_TRUE(made->checksum->value.ends_with("=-2"));
  EXPECT_EQ(problem(buckets_->begin_upload(
                name("key"),
                {.attributes = {}, .algorithm = ChecksumAlgorithm::sha1, .type = ChecksumType::full_object})),
            Problem::unsupported_checksum);
}

TEST_F(UploadsTest, PartsComeOutOfObjects) {
  ASSERT_TRUE(put("source", "0123456789"));
  const UploadName upload = begin();
  const auto whole = buckets_->copy_part(name("source"), {}, std::nullopt, upload, 1);
  const auto some = buckets_->copy_part(name("source"), {}, PartRange{2, 3}, upload, 2);
  ASSERT_TRUE(whole && some);
  EXPECT_EQ(problem(buckets_->copy_part(name("source"), {}, PartRange{2, 9}, upload, 3)),
            Problem::invalid_range);
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
