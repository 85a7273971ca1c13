#pragma once
// What accounts note about their users, roles and policies, and sessions about themselves.

#include <string>

namespace sightline::identity {

struct Tag {
  std::string key;  ///< two that differ in case alone are the same
  std::string value;
  bool operator==(const Tag&) const = default;
};

}  // namespace sightline::identity
