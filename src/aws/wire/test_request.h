#pragma once
// What the tests of the codecs share.

#include <string>
#include <string_view>

#include "aws/wire/codec.h"

namespace sightline::aws::wire {

inline std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// `body` must outlive the request.
inline HttpRequest make_request(std::string method, std::string target, Headers headers = {},
                                std::string_view body = {}) {
  return {std::move(method), std::move(target), std::move(headers), bytes_of(body)};
}

/// Decodes a body that was sent to a json or query operation.
template <typename Op>
Answer<typename Op::Request> decode_body(std::string_view body, const Limits& limits = {}) {
  const Match match{Op::operation.service, &Op::operation, {}};
  return decode<Op>(match, make_request("POST", "/", {}, body), limits);
}

template <typename Op>
std::string message_of(std::string_view body) {
  const auto answer = decode_body<Op>(body);
  return answer ? "" : answer.error().code + ": " + answer.error().message;
}

inline const RequestIds kIds{"request-1", "host-1"};

/// The answer of an operation that is known by its type.
template <typename Op>
HttpResponse encode_answer(const typename Op::Response& output, const RequestIds& ids = kIds) {
  return encode(Op::operation, &output, ids);
}

}  // namespace sightline::aws::wire
