#include "net/origin_check.h"

#include <gtest/gtest.h>

namespace sightline::net {
namespace {

struct Case {
  const char* what;
  const char* host;
  const char* origin;  ///< nullptr: none
  const char* site;    ///< Sec-Fetch-Site; nullptr: none
  bool passes;
};

RequestHead head_of(const Case& c) {
  RequestHead head;
  head.host = c.host;
  if (c.origin != nullptr) head.headers.add("Origin", c.origin);
  if (c.site != nullptr) head.headers.add("Sec-Fetch-Site", c.site);
  return head;
}

OriginPolicy policy() {
  OriginPolicy policy;
  policy.hosts = {"Sightline.example", "*.buckets.example"};
  policy.origins = {"https://console.example"};
  return policy;
}

TEST(OriginCheck, Table) {
  const Case cases[] = {
      {"an SDK", "127.0.0.1:4566", nullptr, nullptr, true},
      {"an SDK by name", "localhost:4566", nullptr, nullptr, true},
      {"IPv6", "[::1]:4566", nullptr, nullptr, true},
      {"all of 127/8", "127.8.9.10:4566", nullptr, nullptr, true},
      {"a bucket's own name", "my-bucket.localhost:4566", nullptr, nullptr, true},
      {"an operation's prefix", "sync-127.0.0.1:4566", nullptr, nullptr, true},
      {"a listed host, in another case", "SIGHTLINE.example", nullptr, nullptr, true},
      {"a listed host, as the root knows it", "sightline.example.:443", nullptr, nullptr, true},
      {"below a listed name", "b.buckets.example", nullptr, nullptr, true},
      {"a rebound name", "evil.example:4566", nullptr, nullptr, false},
      {"a rebound name of the same origin", "evil.example:4566", "http://evil.example:4566", "same-origin",
       false},
      {"a name that ends alike", "evilsightline.example", nullptr, nullptr, false},
      {"a name that begins alike", "localhost.evil.example", nullptr, nullptr, false},
      {"an address in a name", "127.0.0.1.evil.example", nullptr, nullptr, false},
      {"the name above a wildcard", "buckets.example", nullptr, nullptr, false},
      {"an address elsewhere", "192.168.1.4:4566", nullptr, nullptr, false},
      {"the unspecified address", "0.0.0.0:4566", nullptr, nullptr, false},
      {"a decimal address", "2130706433:4566", nullptr, nullptr, false},
      {"a prefix alone", "sync-evil.example", nullptr, nullptr, false},
      {"a page of another site", "127.0.0.1:4566", "https://evil.example", "cross-site", false},
      {"a page without Sec-Fetch", "127.0.0.1:4566", "https://evil.example", nullptr, false},
      {"a file or sandboxed frame", "127.0.0.1:4566", "null", "cross-site", false},
      {"another port of this machine", "127.0.0.1:4566", "http://127.0.0.1:3000", "same-site", false},
      {"an image of another site", "127.0.0.1:4566", nullptr, "cross-site", false},
      {"another port without Origin", "127.0.0.1:4566", nullptr, "same-site", false},
      {"typed into the address bar", "127.0.0.1:4566", nullptr, "none", true},
      {"the page let in", "127.0.0.1:4566", "https://console.example", "cross-site", true},
      {"its name over http", "127.0.0.1:4566", "http://console.example", "cross-site", false},
      {"its name with a port", "127.0.0.1:4566", "https://console.example:8443", "cross-site", false},
  };
  for (const Case& c : cases) {
    const auto refusal = refuse_origin(head_of(c), policy(), OriginExemption::none);
    EXPECT_EQ(!refusal.has_value(), c.passes) << c.what;
  }
}

TEST(OriginCheck, TwoOriginsAreNone) {
  RequestHead head;
  head.host = "127.0.0.1";
  head.headers.add("Origin", "https://console.example");
  head.headers.add("Origin", "https://evil.example");
  EXPECT_TRUE(refuse_origin(head, policy(), OriginExemption::none));
}

TEST(OriginCheck, AVerifiedSignatureExcusesTheSiteButNotTheHost) {
  const Case page{"", "127.0.0.1:4566", "https://evil.example", "cross-site", true};
  EXPECT_FALSE(refuse_origin(head_of(page), policy(), OriginExemption::cross_site));
  const Case rebound{"", "evil.example", "https://evil.example", "cross-site", false};
  EXPECT_TRUE(refuse_origin(head_of(rebound), policy(), OriginExemption::cross_site));
  OriginPolicy open;
  open.any_host = true;
  EXPECT_FALSE(refuse_origin(head_of(rebound), open, OriginExemption::cross_site));
}

}  // namespace
}  // namespace sightline::net
