#include "app/server/refusal_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/set_clock.h"

namespace sightline::server {
namespace {

TEST(RefusalLog, WritesEachAccessOnceAnHourAndNotTooMany) {
  SetClock clock;
  std::vector<std::string> lines;
  RefusalLog log(clock, [&](std::string_view line) { lines.emplace_back(line); });
  const std::string role = "arn:aws:sts::000000000000:assumed-role/worker/";
  log.note({role + "one", "s3:GetObject", "arn:aws:s3:::b/\n", "because", "S"});
  log.note({role + "two", "s3:GetObject", "arn:aws:s3:::b/\n", "because", "S"});
  EXPECT_THAT(lines, testing::ElementsAre("audit: arn:aws:sts::000000000000:assumed-role/worker would be "
                                          "refused s3:GetObject on arn:aws:s3:::b/\\n because; this would "
                                          "allow it: S"));
  for (std::size_t i = 0; i < 2 * RefusalLog::kMostLines; ++i)
    log.note({"u", "s3:GetObject", std::to_string(i), "because", ""});
  EXPECT_EQ(lines.size(), RefusalLog::kMostLines + 1);
  EXPECT_EQ(lines[1], "audit: u would be refused s3:GetObject on 0 because; no statement would allow it");
  EXPECT_THAT(lines.back(), testing::HasSubstr("not listed"));
  EXPECT_EQ(log.count(), 2 * RefusalLog::kMostLines + 2);
  clock.advance(std::chrono::minutes(59));
  log.note({"other", "s3:GetObject", "late", "because", ""});
  EXPECT_EQ(lines.size(), RefusalLog::kMostLines + 1);
  clock.advance(std::chrono::minutes(1));
  log.note({"other", "s3:GetObject", "late", "because", ""});
  EXPECT_THAT(lines.back(), testing::HasSubstr("other would be refused s3:GetObject on late"));
}

}  // namespace
}  // namespace sightline::server
