#include "app/server/data_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sightline::server {
namespace {

namespace fs = std::filesystem;

TEST(DataFolder, IsItsOwnersAndOneServersAlone) {
  const DataFolder around = *DataFolder::make_temporary();
  const fs::path folder = around.path() / "a" / "data";
  EXPECT_FALSE(find_server(folder));
  {
    const auto first = DataFolder::open(folder);
    ASSERT_TRUE(first);
    struct stat info{};
    ASSERT_EQ(::stat(folder.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0700U);
    EXPECT_EQ(find_server(folder), ::getpid());
    const auto second = DataFolder::open(folder);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::unavailable);
  }
  EXPECT_FALSE(find_server(folder));
  EXPECT_TRUE(DataFolder::open(folder));
}

TEST(DataFolder, ATemporaryOneIsGoneAtTheEnd) {
  fs::path path;
  {
    const DataFolder folder = *DataFolder::make_temporary();
    path = folder.path();
    EXPECT_TRUE(fs::exists(path));
  }
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace
}  // namespace sightline::server
