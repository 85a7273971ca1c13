#pragma once
// JSON as the json 1.0 and 1.1 protocols write it, a body either way and nothing in path or query; and the
// bodies of rest-json.

#include "aws/wire/http.h"
#include "aws/wire/limits.h"
#include "aws/wire/service_error.h"

namespace sightline::aws::wire {

/// Fills `object`, an empty struct of `shape`. Members that the model does not know are skipped, as are those
/// that stand elsewhere in the message; null is absence. Blobs go from the body into the struct's bytes at
/// once.
[[nodiscard]] Answer<void> read_json(const Service& service, const Shape& shape, std::string_view text,
                                     void* object, const Limits& limits = {});
/// An object of `shape`'s members that stand in the body.
void write_json(std::string& out, const Shape& shape, const void* object);
/// {"__type": ..., "message": ...}
[[nodiscard]] std::string json_error(const ServiceError& error);

// A request or response as a document of its own, whatever protocol the service speaks: members have the
// model's names and stand side by side, also those that pass elsewhere on the wire (headers, path). State
// machines write such.

/// Whether a name of the model is the one that a document means: its first letter may be small or capital.
[[nodiscard]] bool is_called(std::string_view name, std::string_view asked);
/// As decode_json(). The first letter of a name may be small or capital; timestamps may be numbers or ISO
/// 8601.
[[nodiscard]] Answer<void> decode_document(const Operation& operation, std::string_view document, void* input,
                                           const Limits& limits = {});
/// The same where the operation takes a streamed body: returns the member that the model calls so, as it is
/// where it is a string, else as the JSON text that it is. Empty without one.
[[nodiscard]] Answer<std::string> decode_document_with_body(const Operation& operation,
                                                            std::string_view document, void* input,
                                                            const Limits& limits = {});
/// Timestamps in ISO 8601. An object, "{}" where the operation answers nothing. `body` is that of an
/// operation that streams its answer: a member as text, or in Base64 where it is not UTF-8.
[[nodiscard]] std::string encode_document(const Operation& operation, const void* output,
                                          std::string_view body = {});

/// A string literal of JSON. `text` is UTF-8.
void put_json_string(std::string& out, std::string_view text);

}  // namespace sightline::aws::wire
