#include "app/server/data_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

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
    const auto server = find_server(folder);
    ASSERT_TRUE(server);
    EXPECT_EQ(server->pid, ::getpid());
    EXPECT_TRUE(server->reachable);
    // As a server writes it in another container.
    std::ofstream(folder / "server.lock") << "22 pid:[1]\n";
    EXPECT_EQ(find_server(folder)->pid, 22);
    EXPECT_FALSE(find_server(folder)->reachable);
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
