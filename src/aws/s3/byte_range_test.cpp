#include "aws/s3/byte_range.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "aws/s3/object_attributes.h"

namespace sightline::aws::s3 {
namespace {

std::string range(std::string_view field, std::uint64_t size) {
  const auto found = read_range(field, size);
  if (!found) return "unsatisfiable";
  return *found ? fmt::format("{}+{}", (*found)->offset, (*found)->size) : "ignored";
}

TEST(ByteRange, IsOneRangeWithinTheObject) {
  EXPECT_EQ(range("bytes=0-9", 100), "0+10");
  EXPECT_EQ(range("bytes=0-0", 100), "0+1");
  EXPECT_EQ(range("bytes=90-200", 100), "90+10");
  EXPECT_EQ(range("bytes=99-", 100), "99+1");
  EXPECT_EQ(range("bytes=-5", 100), "95+5");
  EXPECT_EQ(range("bytes=-500", 100), "0+100");
  EXPECT_EQ(range("bytes=0-18446744073709551615", 100), "0+100");
  EXPECT_EQ(range("bytes=1-99999999999999999999", 100), "1+99") << "beyond 64 bits";
  EXPECT_EQ(range("bytes=-99999999999999999999", 100), "0+100");
}

TEST(ByteRange, BeyondTheEndCannotBeSatisfied) {
  EXPECT_EQ(range("bytes=100-", 100), "unsatisfiable");
  EXPECT_EQ(range("bytes=100-200", 100), "unsatisfiable");
  EXPECT_EQ(range("bytes=-0", 100), "unsatisfiable");
  EXPECT_EQ(range("bytes=18446744073709551615-", 100), "unsatisfiable");
  EXPECT_EQ(range("bytes=99999999999999999999-", 100), "unsatisfiable") << "beyond 64 bits";
  EXPECT_EQ(range("bytes=99999999999999999998-99999999999999999999", 100), "unsatisfiable");
  EXPECT_EQ(range("bytes=0-", 0), "unsatisfiable");
  EXPECT_EQ(range("bytes=-1", 0), "unsatisfiable");
}

TEST(ByteRange, IsIgnoredWhereItMeansNothing) {
  for (const char* field : {"", "bytes", "bytes=", "bytes=-", "bytes=9-1", "bytes=a-b", "bytes=1-2,4-5",
                            "lines=1-2", "bytes=+1-2", "bytes= 1-2", "bytes=1-9999999999999999999x"})
    EXPECT_EQ(range(field, 100), "ignored") << field;
}

TEST(CopyRange, TellsBothEnds) {
  EXPECT_EQ(read_copy_range("bytes=5-9")->offset, 5U);
  EXPECT_EQ(read_copy_range("bytes=5-9")->size, 5U);
  const auto far = read_copy_range("bytes=0-99999999999999999999");
  ASSERT_TRUE(far);
  EXPECT_EQ(far->offset, 0U);
  EXPECT_GT(far->size, std::uint64_t{1} << 63U);
  EXPECT_GT(read_copy_range("bytes=99999999999999999999-99999999999999999999")->offset,
            std::uint64_t{1} << 63U);
  for (const char* field :
       {"", "bytes=5-", "bytes=-5", "bytes=9-5", "5-9", "bytes=0--1", "bytes=-1-", "bytes=0-1,3-4"})
    EXPECT_FALSE(read_copy_range(field)) << field;
}

TEST(StoredEncoding, LeavesOutWhatWasAboutTheWay) {
  EXPECT_EQ(stored_encoding(std::nullopt), std::nullopt);
  EXPECT_EQ(stored_encoding("aws-chunked"), std::nullopt);
  EXPECT_EQ(stored_encoding("aws-chunked,gzip"), "gzip");
  EXPECT_EQ(stored_encoding("gzip, AWS-Chunked , br"), "gzip,br");
  EXPECT_EQ(stored_encoding("gzip"), "gzip");
}

}  // namespace
}  // namespace sightline::aws::s3
