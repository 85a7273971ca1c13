#include "sight/anonymize/done_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "base/sha256.h"

namespace sightline::anonymize {
namespace {
namespace fs = std::filesystem;
using testing::HasSubstr;

class DoneRecordTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "sightline-done-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    fs::create_directories(at("in"));
    fs::create_directories(at("out"));
  }
  void TearDown() override { fs::remove_all(folder_); }
  [[nodiscard]] fs::path at(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] fs::path put(const std::string& name, const std::string& content) const {
    std::ofstream(at(name)) << content;
    return at(name);
  }
  /// As a run does: the file is finished under another name, noted, then renamed.
  void make(const fs::path& input, const fs::path& output, const std::string& settings) const {
    const fs::path made = put("out/.made", "painted " + input.filename().string());
    ASSERT_TRUE(DoneRecord(settings).add(
        made, output, {input, FileStamp::of(input).value(), sha256_file(input).value(), ""}));
    fs::rename(made, output);
  }
  /// "done", or why not.
  static std::string look(const fs::path& input, const fs::path& output, const std::string& settings) {
    const auto found = DoneRecord(settings).find(input, output);
    if (found) return "done";
    EXPECT_EQ(found.error().kind, ErrorKind::already_exists);
    EXPECT_THAT(found.error().message, HasSubstr("'" + output.string() + "' exists already"));
    EXPECT_THAT(found.error().message, HasSubstr("use --force to replace it, or -o for another folder"));
    return found.error().message;
  }
  fs::path folder_;
};

TEST_F(DoneRecordTest, OnlyAnOutputOfThisInputWithTheseSettingsIsDone) {
  const fs::path input = put("in/v.wmv", "clip one");
  const fs::path other = put("in/v.flv", "clip two");
  make(input, at("out/v.mkv"), "s1");
  EXPECT_EQ(look(input, at("out/v.mkv"), "s1"), "done");
  EXPECT_THAT(look(input, at("out/v.mkv"), "s2"),
              HasSubstr("was made from '" + input.string() + "' with other settings"));
  EXPECT_THAT(look(other, at("out/v.mkv"), "s1"),
              HasSubstr("was made from '" + input.string() + "', not from '" + other.string() + "'"));
  make(other, at("out/v.mkv"), "s2");
  EXPECT_EQ(look(other, at("out/v.mkv"), "s2"), "done");
}

TEST_F(DoneRecordTest, AnInputIsTheSameWhereItsContentIs) {
  const fs::path input = put("in/a.png", "picture");
  make(input, at("out/a.png"), "s");
  fs::last_write_time(input, fs::last_write_time(input) - std::chrono::hours(1));
  EXPECT_EQ(look(input, at("out/a.png"), "s"), "done");
  EXPECT_EQ(look(put("in/moved.png", "picture"), at("out/a.png"), "s"), "done");
  (void)put("in/a.png", "Picture");  // as long
  EXPECT_THAT(look(input, at("out/a.png"), "s"),
              HasSubstr("was made from '" + input.string() + "' before that changed"));
}

TEST_F(DoneRecordTest, AnOutputThatIsNotTheOneThatWasMadeIsNotDone) {
  const fs::path input = put("in/a.png", "picture");
  EXPECT_THAT(look(input, put("out/b.png", "whatever"), "s"),
              HasSubstr("nothing tells that it was made from '" + input.string() + "'"));
  make(input, at("out/a.png"), "s");
  (void)put("out/a.png", "the clear picture");
  EXPECT_THAT(look(input, at("out/a.png"), "s"),
              HasSubstr("was changed since it was made from '" + input.string() + "'"));
}

TEST_F(DoneRecordTest, AnyNameIsKeptAndTheTreeMayMove) {
  const fs::path input = put("in/a b%\n\xFF.png", "picture");
  make(input, at("out/a b%\n\xFF.png"), "s");
  fs::create_directories(at("later"));
  fs::rename(at("in"), at("later/in"));
  fs::rename(at("out"), at("later/out"));
  EXPECT_EQ(look(at("later/in/a b%\n\xFF.png"), at("later/out/a b%\n\xFF.png"), "s"), "done");
}

TEST_F(DoneRecordTest, ALineThatWasCutOffSpoilsNoOther) {
  const fs::path one = put("in/1.png", "one");
  const fs::path two = put("in/2.png", "two");
  make(one, at("out/1.png"), "s");
  const auto whole = fs::file_size(at("out/.sightline-done"));
  make(two, at("out/2.png"), "s");
  fs::resize_file(at("out/.sightline-done"), whole + 12);
  EXPECT_THAT(look(two, at("out/2.png"), "s"), HasSubstr("nothing tells"));
  fs::remove(at("out/2.png"));
  make(two, at("out/2.png"), "s");
  EXPECT_EQ(look(one, at("out/1.png"), "s"), "done");
  EXPECT_EQ(look(two, at("out/2.png"), "s"), "done");
}

