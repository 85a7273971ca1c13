#include "app/server/user.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "app/server/data_folder.h"

namespace sightline::server {
namespace {

namespace fs = std::filesystem;

TEST(User, IsFoundByName) {
  const auto root = find_user("root");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->id, 0U);
  EXPECT_TRUE(root->home.is_absolute());
  EXPECT_EQ(find_user("no-such-user").error().kind, ErrorKind::invalid_argument);
}

TEST(User, MayWriteWhereTheNearestFolderThatThereIsLetsThem) {
  const DataFolder around = *DataFolder::make_temporary();
  EXPECT_TRUE(may_write(around.path()));
  EXPECT_TRUE(may_write(around.path() / "a" / "b"));
  EXPECT_FALSE(may_write(""));
  const fs::path closed = around.path() / "closed";
  fs::create_directory(closed);
  fs::permissions(closed, fs::perms::owner_read | fs::perms::owner_exec);
  constexpr uid_t kNobody = 65534;
  const auto refused = [&](const fs::path& folder) {
    // Root may write everywhere.
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) ::_exit(2);
    ::_exit(may_write(folder) ? 1 : 0);
  };
  EXPECT_EXIT(refused(closed), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(refused(closed / "a" / "b"), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace sightline::server
