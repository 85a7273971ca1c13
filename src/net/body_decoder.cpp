#include "net/body_decoder.h"

#include <algorithm>

#include "base/whole_number.h"
#include "net/request_head.h"

namespace sightline::net {
namespace {

std::unexpected<Error> malformed_body(std::string message) {
  return fail(ErrorKind::corrupt, std::move(message));
}

/// The line at the start of `input` without its CRLF; nullopt when it is not whole. A line with controls, or
/// without an end within `limit`, is an error.
Result<std::optional<std::string_view>> take_line(std::string_view input, std::size_t limit) {
  const auto end = input.substr(0, limit).find('\n');
  if (end == std::string_view::npos) {
    if (input.size() >= limit) return malformed_body("a line of the chunked body is too long");
    return std::nullopt;
  }
  if (end == 0 || input[end - 1] != '\r')
    return malformed_body("a line of the chunked body ends with a bare LF");
  const auto line = input.substr(0, end - 1);
  const bool has_control =
      std::ranges::any_of(line, [](char c) { return c != '\t' && static_cast<unsigned char>(c) < 0x20; });
  if (has_control) return malformed_body("a line of the chunked body has a control character");
  return line;
}

}  // namespace

BodyDecoder::BodyDecoder(const RequestHead& head)
    : chunked_(head.chunked), state_(State::size_line), remaining_(0) {
  if (chunked_) return;
  remaining_ = head.content_length.value_or(0);
  state_ = remaining_ == 0 ? State::done : State::data;
}

Result<BodyDecoder::Step> BodyDecoder::next(std::string_view input) {
  switch (state_) {
    case State::done:
      return Step{};
    case State::size_line:
      return size_line(input);
    case State::trailers:
      return trailer(input);
    case State::data_end:
      if (input.size() < 2) return Step{};
      if (!input.starts_with("\r\n")) return malformed_body("a chunk does not end where its size says");
      state_ = State::size_line;
      return Step{2, {}};
    case State::data:
      break;
  }
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(input.size(), remaining_));
  remaining_ -= size;
  if (remaining_ == 0) state_ = chunked_ ? State::data_end : State::done;
  return Step{size, input.substr(0, size)};
}

Result<BodyDecoder::Step> BodyDecoder::size_line(std::string_view input) {
  const auto line = TRY(take_line(input, kMaxSizeLine));
  if (!line) return Step{};
  // After the digits comes nothing or ";extension"; spaces, signs and "0x" are read differently elsewhere.
  const auto digits = line->substr(0, line->find(';'));
  const auto size = parse_whole<std::uint64_t>(digits, 16);
  if (!size || digits.size() > 16 || *size > kMaxBodyBytes)
    return malformed_body("a chunk's size is malformed");
  remaining_ = *size;
  state_ = *size == 0 ? State::trailers : State::data;
  return Step{line->size() + 2, {}};
}

Result<BodyDecoder::Step> BodyDecoder::trailer(std::string_view input) {
  const auto line = TRY(take_line(input, kMaxTrailers - trailer_bytes_));
  if (!line) return Step{};
  trailer_bytes_ += line->size() + 2;
  if (line->empty()) state_ = State::done;
  return Step{line->size() + 2, {}};
}

}  // namespace sightline::net
