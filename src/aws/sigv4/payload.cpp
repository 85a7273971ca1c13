#include "aws/sigv4/payload.h"

#include <algorithm>

#include "aws/sigv4/auth_error.h"
#include "aws/sigv4/chunked_payload.h"
#include "base/ascii.h"
#include "base/hex.h"
#include "base/whole_number.h"
#include "net/request_head.h"

namespace sightline::aws::sigv4 {
namespace {

using wire::Answer;
using wire::Service;

/// A length that a header tells; an error where it is none, or told twice.
Answer<std::optional<std::uint64_t>> length_of(const wire::Headers& head, std::string_view name) {
  const auto text = head.find(name);
  if (!text) return std::nullopt;
  const auto value = parse_whole<std::uint64_t>(*text);
  if (!value || *value > net::kMaxBodyBytes || head.count(name) > 1)
    return payload_error(PayloadFailure::bad_length);
  return value;
}

/// The names in the lines of x-amz-trailer.
Answer<std::vector<std::string>> announced_trailers(const wire::Headers& head) {
  std::vector<std::string> names;
  for (const wire::Header& line : head) {
    if (!equals_ignoring_case(line.name, "x-amz-trailer")) continue;
    for (std::string_view rest = line.value; !rest.empty();) {
      const std::string_view item = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(item.size() + 1, rest.size()));
      std::string name = to_lower(trimmed(item));
      const bool twice = std::ranges::find(names, name) != names.end();
      if (name.empty() || twice || names.size() >= ChunkedPayload::kMaxTrailers)
        return payload_error(PayloadFailure::bad_trailer);
      names.push_back(std::move(name));
    }
  }
  return names;
}

/// The body as it is, with its hash where the head has said one.
class PlainPayload final : public FramedPayload {
 public:
  PlainPayload(const Service& service, std::optional<std::uint64_t> length, std::optional<std::string> hash)
      : service_(service), length_(length), hash_(std::move(hash)) {}
  std::optional<std::uint64_t> length() const override { return length_; }

 protected:
  Answer<void> next(std::span<const char> piece, const PayloadSink& sink) override {
    if (piece.empty()) return {};
    done_ += piece.size();
    if (length_ && done_ > *length_) return payload_error(PayloadFailure::incomplete);
    if (hash_) digest_.update(piece);
    return sink(piece);
  }
  Answer<void> end() override {
    if (length_ && done_ != *length_) return payload_error(PayloadFailure::incomplete);
    if (hash_ && !equal_in_constant_time(hex(digest_.finish()), *hash_))
      return std::unexpected(auth_error(service_, AuthFailure::body_mismatch));
    return {};
  }

 private:
  const Service& service_;
  const std::optional<std::uint64_t> length_;
  const std::optional<std::string> hash_;
  Digest digest_{DigestKind::sha256};
  std::uint64_t done_ = 0;
};

}  // namespace

Answer<std::unique_ptr<PayloadDecoder>> make_payload_decoder(const wire::Headers& head,
                                                             const Verified& verified, const Service& service,
                                                             ChunkSignatures signatures) {
  if (verified.payload == Payload::hashed || verified.payload == Payload::unsigned_body) {
    const auto length = TRY(length_of(head, "Content-Length"));
    auto hash = verified.payload == Payload::hashed ? std::optional(verified.payload_hash) : std::nullopt;
    return std::make_unique<PlainPayload>(service, length, std::move(hash));
  }
  ChunkedOptions options;
  options.kind = verified.payload == Payload::streaming_unsigned_trailer ? ChunkKind::plain
                 : signatures == ChunkSignatures::verified               ? ChunkKind::checked
                                                                         : ChunkKind::unverifiable;
  options.head = verified;
  options.length = TRY(length_of(head, "x-amz-decoded-content-length"));
  options.has_trailers = verified.payload != Payload::streaming_signed;
  if (options.has_trailers) options.announced = TRY(announced_trailers(head));
  return std::make_unique<ChunkedPayload>(service, std::move(options));
}

}  // namespace sightline::aws::sigv4
