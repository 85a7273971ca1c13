#include "base/nameless_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "base/paths.h"

namespace sightline {
namespace {

namespace fs = std::filesystem;

TEST(NamelessFile, IsInNoFolderAndForNobodyElse) {
  std::string folder = (fs::temp_directory_path() / "nameless_XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  {
    const auto file = nameless_file(folder);
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(::pwrite(file->get(), "text", 4, 0), 4);
    char text[5] = {};
    EXPECT_EQ(::pread(file->get(), text, 4, 0), 4);
    EXPECT_STREQ(text, "text");
    struct stat info{};
    ASSERT_EQ(::fstat(file->get(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    EXPECT_EQ(info.st_nlink, 0U);
    EXPECT_TRUE(fs::is_empty(folder));
  }
  fs::remove(folder);
  EXPECT_EQ(nameless_file(folder).error().kind, ErrorKind::not_found);
}

TEST(Paths, AFileLiesInAFolder) {
  EXPECT_EQ(folder_of("a/b.png"), "a");
  EXPECT_EQ(folder_of("/b.png"), "/");
  EXPECT_EQ(folder_of("b.png"), ".");
}

}  // namespace
}  // namespace sightline
