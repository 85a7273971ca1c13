#pragma once
// XML bodies of requests. Wraps pugixml.

#include <expected>
#include <string_view>

#include "aws/wire/limits.h"
#include "aws/wire/service_error.h"

namespace sightline::aws::wire {

/// MalformedXML: a body that is no XML, or not what the operation takes.
[[nodiscard]] std::unexpected<ServiceError> refuse_xml(const Service& service);

/// Fills `object`, an empty struct of `shape`, from a document whose root element is `root`. Elements that
/// the model does not know are skipped; document types, and with them entities, are refused.
[[nodiscard]] Answer<void> read_xml(const Service& service, const Shape& shape, std::string_view root,
                                    std::string_view text, void* object, const Limits& limits = {});

}  // namespace sightline::aws::wire
