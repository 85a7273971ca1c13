#include "app/server/config.h"

#include <gtest/gtest.h>

namespace sightline::server {
namespace {

TEST(Endpoint, IsAnAddressAndAPort) {
  EXPECT_EQ(to_string(*parse_endpoint("127.0.0.1:4566")), "127.0.0.1:4566");
  EXPECT_EQ(to_string(*parse_endpoint("[::1]:80")), "[::1]:80");
  EXPECT_EQ(to_string(*parse_endpoint("4567")), "127.0.0.1:4567");
}

TEST(Endpoint, IsNoName) {
  for (const char* text :
       {"localhost:80", "1.2.3.4:", "1.2.3.4:70000", "1.2.3.4:8x", "", ":", "[::1]", "-1"}) {
    EXPECT_FALSE(parse_endpoint(text)) << text;
  }
}

TEST(Endpoint, OfThisMachineAlone) {
  for (const char* text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1"})
    EXPECT_TRUE(is_loopback(*parse_endpoint(text)));
  for (const char* text : {"0.0.0.0:1", "10.0.0.1:1", "[::]:1"})
    EXPECT_FALSE(is_loopback(*parse_endpoint(text)));
}

TEST(ServeOptions, LocalModeListensOnThisMachineAlone) {
  ServeOptions options;
  EXPECT_TRUE(check(options));
  options.listen.address = "0.0.0.0";
  EXPECT_FALSE(check(options));
  options.keys = KeyPolicy::enforced;
  EXPECT_TRUE(check(options));
}

TEST(ServeOptions, HostsAreNamesAndAPublicAddressIsListenedOn) {
  ServeOptions options;
  options.public_url = parse_web_address("--public-url", "https://apps.example").value();
  options.hosts = {"eyes.example"};
  EXPECT_TRUE(check(options));
  options.hosts = {"https://eyes.example"};
  EXPECT_FALSE(check(options));
  options.hosts.clear();
  options.public_listen.clear();
  EXPECT_FALSE(check(options));
}

}  // namespace
}  // namespace sightline::server
