#pragma once
// The rest-xml protocol: members in the path, the query, headers and status; the body XML, a blob, or passing
// beside.

#include "aws/wire/http.h"
#include "aws/wire/limits.h"
#include "aws/wire/router.h"
#include "aws/wire/service_error.h"

namespace sightline::aws::wire {

/// Fills `input`, an empty struct of the operation's request. The body of a streaming operation is not looked
/// at.
[[nodiscard]] Answer<void> decode_rest_xml(const Match& match, const HttpRequest& request, void* input,
                                           const Limits& limits = {});
[[nodiscard]] HttpResponse encode_rest_xml(const Operation& operation, const void* output);

}  // namespace sightline::aws::wire
