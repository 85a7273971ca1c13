#include "aws/s3/copy_source.h"

#include <fmt/format.h>

#include "aws/s3/model.h"
#include "aws/wire/uri.h"

namespace sightline::aws::s3 {

std::string bucket_arn(std::string_view bucket) {
  return fmt::format("arn:aws:s3:::{}", bucket);
}

std::string object_arn(std::string_view bucket, std::string_view key) {
  return fmt::format("arn:aws:s3:::{}/{}", bucket, key);
}

wire::Answer<buckets::ObjectName> read_copy_source(std::string_view source) {
  constexpr std::string_view kVersion = "?versionId=";
  const std::size_t mark = source.find(kVersion);
  if (mark != std::string_view::npos) {
    if (source.substr(mark + kVersion.size()) != "null")
      return wire::refuse(kNoSuchVersion, "The specified version does not exist.");
    source = source.substr(0, mark);
  }
  const auto decoded = wire::percent_decode(source);
  std::string_view path = decoded ? std::string_view(*decoded) : std::string_view();
  if (path.starts_with('/')) path.remove_prefix(1);
  const std::size_t slash = path.find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == path.size())
    return wire::refuse(kInvalidArgument,
                        "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
  return buckets::ObjectName{{}, std::string(path.substr(0, slash)), std::string(path.substr(slash + 1))};
}

}  // namespace sightline::aws::s3
