#pragma once
// The user as whom the server runs, where root has started it.

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "base/result.h"

namespace sightline::server {

struct User {
  std::string name;
  uid_t id = 0;
  gid_t group = 0;
  std::filesystem::path home;  ///< need not exist
};

/// Errors: invalid_argument (there is none of that name).
[[nodiscard]] Result<User> find_user(const std::string& name);

/// Makes this process that user's, for good. Call it before any other thread is started and any file of the
/// data folder is opened. Errors: permission_denied.
[[nodiscard]] Result<void> become(const User& user);

/// Whether this process may make files in `folder`, which it would make first where need be.
[[nodiscard]] bool may_write(const std::filesystem::path& folder);

}  // namespace sightline::server
