#pragma once
// Between rows and what they stand for. Private to this module.

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include "sight/collections/face_collections.h"
#include "store/database.h"
#include "store/values.h"

namespace sightline::collections {

/// Zeros where the bytes are no id.
[[nodiscard]] inline Uuid uuid_of(store::BytesView bytes) {
  Uuid uuid;
  if (bytes.size() == uuid.bytes.size()) std::ranges::copy(bytes, uuid.bytes.begin());
  return uuid;
}

/// Names a list for its paging tokens; no part holds a zero byte.
[[nodiscard]] inline std::string list_name(std::string_view what, const Tenant& tenant,
                                           std::string_view which = {}) {
  std::string name(what);
  for (const std::string_view part :
       {std::string_view(tenant.account), std::string_view(tenant.region), which}) {
    name += '\0';
    name += part;
  }
  return name;
}

}  // namespace sightline::collections
