#include "store/disk_use.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace sightline::store {
namespace {

namespace fs = std::filesystem;

TEST(DiskUse, CountsAFolderWithEverythingBelowIt) {
  std::string name = (fs::temp_directory_path() / "disk_use_XXXXXX").string();
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  const fs::path folder = name;
  fs::create_directories(folder / "a" / "b");
  const std::uint64_t empty = bytes_on_disk(folder);
  std::ofstream(folder / "a" / "b" / "file") << std::string(100'000, 'x');
  fs::create_symlink("/usr", folder / "link");
  const std::uint64_t full = bytes_on_disk(folder);
  EXPECT_GE(full, empty + 100'000);
  EXPECT_LE(full, empty + 200'000) << "a link is not followed";
  EXPECT_GE(bytes_on_disk(folder / "a" / "b" / "file"), 100'000U);
  EXPECT_EQ(bytes_on_disk(folder / "none"), 0U);
  EXPECT_GT(free_bytes(folder), 0U);
  EXPECT_EQ(free_bytes(folder / "none"), 0U);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace sightline::store
