#include "aws/s3/copy_source.h"

#include <gtest/gtest.h>

namespace sightline::aws::s3 {
namespace {

std::string source(std::string_view text) {
  const auto name = read_copy_source(text);
  return name ? name->bucket + " " + name->key : name.error().code;
}

TEST(CopySource, NamesBucketAndKey) {
  EXPECT_EQ(source("bucket/key"), "bucket key");
  EXPECT_EQ(source("/bucket/a/b%20c"), "bucket a/b c");
  EXPECT_EQ(source("bucket%2Fkey"), "bucket key");
  EXPECT_EQ(source("bucket/key?versionId=null"), "bucket key");
  EXPECT_EQ(source("bucket/key%3FversionId=1"), "bucket key?versionId=1");
  EXPECT_EQ(source("bucket/key?versionId=1"), "NoSuchVersion");
  for (const char* text : {"", "/", "bucket", "bucket/", "//key", "bucket/%", "/bucket/"})
    EXPECT_EQ(source(text), "InvalidArgument") << text;
}

}  // namespace
}  // namespace sightline::aws::s3
