#pragma once
// Whether a resource's policy lets everyone in.
// Source: "The meaning of 'public'" in "Blocking public access to your Amazon S3 storage", Amazon S3's user
// guide.

#include "cloud/policy/document.h"

namespace sightline::policy {

/// An Allow for everyone makes it public, unless a condition keeps to fixed callers or networks. In doubt it
/// is.
[[nodiscard]] bool is_public(const Document& document);

}  // namespace sightline::policy
