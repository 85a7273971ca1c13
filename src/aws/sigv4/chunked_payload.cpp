#include "aws/sigv4/chunked_payload.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "aws/sigv4/auth_error.h"
#include "base/ascii.h"
#include "base/hex.h"
#include "base/sha256.h"
#include "base/whole_number.h"

namespace sightline::aws::sigv4 {
namespace {

using wire::Answer;

constexpr std::size_t kRead = 16 * 1024;
constexpr std::string_view kSignatureField = ";chunk-signature=";
constexpr std::string_view kTrailerSignature = "x-amz-trailer-signature";

std::optional<std::uint64_t> hexadecimal(std::string_view text) {
  const auto value = parse_whole<std::uint64_t>(text, 16);
  return text.size() <= 16 && value && *value <= net::kMaxBodyBytes ? value : std::nullopt;
}

}  // namespace

Answer<std::size_t> ChunkedPayload::next(std::span<char> into) {
  if (!in_chunk_) TRY(begin_chunk());
  if (remaining_ > 0) {
    const std::size_t count = TRY(take_data(into));
    if (remaining_ == 0) TRY(end_chunk());
    return count;
  }
  // The last chunk, which is empty.
  if (options_.has_trailers) {
    TRY(read_trailers());
  } else if (!TRY(take_line()).empty()) {
    return payload_error(PayloadFailure::bad_chunk);
  }
  TRY(expect_end());
  return 0;
}

/// More bytes into the buffer, which is used up; false at the end of the body.
Answer<bool> ChunkedPayload::fill() {
  buffer_.erase(0, used_);
  used_ = 0;
  const std::size_t before = buffer_.size();
  buffer_.resize(before + kRead);
  const auto count = body_.read(std::span(buffer_).subspan(before));
  if (!count) return payload_error(count.error());
  buffer_.resize(before + *count);
  return *count > 0;
}

/// Up to CRLF, which is taken too.
Answer<std::string> ChunkedPayload::take_line() {
  std::size_t end = std::string::npos;
  while ((end = buffer_.find('\n', used_)) == std::string::npos) {
    if (buffer_.size() - used_ > kMaxLine) return payload_error(PayloadFailure::bad_chunk);
    if (!TRY(fill())) return payload_error(PayloadFailure::incomplete);
  }
  if (end == used_ || buffer_[end - 1] != '\r' || end - used_ > kMaxLine)
    return payload_error(PayloadFailure::bad_chunk);
  std::string line = buffer_.substr(used_, end - 1 - used_);
  used_ = end + 1;
  return line;
}

Answer<void> ChunkedPayload::begin_chunk() {
  const std::string line = TRY(take_line());
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
  in_chunk_ = true;
  if (remaining_ > 0) return {};
  if (options_.kind == ChunkKind::checked)
    return follow_signature(chunk_signature(options_.head, signature_, hex(digest_->finish())));
  return {};
}

/// What is in the buffer first; then straight from the body.
Answer<std::size_t> ChunkedPayload::take_data(std::span<char> into) {
  into = into.first(static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), remaining_)));
  std::size_t count = std::min(into.size(), buffer_.size() - used_);
  if (count > 0) {
    std::memcpy(into.data(), buffer_.data() + used_, count);
    used_ += count;
  } else {
    const auto read = body_.read(into);
    if (!read) return payload_error(read.error());
    if (*read == 0) return payload_error(PayloadFailure::incomplete);
    count = *read;
  }
  remaining_ -= count;
  done_ += count;
  if (options_.kind == ChunkKind::checked) digest_->update(into.first(count));
  return count;
}

Answer<void> ChunkedPayload::end_chunk() {
  if (!TRY(take_line()).empty()) return payload_error(PayloadFailure::bad_chunk);
  in_chunk_ = false;
  if (options_.kind != ChunkKind::checked) return {};
  return follow_signature(chunk_signature(options_.head, signature_, hex(digest_->finish())));
}

Answer<void> ChunkedPayload::follow_signature(std::string expected) {
  if (!equal_in_constant_time(expected, given_))
    return std::unexpected(auth_error(service_, AuthFailure::mismatch));
  signature_ = std::move(expected);
  return {};
}

Answer<void> ChunkedPayload::read_trailers() {
  std::string text;
  given_.clear();
  while (true) {
    const std::string line = TRY(take_line());
    if (line.empty()) break;
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || colon == 0) return payload_error(PayloadFailure::bad_trailer);
    std::string name = to_lower(trimmed(std::string_view(line).substr(0, colon)));
    std::string value(trimmed(std::string_view(line).substr(colon + 1)));
    if (name == kTrailerSignature && options_.kind != ChunkKind::plain && given_.empty()) {
      given_ = std::move(value);
      continue;
    }
    // The signature covers what stands before it, and nothing comes twice or unasked.
    const bool expected = std::ranges::find(options_.announced, name) != options_.announced.end();
    if (!expected || !given_.empty() || trailers_.find(name) || trailers_.size() >= kMaxTrailers)
      return payload_error(PayloadFailure::bad_trailer);
    text += fmt::format("{}:{}\n", name, value);
    trailers_.add(std::move(name), std::move(value));
  }
  if (trailers_.size() != options_.announced.size()) return payload_error(PayloadFailure::bad_trailer);
  if (options_.kind != ChunkKind::checked) return {};
  const std::string hash = sha256_hex({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  return follow_signature(trailer_signature(options_.head, signature_, hash));
}

Answer<void> ChunkedPayload::expect_end() {
  if (used_ < buffer_.size() || TRY(fill())) return payload_error(PayloadFailure::unannounced_end);
  if (options_.length && done_ != *options_.length) return payload_error(PayloadFailure::incomplete);
  return {};
}

}  // namespace sightline::aws::sigv4
