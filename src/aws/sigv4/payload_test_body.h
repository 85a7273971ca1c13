#pragma once
// For the tests of framings: bodies taken in given pieces, and aws-chunked bodies as clients make them.

#include <fmt/format.h>

#include <string>
#include <vector>

#include "aws/sigv4/payload.h"
#include "base/sha256.h"

namespace sightline::aws::sigv4::test {

inline std::string hash_of(std::string_view text) {
  return sha256_hex({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

/// "name:value" lines of trailing headers; none where the framing has none.
inline std::string chunked_body(const Verified& head, const std::vector<std::string>& chunks,
                                const std::vector<std::string>& trailers) {
  std::string body;
  std::string previous = head.seed_signature;
  const bool is_signed = head.payload != Payload::streaming_unsigned_trailer;
  const auto add = [&](const std::string& data) {
    body += fmt::format("{:x}", data.size());
    if (is_signed) {
      previous = chunk_signature(head, previous, hash_of(data));
      body += ";chunk-signature=" + previous;
    }
    body += "\r\n" + data;
    if (!data.empty()) body += "\r\n";
  };
  for (const std::string& chunk : chunks) add(chunk);
  add("");
  std::string text;
  for (const std::string& trailer : trailers) {
    body += trailer + "\r\n";
    text += trailer + "\n";
  }
  if (head.payload == Payload::streaming_signed_trailer)
    body += "x-amz-trailer-signature:" + trailer_signature(head, previous, hash_of(text)) + "\r\n";
  return body + "\r\n";
}

/// What `decoder` makes of `bytes`, given up to each of `cuts` and then the rest; "CODE" where it is refused.
/// A refused one stays refused.
inline std::string decode_all(PayloadDecoder& decoder, std::string_view bytes,
                              std::vector<std::size_t> cuts = {}) {
  std::string out;
  const PayloadSink sink = [&](std::span<const char> data) -> wire::Answer<void> {
    out.append(data.data(), data.size());
    return {};
  };
  cuts.push_back(bytes.size());
  std::size_t at = 0;
  for (const std::size_t cut : cuts) {
    const auto taken = decoder.take(bytes.substr(at, cut - at), sink);
    at = cut;
    if (!taken) return decoder.finish() ? "finished after " + taken.error().code : taken.error().code;
  }
  const auto finished = decoder.finish();
  if (finished) return out;
  return decoder.finish() ? "finished after " + finished.error().code : finished.error().code;
}

}  // namespace sightline::aws::sigv4::test
