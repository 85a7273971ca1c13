#include "base/process/record_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace sightline::process {
namespace {

Bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

Bytes joined(const std::vector<Bytes>& parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

/// "TYPE:PAYLOAD " of each; "!" where the stream is broken.
std::string read_in_pieces(const Bytes& bytes, std::size_t piece, std::size_t max_payload = 100) {
  RecordStream stream(max_payload);
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    stream.feed(std::span(bytes).subspan(at, std::min(piece, bytes.size() - at)));
    while (true) {
      const auto record = stream.next();
      if (!record) {
        EXPECT_EQ(record.error().kind, ErrorKind::corrupt);
        return text + "!";
      }
      if (!*record) break;
      text += std::to_string((*record)->type) + ":" +
              std::string((*record)->payload.begin(), (*record)->payload.end()) + " ";
    }
  }
  return text;
}

TEST(RecordStream, IsLaidOutAsDocumented) {
  EXPECT_EQ(frame_record(7, bytes_of("ab")), bytes_of(std::string_view("\2\0\0\0\7ab", 7)));
  EXPECT_EQ(framed_size({7, {}}), 5U);
}

TEST(RecordStream, RecordsComeWholeHoweverTheyAreCut) {
  const Bytes all =
      joined({frame_record(1, bytes_of("one")), frame_record(255, {}), frame_record(0, bytes_of("three"))});
  for (std::size_t piece = 1; piece <= all.size(); ++piece) {
    EXPECT_EQ(read_in_pieces(all, piece), "1:one 255: 0:three ") << piece;
  }
  EXPECT_EQ(read_in_pieces(Bytes(all.begin(), all.end() - 1), 4), "1:one 255: ") << "the last is not whole";
}

TEST(RecordStream, APayloadThatIsTooLongBreaksIt) {
  const Bytes all =
      joined({frame_record(1, bytes_of("ok")), frame_record(2, bytes_of("long")), frame_record(3, {})});
  EXPECT_EQ(read_in_pieces(all, all.size(), 4), "1:ok 2:long 3: ");
  EXPECT_EQ(read_in_pieces(all, all.size(), 3), "1:ok !");
  EXPECT_EQ(read_in_pieces(all, 1, 3), "1:ok !");

  RecordStream stream(3);
  stream.feed(all);
  EXPECT_TRUE(stream.next());
  EXPECT_FALSE(stream.next());
  stream.feed(frame_record(4, {}));
  EXPECT_FALSE(stream.next()) << "for good";
}

}  // namespace
}  // namespace sightline::process
