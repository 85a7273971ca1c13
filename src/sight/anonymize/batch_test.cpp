#include "sight/anonymize/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace sightline::anonymize {
namespace {
namespace fs = std::filesystem;
using testing::ElementsAre;

class BatchTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "sightline-batch-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder_); }
  void touch(const std::string& name) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << "x";
  }
  void write(const std::string& name, const std::string& content) const {
    touch(name);
    std::ofstream(folder_ / name) << content;
  }
  [[nodiscard]] std::string at(const std::string& name) const { return (folder_ / name).string(); }
  /// "input > output" of each job, relative to the scratch folder.
  [[nodiscard]] std::vector<std::string> jobs(const std::vector<BatchJob>& list) const {
    std::vector<std::string> lines;
    for (const BatchJob& job : list) {
      lines.push_back(job.input.lexically_relative(folder_).string() + " > " +
                      job.output.lexically_relative(folder_).string());
    }
    return lines;
  }
  fs::path folder_;
};

TEST_F(BatchTest, OneFileGoesBesideItself) {
  touch("a.mp4");
  const auto batch = plan_batch({at("a.mp4")}, "").value();
  EXPECT_THAT(jobs(batch.jobs), ElementsAre("a.mp4 > a.blurred.mp4"));
  EXPECT_FALSE(batch.several);
  EXPECT_THAT(jobs(plan_batch({at("a.mp4")}, at("b.mp4"))->jobs), ElementsAre("a.mp4 > b.mp4"));
  EXPECT_THAT(jobs(plan_batch({at("a.mp4")}, at("out/"))->jobs), ElementsAre("a.mp4 > out/a.mp4"));
  EXPECT_THAT(jobs(plan_batch({at("old.AVI")}, "")->jobs), ElementsAre("old.AVI > old.blurred.mkv"));
}

TEST_F(BatchTest, AFoldersTreeIsKeptAndOutputsAreNeverInputs) {
  for (const char* name : {"p/b.png", "p/sub/a.JPG", "p/notes.txt", "p/.hidden.jpg",
                           "p/.b.png.sightline/x.jpg", "p/b.blurred.png", "p/out/b.png"})
    touch(name);
  EXPECT_THAT(jobs(plan_batch({at("p")}, at("p/out"))->jobs),
              ElementsAre("p/b.png > p/out/b.png", "p/sub/a.JPG > p/out/sub/a.JPG"));
  EXPECT_THAT(jobs(plan_batch({at("p/")}, at("q"))->jobs),
              ElementsAre("p/b.png > q/b.png", "p/out/b.png > q/out/b.png", "p/sub/a.JPG > q/sub/a.JPG"));
  EXPECT_THAT(jobs(plan_batch({at("p/sub")}, "")->jobs), ElementsAre("p/sub/a.JPG > p/sub.blurred/a.JPG"));
}

TEST_F(BatchTest, PatternsAreExpanded) {
  for (const char* name : {"a.png", "b.png", "a.blurred.png", "c.jpg"}) touch(name);
  EXPECT_THAT(jobs(plan_batch({at("*.png")}, at("out"))->jobs),
              ElementsAre("a.png > out/a.png", "b.png > out/b.png"));
  EXPECT_EQ(plan_batch({at("*.webp")}, "").error().kind, ErrorKind::invalid_argument);
}

TEST_F(BatchTest, OfAFolderWhateverLooksLikeAPictureOrClipIsAJob) {
  write("p/a", "\x89PNG\r\n\x1A\n");  // no ending
  write("p/b.txt", std::string("\0\0\0\x20"
                               "ftypisom",
                               12));  // a clip under another name
  write("p/c.jpg", std::string("\0\0\0\x18"
                               "ftypheic",
                               12));  // named as what it is not
  for (const char* name : {"p/d.HEIC", "p/e.bmp", "p/f.tiff", "p/g.avif", "p/h.wmv", "p/i.gif"}) touch(name);
  write("p/j.ts", "import { a } from 'b'\n");  // TypeScript
  write("p/k.m4a", std::string("\0\0\0\x20"
                               "ftypisom",
                               12));  // sound in a clip's container
  touch("p/l.txt");
  const Batch batch = plan_batch({at("p")}, at("q")).value();
  EXPECT_THAT(jobs(batch.jobs), ElementsAre("p/a > q/a.png", "p/b.txt > q/b.mp4", "p/c.jpg > q/c.jpg",
                                            "p/d.HEIC > q/d.HEIC", "p/e.bmp > q/e.bmp", "p/f.tiff > q/f.tiff",
                                            "p/g.avif > q/g.avif", "p/h.wmv > q/h.mkv", "p/i.gif > q/i.gif"));
  EXPECT_EQ(batch.jobs[1].kind, media::FileKind::clip);
  EXPECT_EQ(batch.jobs[2].kind, media::FileKind::picture);
  EXPECT_THAT(batch.left_out, testing::IsEmpty());
}

