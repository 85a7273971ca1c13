#pragma once
// The json 1.0 and 1.1 protocols: a body of JSON either way, nothing in path or query.

#include "aws/wire/http.h"
#include "aws/wire/limits.h"
#include "aws/wire/service_error.h"

namespace sightline::aws::wire {

/// Fills `input`, an empty struct of the operation's request. Members that the model does not know are
/// skipped, null is absence. Blobs go from the body into the struct's bytes at once.
[[nodiscard]] Answer<void> decode_json(const Operation& operation, std::string_view body, void* input,
                                       const Limits& limits = {});
/// The answer without its request id.
[[nodiscard]] HttpResponse encode_json(const Operation& operation, const void* output);
[[nodiscard]] HttpResponse encode_json_error(const Service& service, const ServiceError& error);

/// A string literal of JSON. `text` is UTF-8.
void put_json_string(std::string& out, std::string_view text);

}  // namespace sightline::aws::wire
