#pragma once
// Requests of the query protocol: forms whose names are paths (Tags.member.1.Key). Its answers are XML.

#include "aws/wire/limits.h"
#include "aws/wire/service_error.h"

namespace sightline::aws::wire {

/// Fills `input`, an empty struct of the operation's request, from a decoded or undecoded form. Names that
/// the model does not know (Action, Version and what a GET's signature adds among them) are skipped; lists
/// end at the first number that is missing.
[[nodiscard]] Answer<void> decode_form(const Operation& operation, std::string_view form, void* input,
                                       const Limits& limits = {});

}  // namespace sightline::aws::wire
