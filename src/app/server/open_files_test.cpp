#include "app/server/open_files.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace sightline::server {
namespace {

TEST(OpenFiles, ThereAreNeverMoreClientsThanFiles) {
  const net::ServerLimits wanted;
  for (const std::uint64_t files : {64, 256, 1024, 4096, 20'000}) {
    const auto limits = fitted_to(wanted, files);
    EXPECT_LT(limits.connections + limits.transfers, files);
    EXPECT_GE(limits.connections, files / 4);
    EXPECT_GE(limits.transfers, files / 5);
  }
  EXPECT_EQ(fitted_to(wanted, 1'000'000).connections, wanted.connections);
  EXPECT_EQ(fitted_to(wanted, 1'000'000).transfers, wanted.transfers);
}

TEST(OpenFiles, TheProcessMayOpenWhatItNeeds) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{std::min<rlim_t>(256, before.rlim_max), before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  const auto limits = limits_under_open_files();
  rlimit after{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_GT(after.rlim_cur, limits.connections + limits.transfers);
  EXPECT_EQ(after.rlim_max, before.rlim_max);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

}  // namespace
}  // namespace sightline::server