TEST_F(BatchTest, WhatOfAFolderCannotBeLookedAtIsNamed) {
  touch("p/a.png");
  touch("elsewhere/b.png");
  fs::create_symlink(folder_ / "elsewhere", folder_ / "p/link");
  fs::create_symlink(folder_ / "nowhere", folder_ / "p/gone.jpg");
  ASSERT_EQ(::mkfifo(at("p/pipe.mp4").c_str(), 0600), 0);
  fs::create_directories(folder_ / "p/closed");
  const bool root = ::geteuid() == 0;  // to whom no folder is closed
  fs::permissions(folder_ / "p/closed", fs::perms::none);
  const Batch batch = plan_batch({at("p")}, at("q")).value();
  fs::permissions(folder_ / "p/closed", fs::perms::owner_all);
  std::vector<std::string> names;
  for (const LeftOut& left_out : batch.left_out) names.push_back(left_out.path.filename());
  std::vector<std::string> expected = {"gone.jpg", "link", "pipe.mp4"};
  if (!root) expected.emplace_back("closed");
  EXPECT_THAT(names, testing::UnorderedElementsAreArray(expected));
  EXPECT_THAT(jobs(batch.jobs), ElementsAre("p/a.png > q/a.png"));
}

TEST_F(BatchTest, SeveralInputsDoNotGoIntoAFolderThatIsNamedLikeAFile) {
  for (const char* name : {"p/a.png", "p/b.png", "there"}) touch(name);
  const std::vector<std::string> two = {at("p/a.png"), at("p/b.png")};
  for (const char* name : {"NAME.jpg", "name.MP4", "there"}) {
    for (const auto& inputs : {two, {at("p")}}) {
      const auto planned = plan_batch(inputs, at(name));
      ASSERT_FALSE(planned) << name;
      EXPECT_EQ(planned.error().kind, ErrorKind::invalid_argument);
      EXPECT_TRUE(planned.error().message.starts_with("-o must be a folder for several inputs")) << name;
    }
  }
  EXPECT_TRUE(plan_batch(two, at("NAME.jpg/")));
  EXPECT_TRUE(plan_batch(two, at("2026.05")));
  EXPECT_TRUE(plan_batch({at("p/a.png")}, at("NAME.png")));
  fs::create_directories(folder_ / "NAME.jpg");
  EXPECT_TRUE(plan_batch(two, at("NAME.jpg")));
}

TEST_F(BatchTest, AMissingFileIsAJobThatWillFail) {
  EXPECT_EQ(plan_batch({at("none.mp4")}, "")->jobs.size(), 1U);
}

TEST_F(BatchTest, OfInputsThatWouldShareAnOutputNoneIsAJobAndTheOthersAre) {
  for (const char* name : {"p/a.png", "p/x.wmv", "p/x.flv", "p/x.mkv", "p/y.flv"}) touch(name);
  const Batch batch = plan_batch({at("p")}, at("out")).value();
  EXPECT_THAT(jobs(batch.jobs), ElementsAre("p/a.png > out/a.png", "p/y.flv > out/y.mkv"));
  ASSERT_EQ(batch.left_out.size(), 3U);
  EXPECT_EQ(batch.left_out[0].path, at("p/x.flv"));
  EXPECT_EQ(batch.left_out[0].kind, media::FileKind::clip);
  EXPECT_EQ(batch.left_out[2].why,
            "'" + at("p/x.wmv") + "' and '" + at("p/x.flv") + "' would both be written to '" +
                at("out/x.mkv") + "'; rename one of them, or run them one at a time, each with its own -o");
  touch("q/a.png");
  const Batch named = plan_batch({at("p/a.png"), at("q/a.png")}, at("out")).value();
  EXPECT_THAT(named.jobs, testing::IsEmpty());
  EXPECT_EQ(named.left_out.size(), 2U);
}

