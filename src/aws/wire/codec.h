#pragma once
// The protocols behind one door: what a handler is given, and what becomes of its answer.

#include "aws/wire/protocol_codec.h"

namespace sightline::aws::wire {

/// Fills `input`, an empty struct of the matched operation's request. Validation is the caller's next step.
[[nodiscard]] Answer<void> decode(const Match& match, const HttpRequest& request, void* input,
                                  const Limits& limits = {});
/// decode() for an operation that is known by its type: `decode<sqs::SendMessage>(match, request)`.
template <typename Op>
[[nodiscard]] Answer<typename Op::Request> decode(const Match& match, const HttpRequest& request,
                                                  const Limits& limits = {}) {
  typename Op::Request input;
  if (auto done = decode(match, request, static_cast<void*>(&input), limits); !done) {
    return std::unexpected(std::move(done).error());
  }
  return input;
}

/// `output` is the operation's answer as its own struct.
[[nodiscard]] HttpResponse encode(const Operation& operation, const void* output, const RequestIds& ids);

/// `resource` is the path that was asked for; S3 repeats it.
[[nodiscard]] HttpResponse encode_error(const Service& service, const ServiceError& error,
                                        const RequestIds& ids, std::string_view resource = {});

}  // namespace sightline::aws::wire
