#include "app/server/requests_under_way.h"

#include <gtest/gtest.h>

namespace sightline::server {
namespace {

using namespace std::chrono_literals;

net::RequestHead head(std::string id, std::string target) {
  net::RequestHead head;
  head.method = "PUT";
  head.target = std::move(target);
  head.id = std::move(id);
  head.peer = "127.0.0.1";
  return head;
}

TEST(RequestsUnderWay, NamesTheOldestAndNoQuery) {
  RequestsUnderWay requests;
  const Instant begin{1'000'000s};
  EXPECT_EQ(requests.describe(begin), "");
  requests.begin(head("b", "/bucket/second\x1b?X-Amz-Signature=secret"), begin + 2s);
  requests.begin(head("a", "/bucket/first"), begin);
  EXPECT_EQ(requests.describe(begin + 5s),
            "PUT /bucket/first of 127.0.0.1, for 5 s; PUT /bucket/second? of 127.0.0.1, for 3 s");
  for (int i = 0; i < 5; ++i) requests.begin(head("c" + std::to_string(i), "/"), begin + 3s);
  EXPECT_NE(requests.describe(begin + 5s).find("; and 2 more"), std::string::npos);
  EXPECT_EQ(requests.size(), 7U);
}

TEST(RequestsUnderWay, ForgetsWhatHasEnded) {
  RequestsUnderWay requests;
  requests.begin(head("a", "/"), {});
  requests.end("another");
  EXPECT_EQ(requests.size(), 1U);
  requests.end("a");
  EXPECT_EQ(requests.size(), 0U);
}

}  // namespace
}  // namespace sightline::server
