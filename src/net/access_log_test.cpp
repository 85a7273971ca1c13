#include "net/access_log.h"

#include <gtest/gtest.h>

namespace sightline::net {
namespace {

AccessRecord record() {
  AccessRecord r;
  r.time = Instant(std::chrono::milliseconds(784111777042));
  r.id = "id-1";
  r.peer = "127.0.0.1";
  r.method = "POST";
  r.path = "/a \"b\"\n\\\xff";
  r.operation = "s3:PutObject";
  r.status = 200;
  r.bytes_in = 5;
  r.bytes_out = 7;
  r.took = std::chrono::microseconds(1234);
  return r;
}

TEST(AccessLog, OneLineWhateverThePathHolds) {
  EXPECT_EQ(to_text(record()),
            "1994-11-06T08:49:37.042Z id-1 127.0.0.1 POST /a \\\"b\\\"\\u000a\\\\\\u00ff s3:PutObject 200 "
            "in=5 out=7 "
            "1.234ms");
  EXPECT_EQ(to_json(record()),
            R"({"time":"1994-11-06T08:49:37.042Z","request_id":"id-1","peer":"127.0.0.1","method":"POST",)"
            R"("path":"/a \"b\"\u000a\\\u00ff","operation":"s3:PutObject","status":200,"bytes_in":5,)"
            R"("bytes_out":7,"ms":1.234,"note":""})");
}

}  // namespace
}  // namespace sightline::net
