#include "net/request_head.h"

#include <gtest/gtest.h>

namespace sightline::net {
namespace {

Result<RequestHead> parse(std::string_view bytes) {
  return parse_request_head(bytes, HeadLimits{});
}

/// A request with one more field line.
Result<RequestHead> with_field(std::string_view line) {
  return parse("POST / HTTP/1.1\r\nHost: a\r\n" + std::string(line) + "\r\n\r\n");
}

TEST(RequestHead, KeepsTheTargetAndFieldsAsSent) {
  const auto head = parse(
      "PUT /b%2Fucket//key+a?x-id=PutObject&a=%20 HTTP/1.1\r\nhOsT: b.localhost:4566\r\n"
      "X-Amz-Meta-A: \t 1  2 \r\nX-Amz-Meta-A:3\r\nContent-Length: 12\r\n\r\n");
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->method, "PUT");
  EXPECT_EQ(head->path(), "/b%2Fucket//key+a");
  EXPECT_EQ(head->query(), "x-id=PutObject&a=%20");
  EXPECT_EQ(head->host, "b.localhost:4566");
  EXPECT_EQ(head->headers.count("x-amz-meta-a"), 2U);
  EXPECT_EQ(head->headers.find("X-AMZ-META-A"), "1  2") << "inner spaces are the signer's business";
  EXPECT_EQ(head->headers.begin()->name, "hOsT");
  EXPECT_EQ(head->content_length, 12U);
  EXPECT_TRUE(head->keep_alive);
}

TEST(RequestHead, TakesAbsoluteTargetsApart) {
  const auto head = parse("GET HTTP://store.example:80?list HTTP/1.1\r\nHost: other\r\n\r\n");
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->target, "/?list");
  EXPECT_EQ(head->host, "store.example:80");
}

TEST(RequestHead, ConnectionsStayOpenAsTheVersionSays) {
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n")->keep_alive);
  EXPECT_TRUE(parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")->keep_alive);
  EXPECT_FALSE(with_field("Connection: te , Close")->keep_alive);
}

TEST(RequestHead, RefusesWhatTwoParsersCouldReadInTwoWays) {
  for (const std::string_view line : {
           "Content-Length: 1\r\nTransfer-Encoding: chunked",
           "Transfer-Encoding: chunked\r\nContent-Length: 1",
           "Content-Length: 1\r\nContent-Length: 1",
           "Content-Length: 1\r\nContent-Length: 2",
           "Content-Length: 1, 1",
           "Content-Length: +1",
           "Content-Length: -1",
           "Content-Length: 0x1",
           "Content-Length: ",
           "Content-Length: 99999999999999999999",
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
           "Transfer-Encoding : chunked",
           "Content-Length : 1",
           " folded",
           "X: 1\r\n folded",
           "X: 1\r\n\tfolded",
           "X: a\nY: b",
           "X: a\rY: b",
           "no colon",
           ": no name",
           "X\x01: control",
           "X: \x01",
           "X: \x7f",
           "Host: b",
       }) {
    const auto head = with_field(line);
    ASSERT_FALSE(head) << line;
    EXPECT_EQ(head.error().kind, ErrorKind::corrupt) << line;
  }
  EXPECT_FALSE(with_field(std::string_view("X: a\0b", 6)));
}

TEST(RequestHead, RefusesMalformedRequestLines) {
  for (const std::string_view line :
       {"GET /", "GET  / HTTP/1.1", "GET / a HTTP/1.1", " GET / HTTP/1.1", "GET\t/ HTTP/1.1",
        "GET / HTTP/1.1 ", "G(T / HTTP/1.1", "GET a HTTP/1.1", "GET ftp://a/ HTTP/1.1",
        "GET http:/// HTTP/1.1", "GET * HTTP/1.1", "GET /\x01 HTTP/1.1", "GET / http/1.1", "GET / HTTP/1.1x",
        "", "GET /a#b HTTP/1.1"}) {
    const auto head = parse(std::string(line) + "\r\nHost: a\r\n\r\n");
    ASSERT_FALSE(head) << line;
    EXPECT_EQ(head.error().kind, ErrorKind::corrupt) << line;
  }
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\n\r\n")) << "HTTP/1.1 needs a Host";
  EXPECT_EQ(parse("GET / HTTP/2.0\r\nHost: a\r\n\r\n").error().kind, ErrorKind::unsupported);
}

TEST(RequestHead, SaysWhatItDoesNotServe) {
  for (const std::string_view coding : {"gzip, chunked", "identity", "chunked, gzip", "xchunked"})
    EXPECT_EQ(with_field("Transfer-Encoding: " + std::string(coding)).error().kind, ErrorKind::unsupported);
  EXPECT_EQ(with_field("Expect: 200-ok").error().kind, ErrorKind::invalid_argument);
}

TEST(RequestHead, CountsFieldsAndBytes) {
  std::string fields;
  for (int i = 0; i < 200; ++i) fields += "X: 1\r\n";
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n").error().kind, ErrorKind::too_large);
  EXPECT_EQ(with_field("X: " + std::string(40'000, 'a')).error().kind, ErrorKind::too_large);
}

TEST(FindHeadEnd, WaitsForTheEmptyLineAndNoLonger) {
  EXPECT_EQ(find_head_end("GET / HTTP/1.1\r\nHost: a\r\n\r\nbody").value(), 27U);
  EXPECT_EQ(find_head_end("GET / HTTP/1.1\r\nHost: a\r\n\r").value(), std::nullopt);
  EXPECT_FALSE(find_head_end("GET / HTTP/1.1\nHost")) << "a bare LF is refused before the head is whole";
  EXPECT_FALSE(find_head_end("GET / HTTP/1.1\r\nHost: a\n\n"));
  EXPECT_FALSE(find_head_end(std::string_view("GE\0T", 4)));
}

}  // namespace
}  // namespace sightline::net
