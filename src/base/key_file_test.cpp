#include "base/key_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace sightline {
namespace {

// 32 bytes of 0x01, 0x02 and 0x03.
constexpr const char* kOnes = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
constexpr const char* kTwos = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

class KeyFileTest : public testing::Test {
 protected:
  KeyFileTest() {
    std::string pattern = testing::TempDir() + "keys.XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~KeyFileTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, const std::string& text, mode_t mode = 0600) {
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
    return path;
  }
  std::string line(const char* id, const char* key) { return std::string(id) + " " + key + "\n"; }

  std::filesystem::path folder_;
  SystemRandom random_;
};

TEST_F(KeyFileTest, IsMadeInTheDataFolderForItsOwnerAlone) {
  const KeyPlaces places{{}, {}, folder_};
  const auto first = load_keys(places, random_);
  ASSERT_TRUE(first) << first.error().message;
  struct stat info{};
  ASSERT_EQ(::stat((folder_ / "sightline-key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
  const auto again = load_keys(places, random_);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->open(first->seal("secret", "place", random_).value(), "place").value(), "secret");
}

TEST_F(KeyFileTest, ComesFromTheFirstPlaceThatIsNamed) {
  const auto given = write("given", line("given", kOnes));
  write("credentials/sightline-key", line("credential", kTwos), 0440);
  const std::filesystem::path data = folder_ / "data";
  std::filesystem::create_directory(data);
  const auto sealing = [&](const KeyPlaces& places) {
    const auto keys = load_keys(places, random_);
    EXPECT_TRUE(keys) << keys.error().message;
    return keys ? keys->seal("x", "y", random_).value() : std::string();
  };
  EXPECT_THAT(sealing({given, folder_ / "credentials", data}), testing::StartsWith("s1:given:"));
  EXPECT_THAT(sealing({{}, folder_ / "credentials", data}), testing::StartsWith("s1:credential:"));
  EXPECT_FALSE(std::filesystem::exists(data / "sightline-key")) << "made where another was there";
  const std::string own = sealing({{}, folder_ / "nowhere", data});
  EXPECT_TRUE(std::filesystem::exists(data / "sightline-key"));
  // A key that moved out of the folder opens what the folder's own sealed.
  const auto moved = load_keys({given, {}, data}, random_);
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(moved->open(own, "y").value(), "x");
  EXPECT_TRUE(moved->needs_sealing(own));
}

TEST_F(KeyFileTest, IsRefusedWhereOthersMayReadOrChangeIt) {
  for (const mode_t mode : {0640U, 0604U, 0660U, 0602U, 0644U, 0666U, 0610U}) {
    const auto path = write("keys", line("a", kOnes), mode);
    const auto keys = load_keys({path, {}, folder_ / "none"}, random_);
    ASSERT_FALSE(keys) << mode;
    EXPECT_EQ(keys.error().kind, ErrorKind::permission_denied);
    EXPECT_THAT(keys.error().message, testing::HasSubstr("chmod 600"));
    write("sightline-key", line("a", kOnes), mode);
    EXPECT_EQ(load_keys({{}, {}, folder_}, random_).error().kind, ErrorKind::permission_denied) << mode;
  }
  for (const mode_t mode : {0600U, 0400U, 0700U})
    EXPECT_TRUE(load_keys(
        {write("keys" + std::to_string(mode), line("a", kOnes), mode), {}, folder_ / "none"}, random_));
  for (const mode_t mode : {0444U, 0420U}) {
    write("credentials/sightline-key", line("a", kOnes), mode);
    EXPECT_EQ(load_keys({{}, folder_ / "credentials", folder_ / "none"}, random_).error().kind,
              ErrorKind::permission_denied);
  }
  if (::geteuid() == 0) {
    const auto path = write("foreign", line("a", kOnes));
    ASSERT_EQ(::chown(path.c_str(), 12345, 12345), 0);
    EXPECT_EQ(load_keys({path, {}, folder_ / "none"}, random_).error().kind, ErrorKind::permission_denied);
  }
}

TEST_F(KeyFileTest, IsRefusedWhereItIsNoFile) {
  EXPECT_EQ(load_keys({folder_ / "none", {}, folder_}, random_).error().kind, ErrorKind::not_found);
  EXPECT_EQ(load_keys({folder_, {}, folder_}, random_).error().kind, ErrorKind::invalid_argument);
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(load_keys({folder_ / "pipe", {}, folder_}, random_).error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(load_keys({{}, {}, folder_ / "none"}, random_).error().kind, ErrorKind::not_found);
}

TEST(KeyFile, IsKeysAndComments) {
  const auto keys = parse_keys(std::string("# ours\n\n a  ") + kOnes + "\r\n\tb\t" + kTwos, "keys");
  ASSERT_TRUE(keys) << keys.error().message;
  ASSERT_EQ(keys->size(), 2U);
  EXPECT_EQ((*keys)[0].id, "a");
  EXPECT_EQ((*keys)[0].bytes[31], 1);
  EXPECT_EQ((*keys)[1].id, "b");
  EXPECT_EQ((*keys)[1].bytes[0], 2);
}

TEST(KeyFile, IsRefusedByItsLine) {
  const std::string ones = kOnes;
  for (const std::string& text :
       {std::string(), std::string("# nothing\n"), std::string("a\n"), ones, std::string("a AQE=\n"),
        "a " + ones + "AQ==\n", "a " + ones + " b\n", "a:b " + ones + "\n", "a " + ones + "\na " + kTwos,
        "a " + ones.substr(1) + "\n"}) {
    const auto keys = parse_keys(text, "the file");
    ASSERT_FALSE(keys) << text;
    EXPECT_EQ(keys.error().kind, ErrorKind::corrupt);
    EXPECT_THAT(keys.error().message, testing::HasSubstr("'the file'"));
    EXPECT_THAT(keys.error().message, testing::Not(testing::HasSubstr("AQEB")));
  }
  EXPECT_THAT(parse_keys("a " + ones + "\n\nb\n", "f").error().message, testing::StartsWith("line 3 "));
}

}  // namespace
}  // namespace sightline
