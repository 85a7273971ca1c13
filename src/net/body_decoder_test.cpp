#include "net/body_decoder.h"

#include <gtest/gtest.h>

namespace sightline::net {
namespace {

RequestHead chunked() {
  RequestHead head;
  head.chunked = true;
  return head;
}

struct Decoded {
  std::string body;
  std::size_t consumed = 0;
  bool done = false;
  bool good = true;
};

/// Shows the decoder `piece` more bytes at a time, as a socket would.
Decoded decode(const RequestHead& head, std::string_view input, std::size_t piece) {
  BodyDecoder decoder(head);
  Decoded out;
  for (std::size_t shown = piece; out.good && !decoder.done(); shown += piece) {
    shown = std::min(shown, input.size());
    while (true) {
      const auto step = decoder.next(input.substr(out.consumed, shown - out.consumed));
      out.good = step.has_value();
      if (!out.good || step->consumed == 0) break;
      out.body += step->data;
      out.consumed += step->consumed;
    }
    if (shown == input.size()) break;
  }
  out.done = decoder.done();
  return out;
}

TEST(BodyDecoder, ChunksInPiecesOfAnySize) {
  const std::string_view input = "4\r\nWiki\r\nA;ext=\"v\"\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nGET /";
  for (std::size_t piece = 1; piece <= input.size(); ++piece) {
    const auto out = decode(chunked(), input, piece);
    EXPECT_TRUE(out.done) << piece;
    EXPECT_EQ(out.body, "Wiki0123456789") << piece;
    EXPECT_EQ(input.substr(out.consumed), "GET /") << piece;
  }
}

TEST(BodyDecoder, LengthsEndWhereTheySay) {
  RequestHead head;
  head.content_length = 3;
  const auto out = decode(head, "abcdef", 1);
  EXPECT_TRUE(out.done);
  EXPECT_EQ(out.body, "abc");
  EXPECT_TRUE(BodyDecoder(RequestHead{}).done()) << "no length, no body";
}

TEST(BodyDecoder, RefusesMalformedChunks) {
  for (const std::string_view input :
       {"\r\n", " 1\r\na\r\n", "1 \r\na\r\n", "0x1\r\na\r\n", "+1\r\na\r\n", "-1\r\na\r\n", "g\r\n", "1\na\n",
        "1\r\nab\r\n", "1\r\na\n0\r\n\r\n", "ffffffffffffffff\r\n", "00000000000000001\r\n", "1\r\na\r0\r\n",
        "0\r\nX: \x01\r\n\r\n", "0\r\n\n", "1;\x01\r\n", ";x\r\n"}) {
    const auto out = decode(chunked(), input, input.size());
    EXPECT_FALSE(out.good) << input;
  }
}

TEST(BodyDecoder, BoundsExtensionsAndTrailers) {
  EXPECT_FALSE(decode(chunked(), "1;" + std::string(2000, 'a'), 100).good);
  std::string trailers = "0\r\n";
  for (int i = 0; i < 3000; ++i) trailers += "X: 1\r\n";
  EXPECT_FALSE(decode(chunked(), trailers, 100).good);
}

}  // namespace
}  // namespace sightline::net