TEST_F(DoneRecordTest, TheRecordIsPrivateAndNoLink) {
  const fs::path input = put("in/1.png", "one");
  make(input, at("out/1.png"), "s");
  struct stat info{};
  ASSERT_EQ(::stat(at("out/.sightline-done").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  fs::remove(at("out/.sightline-done"));
  fs::create_symlink(at("in/elsewhere"), at("out/.sightline-done"));
  DoneRecord record("s");
  EXPECT_FALSE(record.add(at("out/1.png"), at("out/1.png"), {input, FileStamp::of(input).value(), "00", ""}));
  EXPECT_FALSE(fs::exists(at("in/elsewhere")));
}

TEST_F(DoneRecordTest, NameSizeAndTimeOfAnInputAloneProveNothing) {
  const fs::path input = put("in/a.png", "picture");
  make(input, at("out/a.png"), "s");
  const auto time = fs::last_write_time(input);
  (void)put("in/a.png", "Picture");  // as long
  fs::last_write_time(input, time);
  EXPECT_THAT(look(input, at("out/a.png"), "s"), HasSubstr("before that changed"));
  fs::remove(input);
  (void)put("in/a.png", "picturE");
  fs::last_write_time(input, time);
  EXPECT_THAT(look(input, at("out/a.png"), "s"), HasSubstr("before that changed"));
}

TEST_F(DoneRecordTest, OfSeveralLinesTheOneOfTheFileThatIsThereCounts) {
  const fs::path input = put("in/a.png", "picture");
  make(input, at("out/a.png"), "s");
  // A second run that noted its output and was killed, or came too late, before it appeared.
  const OutputSource source{input, FileStamp::of(input).value(), sha256_file(input).value(), ""};
  ASSERT_TRUE(DoneRecord("other").add(put("out/.made", "painted by another"), at("out/a.png"), source));
  EXPECT_EQ(look(input, at("out/a.png"), "s"), "done");
  fs::rename(at("out/.made"), at("out/a.png"));
  EXPECT_EQ(look(input, at("out/a.png"), "other"), "done");
  EXPECT_THAT(look(input, at("out/a.png"), "s"), HasSubstr("with other settings"));
}

TEST_F(DoneRecordTest, WhatAnotherRunAddsMeanwhileIsKnown) {
  const fs::path one = put("in/1.png", "one");
  const fs::path two = put("in/2.png", "two");
  make(one, at("out/1.png"), "s");
  DoneRecord record("s");
  EXPECT_TRUE(record.find(one, at("out/1.png")));
  make(two, at("out/2.png"), "s");
  EXPECT_TRUE(record.find(two, at("out/2.png")));
}

TEST_F(DoneRecordTest, ARecordThatIsNoPlainFileIsNamedAndNothingIsDone) {
  const fs::path input = put("in/1.png", "one");
  const fs::path name = at("out/.sightline-done");
  make(input, at("out/1.png"), "s");
  fs::rename(name, at("in/true"));
  const auto refused = [&](const std::string& why) {
    DoneRecord record("s");
    EXPECT_FALSE(record.find(input, at("out/1.png")));
    EXPECT_FALSE(record.find(input, at("out/1.png")));
    EXPECT_THAT(record.take_warnings(),
                testing::ElementsAre(testing::AllOf(HasSubstr("'" + name.string() + "'"), HasSubstr(why))));
    EXPECT_THAT(record.take_warnings(), testing::IsEmpty());
    fs::remove_all(name);
  };
  fs::create_symlink(at("in/true"), name);
  refused("is a link");
  ASSERT_EQ(::mkfifo(name.c_str(), 0600), 0);
  const OutputSource source{input, FileStamp::of(input).value(), "00", ""};
  EXPECT_FALSE(DoneRecord("s").add(at("out/1.png"), at("out/1.png"), source));
  refused("is no file");
  fs::create_directory(name);
  refused("is no file");
  fs::copy(at("in/true"), name);
  fs::resize_file(name, kMostRecord + 1);
  EXPECT_FALSE(DoneRecord("s").add(at("out/1.png"), at("out/1.png"), source));
  refused("more than any run writes");
  std::ofstream(name) << std::string(kLongestRecordLine + 1, 'x') << "\n"
                      << std::ifstream(at("in/true")).rdbuf();
  refused("a line that no run wrote");
}

TEST_F(DoneRecordTest, ALongRecordIsRewrittenWithWhatStillMatters) {
  const fs::path one = put("in/1.png", "one");
  const fs::path two = put("in/2.png", "two");
  const fs::path three = put("in/3.png", "three");
  const fs::path name = at("out/.sightline-done");
  make(one, at("out/1.png"), "s");
  {
    std::ofstream filler(name, std::ios::app);
    for (std::uint64_t i = 0; i * 60 < kTidyRecord; ++i) {
      filler << "1.png 5 " << i << " ../in/1.png 3 1 1 1 00112233445566778899 - other\n";
      filler << "gone" << i << ".png 5 7 ../in/1.png 3 1 1 1 00112233445566778899 - s\n";
    }
  }
  // One that is noted, and not there yet.
  const OutputSource source{three, FileStamp::of(three).value(), sha256_file(three).value(),
                            "cut off, at 3 s"};
  ASSERT_TRUE(DoneRecord("s").add(put("out/.late", "painted late"), at("out/3.png"), source));
  EXPECT_LT(fs::file_size(name), 2000U);
  EXPECT_EQ(fs::status(name).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  make(two, at("out/2.png"), "s");
  fs::rename(at("out/.late"), at("out/3.png"));
  EXPECT_EQ(look(one, at("out/1.png"), "s"), "done");
  EXPECT_EQ(look(two, at("out/2.png"), "s"), "done");
  EXPECT_EQ(DoneRecord("s").find(three, at("out/3.png")).value().damage, "cut off, at 3 s");
}

}  // namespace
}  // namespace sightline::anonymize
