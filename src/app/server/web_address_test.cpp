#include "app/server/web_address.h"

#include <gtest/gtest.h>

namespace sightline::server {
namespace {

std::string parsed_again(std::string_view text) {
  const auto address = parse_web_address("--flag", text);
  return address ? to_string(*address) : "refused";
}

TEST(WebAddress, IsWrittenAsBrowsersDo) {
  EXPECT_EQ(parsed_again("https://Apps.Example"), "https://apps.example");
  EXPECT_EQ(parsed_again("HTTPS://apps.example:443/"), "https://apps.example");
  EXPECT_EQ(parsed_again("http://localhost:80"), "http://localhost");
  EXPECT_EQ(parsed_again("http://127.0.0.1:4568"), "http://127.0.0.1:4568");
  EXPECT_EQ(parsed_again("https://[::1]:8443/"), "https://[::1]:8443");
  EXPECT_EQ(parsed_again("http://[::1]"), "http://[::1]");
}

TEST(WebAddress, IsNothingElse) {
  for (const char* text : {"",
                           "apps.example",
                           "ftp://apps.example",
                           "https://",
                           "https:///",
                           "https://apps.example/path",
                           "https://apps.example?q",
                           "https://apps.example#f",
                           "https://me@apps.example",
                           "https://apps.example:0",
                           "https://apps.example:70000",
                           "https://apps.example:",
                           "https://10.0.0.256",
                           "https://[::1",
                           "https://[1.2.3.4]",
                           "https://::1",
                           "https://apps..example",
                           "https://apps.example//",
                           "https://apps.example\n",
                           "https://*.example",
                           "http://a b"}) {
    EXPECT_EQ(parsed_again(text), "refused") << text;
  }
}

TEST(WebAddress, HostsHaveNoSchemeAndNoPort) {
  for (const char* text : {"eyes.example", "*.eyes.example", "192.0.2.7", "::1", "localhost"})
    EXPECT_TRUE(check_host("--host", text)) << text;
  for (const char* text : {"", "*", "*.", "*.192.0.2.7", "eyes.example:4566", "https://eyes.example", "a/b",
                           "192.0.2.700", "[::1]"})
    EXPECT_FALSE(check_host("--host", text)) << text;
}

}  // namespace
}  // namespace sightline::server
