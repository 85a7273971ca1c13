#include "aws/sigv4/payload.h"

#include <gtest/gtest.h>

#include "aws/sigv4/payload_test_body.h"
#include "aws/sigv4/sigv4_test_requests.h"

namespace sightline::aws::sigv4 {
namespace {

using test::chunked_body;
using test::decode_all;
using test::hash_of;

const std::string kText = "The quick brown fox jumps over the lazy dog.";
const std::vector<std::string> kChunks = {kText.substr(0, 20), kText.substr(20, 20), kText.substr(40)};
const std::string kTrailer = "x-amz-checksum-crc32:UZ8lhQ==";

Verified head_of(Payload payload) {
  Verified head{.payload = payload,
                .payload_hash = hash_of(kText),
                .timestamp = "20150830T123600Z",
                .scope = "20150830/us-east-1/s3/aws4_request",
                .seed_signature = std::string(64, 'a')};
  head.signing_key.fill(7);
  return head;
}

bool is_chunked(Payload payload) {
  return payload != Payload::hashed && payload != Payload::unsigned_body;
}

bool has_trailers(Payload payload) {
  return payload == Payload::streaming_signed_trailer || payload == Payload::streaming_unsigned_trailer;
}

wire::Headers headers_of(Payload payload) {
  wire::Headers headers;
  if (!is_chunked(payload)) headers.add("Content-Length", std::to_string(kText.size()));
  if (is_chunked(payload)) headers.add("X-Amz-Decoded-Content-Length", std::to_string(kText.size()));
  if (has_trailers(payload)) headers.add("X-Amz-Trailer", "x-amz-checksum-crc32");
  return headers;
}

std::string body_of(Payload payload) {
  if (!is_chunked(payload)) return kText;
  return chunked_body(head_of(payload), kChunks,
                      has_trailers(payload) ? std::vector{kTrailer} : std::vector<std::string>{});
}

/// What a decoder of `payload` makes of `bytes`.
std::string outcome_of(Payload payload, std::string_view bytes, const wire::Headers& headers,
                       const std::vector<std::size_t>& cuts = {},
                       ChunkSignatures signatures = ChunkSignatures::verified) {
  const auto decoder = make_payload_decoder(headers, head_of(payload), kS3, signatures);
  return decoder ? decode_all(**decoder, bytes, cuts) : decoder.error().code;
}

std::string outcome_of(Payload payload, std::string_view bytes) {
  return outcome_of(payload, bytes, headers_of(payload));
}

class EveryFraming : public ::testing::TestWithParam<Payload> {};

TEST_P(EveryFraming, IsReadWhereverItIsSplit) {
  const std::string bytes = body_of(GetParam());
  const auto headers = headers_of(GetParam());
  std::vector<std::size_t> all;
  for (std::size_t at = 0; at <= bytes.size(); ++at) {
    EXPECT_EQ(outcome_of(GetParam(), bytes, headers, {at}), kText) << "split at " << at;
    all.push_back(at);
  }
  EXPECT_EQ(outcome_of(GetParam(), bytes, headers, all), kText) << "byte by byte";
}

TEST_P(EveryFraming, TellsLengthAndTrailers) {
  const auto decoder = make_payload_decoder(headers_of(GetParam()), head_of(GetParam()), kS3);
  ASSERT_TRUE(decoder);
  EXPECT_EQ((*decoder)->length(), kText.size());
  EXPECT_EQ(decode_all(**decoder, body_of(GetParam())), kText);
  EXPECT_EQ((*decoder)->trailers().size(), has_trailers(GetParam()) ? 1U : 0U);
  if (has_trailers(GetParam())) {
    EXPECT_EQ((*decoder)->trailers().find("x-amz-checksum-crc32").value_or(""), "UZ8lhQ==");
  }
}

TEST_P(EveryFraming, RefusesABodyThatIsCutShort) {
  const std::string bytes = body_of(GetParam());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_EQ(outcome_of(GetParam(), bytes.substr(0, length)), "IncompleteBody") << length;
  }
}

TEST_P(EveryFraming, EndsWithTheFirstErrorOfWhoTakesItsBytes) {
  const auto decoder = make_payload_decoder(headers_of(GetParam()), head_of(GetParam()), kS3);
  ASSERT_TRUE(decoder);
  const std::string bytes = body_of(GetParam());
  int calls = 0;
  const auto full = [&](std::span<const char>) -> wire::Answer<void> {
    ++calls;
    return std::unexpected(wire::ServiceError{"Full", "Full", ""});
  };
  EXPECT_EQ((*decoder)->take(bytes, full).error().code, "Full");
  EXPECT_EQ((*decoder)->take(bytes, full).error().code, "Full");
  EXPECT_EQ((*decoder)->finish().error().code, "Full");
  EXPECT_EQ(calls, 1);
}

TEST_P(EveryFraming, RefusesWhatFollowsTheEnd) {
  for (const char* more : {"x", "\r\n", "0\r\n\r\n"}) {
    const std::string outcome = outcome_of(GetParam(), body_of(GetParam()) + more);
    EXPECT_EQ(outcome, is_chunked(GetParam()) ? "InvalidRequest" : "IncompleteBody");
  }
}

TEST_P(EveryFraming, RefusesABodyOfAnotherLength) {
  for (const std::size_t told : {std::size_t{0}, kText.size() - 1, kText.size() + 1}) {
    wire::Headers headers = headers_of(GetParam());
    headers.set(is_chunked(GetParam()) ? "X-Amz-Decoded-Content-Length" : "Content-Length",
                std::to_string(told));
    EXPECT_EQ(outcome_of(GetParam(), body_of(GetParam()), headers), "IncompleteBody") << told;
  }
  for (const char* told : {"", "-1", "44x", "0x2c", "99999999999999999999"}) {
    wire::Headers headers = headers_of(GetParam());
    headers.set(is_chunked(GetParam()) ? "X-Amz-Decoded-Content-Length" : "Content-Length", told);
    EXPECT_EQ(outcome_of(GetParam(), body_of(GetParam()), headers), "InvalidArgument") << told;
  }
}

TEST_P(EveryFraming, NeedsNoLength) {
  wire::Headers headers;
  if (has_trailers(GetParam())) headers.add("x-amz-trailer", "x-amz-checksum-crc32");
  EXPECT_EQ(outcome_of(GetParam(), body_of(GetParam()), headers), kText);
}

/// Where every byte is covered by a hash or signature, or by the rules of the framing.
TEST_P(EveryFraming, NoticesEveryChangedByte) {
  const std::string bytes = body_of(GetParam());
  if (GetParam() == Payload::unsigned_body || GetParam() == Payload::streaming_unsigned_trailer) return;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const int flip : {1, 0x20, 0x80}) {
      std::string forged = bytes;
      forged[at] = static_cast<char>(forged[at] ^ flip);
      // A trailing header's name is written in any case.
      const bool in_name = at >= bytes.find("x-amz-") && bytes[at] != ':' && flip == 0x20;
      if (in_name) continue;
      EXPECT_NE(outcome_of(GetParam(), forged), kText) << "byte " << at << " changed by " << flip;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Payload, EveryFraming,
                         ::testing::Values(Payload::hashed, Payload::unsigned_body, Payload::streaming_signed,
                                           Payload::streaming_signed_trailer,
                                           Payload::streaming_unsigned_trailer),
                         [](const auto& test) { return std::to_string(static_cast<int>(test.param)); });

TEST(Payload, NamesWhyABodyDoesNotComeWhole) {
  EXPECT_EQ(broken_body({ErrorKind::io, "nothing came"}).code, "RequestTimeout");
  EXPECT_EQ(broken_body({ErrorKind::too_large, ""}).code, "EntityTooLarge");
  EXPECT_EQ(broken_body({ErrorKind::corrupt, ""}).code, "InvalidRequest");
}

TEST(Payload, NamesWhatIsWrong) {
  std::string other = kText;
  other[3] = '!';
  EXPECT_EQ(outcome_of(Payload::hashed, other), "XAmzContentSHA256Mismatch");
  EXPECT_EQ(outcome_of(Payload::unsigned_body, other), other);

  const std::string chunks = body_of(Payload::streaming_signed);
  std::string forged = chunks;
  forged[forged.find("quick")] = 'Q';
  EXPECT_EQ(outcome_of(Payload::streaming_signed, forged), "SignatureDoesNotMatch");
}

TEST(Payload, RefusesChunksThatWereMovedOrLeftOut) {
  const Verified head = head_of(Payload::streaming_signed);
  const std::string bytes = body_of(Payload::streaming_signed);
  const std::size_t second = bytes.find("14;", 10);
  const std::size_t third = bytes.find("4;", second + 10);
  const std::string swapped =
      bytes.substr(second, third - second) + bytes.substr(0, second) + bytes.substr(third);
  EXPECT_EQ(outcome_of(Payload::streaming_signed, swapped), "SignatureDoesNotMatch");
  wire::Headers shorter{{"x-amz-decoded-content-length", "24"}};
  EXPECT_EQ(outcome_of(Payload::streaming_signed, bytes.substr(second), shorter), "SignatureDoesNotMatch");
  // Ended early, with a last chunk of another body.
  wire::Headers first{{"x-amz-decoded-content-length", "20"}};
  EXPECT_EQ(outcome_of(Payload::streaming_signed,
                       bytes.substr(0, second) + bytes.substr(bytes.find("0;chunk", third)), first),
            "SignatureDoesNotMatch");
  const std::string right = chunked_body(head, {kChunks[0]}, {});
  EXPECT_EQ(outcome_of(Payload::streaming_signed, right, first), kChunks[0]);
}

TEST(Payload, RefusesTrailersThatWereNotAnnounced) {
  const auto outcome = [](Payload payload, const std::vector<std::string>& trailers, const char* announced) {
    wire::Headers headers{{"x-amz-decoded-content-length", std::to_string(kText.size())}};
    if (*announced != '\0') headers.add("x-amz-trailer", announced);
    return outcome_of(payload, chunked_body(head_of(payload), kChunks, trailers), headers);
  };
  for (const Payload payload : {Payload::streaming_signed_trailer, Payload::streaming_unsigned_trailer}) {
    EXPECT_EQ(outcome(payload, {}, ""), kText);
    EXPECT_EQ(outcome(payload, {"a:1", "b:2"}, "a, b"), kText);
    EXPECT_EQ(outcome(payload, {"a:1"}, ""), "MalformedTrailerError");
    EXPECT_EQ(outcome(payload, {}, "a"), "MalformedTrailerError");
    EXPECT_EQ(outcome(payload, {"b:1"}, "a"), "MalformedTrailerError");
    EXPECT_EQ(outcome(payload, {"a:1", "a:2"}, "a"), "MalformedTrailerError");
    EXPECT_EQ(outcome(payload, {"a"}, "a"), "MalformedTrailerError");
    EXPECT_EQ(outcome(payload, {"a:1"}, "a,a"), "MalformedTrailerError");
  }
}

TEST(Payload, RefusesChunksThatCannotBeRead) {
  const wire::Headers headers{{"x-amz-decoded-content-length", "3"}};
  const auto outcome = [&](std::string_view bytes) {
    return outcome_of(Payload::streaming_unsigned_trailer, bytes, headers);
  };
  EXPECT_EQ(outcome("3\r\nabc\r\n0\r\n\r\n"), "abc");
  EXPECT_EQ(outcome("003\r\nabc\r\n0\r\n\r\n"), "abc");
  for (const char* bytes : {"3\nabc\r\n0\r\n\r\n", "\r\nabc\r\n0\r\n\r\n", "x\r\n", "-3\r\nabc", "3 \r\nabc",
                            "0x3\r\nabc", "3;a=b\r\nabc", "2\r\nabc\r\n", "3\r\nabcd\r\n"}) {
    EXPECT_EQ(outcome(bytes), "InvalidRequest") << bytes;
  }
  EXPECT_EQ(outcome("ffffffffffffffff\r\nabc"), "InvalidRequest");
  EXPECT_EQ(outcome("4\r\nabcd\r\n0\r\n\r\n"), "IncompleteBody");
  EXPECT_EQ(outcome(std::string(100'000, '1')), "InvalidRequest") << "a line without an end";
}

TEST(Payload, OfAnUnknownKeyIsReadWithoutItsSignatures) {
  std::string body = body_of(Payload::streaming_signed_trailer);
  const std::size_t at = body.find("signature=") + 10;
  body[at] = body[at] == '0' ? '1' : '0';
  EXPECT_EQ(outcome_of(Payload::streaming_signed_trailer, body), "SignatureDoesNotMatch");
  EXPECT_EQ(outcome_of(Payload::streaming_signed_trailer, body, headers_of(Payload::streaming_signed_trailer),
                       {}, ChunkSignatures::unverifiable),
            kText);
}

/// The example of Amazon S3's API reference, "Example calculations": 65 KiB of 'a' in two chunks.
TEST(Payload, AgreesWithThePublishedExample) {
  Verified head{.payload = Payload::streaming_signed,
                .timestamp = "20130524T000000Z",
                .scope = "20130524/us-east-1/s3/aws4_request",
                .seed_signature = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"};
  Sha256Digest key = hmac_sha256(bytes_of("AWS4wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), "20130524");
  for (const char* part : {"us-east-1", "s3", "aws4_request"}) key = hmac_sha256(key, part);
  head.signing_key = key;
  const std::string bytes =
      "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" +
      std::string(65536, 'a') +
      "\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" +
      std::string(1024, 'a') +
      "\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n";
  const auto decoder = make_payload_decoder({{"x-amz-decoded-content-length", "66560"}}, head, kS3);
  ASSERT_TRUE(decoder);
  EXPECT_EQ(decode_all(**decoder, bytes), std::string(66560, 'a'));
}

}  // namespace
}  // namespace sightline::aws::sigv4
