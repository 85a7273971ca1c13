#pragma once
// Every domain of the server: one for each source in this folder, listed by the build (src/CMakeLists.txt).

#include <span>

#include "app/server/assembly/domain.h"

namespace sightline::server {

/// By name. Constant.
[[nodiscard]] std::span<const DomainKind* const> domains();

}  // namespace sightline::server
