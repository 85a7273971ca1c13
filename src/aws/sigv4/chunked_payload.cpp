#include "aws/sigv4/chunked_payload.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/sigv4/auth_error.h"
#include "base/ascii.h"
#include "base/hex.h"
#include "base/sha256.h"
#include "base/whole_number.h"
#include "net/request_head.h"

namespace sightline::aws::sigv4 {
namespace {

using wire::Answer;

constexpr std::string_view kSignatureField = ";chunk-signature=";
constexpr std::string_view kTrailerSignature = "x-amz-trailer-signature";

std::optional<std::uint64_t> hexadecimal(std::string_view text) {
  const auto value = parse_whole<std::uint64_t>(text, 16);
  return text.size() <= 16 && value && *value <= net::kMaxBodyBytes ? value : std::nullopt;
}

}  // namespace

Answer<void> ChunkedPayload::next(std::span<const char> piece, const PayloadSink& sink) {
  while (!piece.empty()) {
    if (part_ == Part::nothing) return payload_error(PayloadFailure::unannounced_end);
    if (part_ == Part::data) {
      TRY(take_data(piece, sink));
    } else if (TRY(fill_line(piece))) {
      TRY(take_line(std::exchange(line_, {})));
    }
  }
  return {};
}

Answer<void> ChunkedPayload::end() {
  const bool whole = part_ == Part::nothing && (!options_.length || done_ == *options_.length);
  if (!whole) return payload_error(PayloadFailure::incomplete);
  return {};
}

Answer<void> ChunkedPayload::take_data(std::span<const char>& piece, const PayloadSink& sink) {
  const auto data = piece.first(static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), remaining_)));
  piece = piece.subspan(data.size());
  remaining_ -= data.size();
  done_ += data.size();
  if (remaining_ == 0) part_ = Part::data_end;
  if (options_.kind == ChunkKind::checked) digest_->update(data);
  return sink(data);
}

/// True once `line_` is whole; its CRLF is taken from the piece and dropped.
Answer<bool> ChunkedPayload::fill_line(std::span<const char>& piece) {
  const auto end = std::ranges::find(piece, '\n');
  const auto taken = static_cast<std::size_t>(end - piece.begin());
  line_.append(piece.data(), taken);
  if (line_.size() > kMaxLine) return payload_error(PayloadFailure::bad_chunk);
  const bool whole = end != piece.end();
  piece = piece.subspan(taken + (whole ? 1 : 0));
  if (!whole) return false;
  if (!line_.ends_with('\r')) return payload_error(PayloadFailure::bad_chunk);
  line_.pop_back();
  return true;
}

Answer<void> ChunkedPayload::take_line(const std::string& line) {
  switch (part_) {
    case Part::size_line:
      return begin_chunk(line);
    case Part::trailers:
      return line.empty() ? end_trailers() : take_trailer(line);
    default:
      break;
  }
  if (!line.empty()) return payload_error(PayloadFailure::bad_chunk);
  if (part_ == Part::data_end) return end_chunk();
  part_ = Part::nothing;
  return {};
}

Answer<void> ChunkedPayload::begin_chunk(const std::string& line) {
  const auto digits = std::string_view(line).substr(0, line.find(';'));
  const auto rest = std::string_view(line).substr(digits.size());
  const auto size = hexadecimal(digits);
  if (!size) return payload_error(PayloadFailure::bad_chunk);
  if (options_.kind == ChunkKind::plain) {
    if (!rest.empty()) return payload_error(PayloadFailure::bad_chunk);
  } else {
    if (!rest.starts_with(kSignatureField)) return payload_error(PayloadFailure::bad_chunk);
    given_ = rest.substr(kSignatureField.size());
    digest_.emplace(DigestKind::sha256);
  }
  if (*size > (options_.length ? *options_.length - done_ : (std::uint64_t{1} << 62U) - done_))
    return payload_error(PayloadFailure::incomplete);
  remaining_ = *size;
  part_ = Part::data;
  if (remaining_ > 0) return {};
  // The last chunk, which is empty.
  part_ = options_.has_trailers ? Part::trailers : Part::last_line;
  if (options_.kind == ChunkKind::checked)
    TRY(follow_signature(chunk_signature(options_.head, signature_, hex(digest_->finish()))));
  given_.clear();
  return {};
}

Answer<void> ChunkedPayload::end_chunk() {
  part_ = Part::size_line;
  if (options_.kind != ChunkKind::checked) return {};
  return follow_signature(chunk_signature(options_.head, signature_, hex(digest_->finish())));
}

Answer<void> ChunkedPayload::follow_signature(std::string expected) {
  if (!equal_in_constant_time(expected, given_))
    return std::unexpected(auth_error(service_, AuthFailure::mismatch));
  signature_ = std::move(expected);
  return {};
}

Answer<void> ChunkedPayload::take_trailer(const std::string& line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string::npos || colon == 0) return payload_error(PayloadFailure::bad_trailer);
  std::string name = to_lower(trimmed(std::string_view(line).substr(0, colon)));
  std::string value(trimmed(std::string_view(line).substr(colon + 1)));
  if (name == kTrailerSignature && options_.kind != ChunkKind::plain && given_.empty()) {
    given_ = std::move(value);
    return {};
  }
  // The signature covers what stands before it, and nothing comes twice or unasked.
  const bool expected = std::ranges::find(options_.announced, name) != options_.announced.end();
  if (!expected || !given_.empty() || trailers_.find(name) || trailers_.size() >= kMaxTrailers)
    return payload_error(PayloadFailure::bad_trailer);
  trailer_text_ += fmt::format("{}:{}\n", name, value);
  trailers_.add(std::move(name), std::move(value));
  return {};
}

Answer<void> ChunkedPayload::end_trailers() {
  part_ = Part::nothing;
  if (trailers_.size() != options_.announced.size()) return payload_error(PayloadFailure::bad_trailer);
  if (options_.kind != ChunkKind::checked) return {};
  const std::string hash =
      sha256_hex({reinterpret_cast<const std::uint8_t*>(trailer_text_.data()), trailer_text_.size()});
  return follow_signature(trailer_signature(options_.head, signature_, hash));
}

}  // namespace sightline::aws::sigv4