TEST_F(BatchTest, AnInputThatIsNamedTwiceIsOneJob) {
  for (const char* name : {"p/a.png", "p/b.png"}) touch(name);
  const Batch batch = plan_batch({at("p/a.png"), at("p/./a.png"), at("p/b.png")}, at("out")).value();
  EXPECT_THAT(jobs(batch.jobs), ElementsAre("p/a.png > out/a.png", "p/b.png > out/b.png"));
  EXPECT_THAT(batch.left_out, testing::IsEmpty());
}

TEST_F(BatchTest, AnInputThatIsNamedByDifferentPathsIsOneJob) {
  for (const char* name : {"p/a.png", "p/q/b.png"}) touch(name);
  fs::create_directory_symlink(folder_ / "p", folder_ / "link");
  const std::string relative = fs::proximate(at("p/a.png")).string();
  ASSERT_NE(relative, at("p/a.png"));
  for (const std::string& output : {at("out"), std::string()}) {
    const Batch batch = plan_batch({at("p/a.png"), relative, at("link/a.png")}, output).value();
    EXPECT_EQ(batch.jobs.size(), 1U) << output;
    EXPECT_THAT(batch.left_out, testing::IsEmpty());
  }
  EXPECT_EQ(plan_batch({at("p"), at("link/q/b.png"), at("link")}, at("out"))->jobs.size(), 2U);
}

TEST_F(BatchTest, AFileOfTwoNamesIsDoneUnderEachAndUnderOneOutputOnce) {
  touch("p/a.png");
  fs::create_directories(folder_ / "q");
  fs::create_symlink(at("p/a.png"), at("p/b.png"));
  fs::create_hard_link(at("p/a.png"), at("p/c.png"));
  fs::create_hard_link(at("p/a.png"), at("q/a.png"));
  EXPECT_EQ(plan_batch({at("p")}, at("out"))->jobs.size(), 3U);
  const Batch batch = plan_batch({at("p/a.png"), at("q/a.png")}, at("out")).value();
  EXPECT_THAT(jobs(batch.jobs), ElementsAre("p/a.png > out/a.png"));
  EXPECT_THAT(batch.left_out, testing::IsEmpty());
}

TEST_F(BatchTest, OutputsNamedAfterTheirInputsLieInFolders) {
  touch("p/a.png");
  EXPECT_FALSE(plan_batch({at("p/a.png")}, "")->into_folders);
  EXPECT_FALSE(plan_batch({at("p/a.png")}, at("b.png"))->into_folders);
  EXPECT_TRUE(plan_batch({at("p/a.png")}, at("out/"))->into_folders);
  EXPECT_TRUE(plan_batch({at("p")}, "")->into_folders);
}

TEST_F(BatchTest, AnEmptyFolderIsAMistake) {
  fs::create_directories(folder_ / "p");
  EXPECT_EQ(plan_batch({at("p")}, "").error().kind, ErrorKind::invalid_argument);
}

TEST_F(BatchTest, TheInputIsNeverTheOutput) {
  touch("a.png");
  fs::create_symlink(folder_ / "a.png", folder_ / "link.png");
  EXPECT_EQ(check_output(at("a.png"), at("link.png"), true).error().kind, ErrorKind::invalid_argument);
  touch("b.png");
  EXPECT_EQ(check_output(at("a.png"), at("b.png"), false).error().kind, ErrorKind::already_exists);
  EXPECT_TRUE(check_output(at("a.png"), at("b.png"), true));
  EXPECT_TRUE(check_output(at("a.png"), at("c.png"), false));
}

}  // namespace
}  // namespace sightline::anonymize
