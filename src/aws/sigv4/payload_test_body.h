#pragma once
// For the tests of framings: a body in given pieces, and aws-chunked bodies as clients make them.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "aws/sigv4/payload.h"
#include "base/sha256.h"

namespace sightline::aws::sigv4::test {

/// Gives `bytes` up to each of `cuts`, and then the rest.
class SplitBody final : public net::BodyReader {
 public:
  SplitBody(std::string_view bytes, std::vector<std::size_t> cuts) : bytes_(bytes), cuts_(std::move(cuts)) {
    cuts_.push_back(bytes_.size());
  }
  Result<std::size_t> read(std::span<char> into) override {
    while (!cuts_.empty() && cuts_.front() <= at_) cuts_.erase(cuts_.begin());
    if (cuts_.empty()) return 0;
    const std::size_t count = std::min(into.size(), cuts_.front() - at_);
    std::memcpy(into.data(), bytes_.data() + at_, count);
    at_ += count;
    return count;
  }

 private:
  const std::string bytes_;
  std::vector<std::size_t> cuts_;
  std::size_t at_ = 0;
};

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

/// All of a payload, or "CODE" where it is refused. A refused one stays refused.
inline std::string read_all(PayloadReader& payload, std::size_t piece = 7) {
  std::string out;
  std::string buffer(piece, '\0');
  while (true) {
    const auto count = payload.read(buffer);
    if (!count) {
      const auto again = payload.read(buffer);
      return again ? "read again after " + count.error().code : count.error().code;
    }
    if (*count == 0) return out;
    out += buffer.substr(0, *count);
  }
}

}  // namespace sightline::aws::sigv4::test
