#include "app/server/user.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace sightline::server {

Result<User> find_user(const std::string& name) {
  const passwd* user = ::getpwnam(name.c_str());
  if (user == nullptr) return fail(ErrorKind::invalid_argument, fmt::format("there is no user '{}'", name));
  return User{name, user->pw_uid, user->pw_gid, user->pw_dir};
}

Result<void> become(const User& user) {
  if (::initgroups(user.name.c_str(), user.group) != 0 || ::setgid(user.group) != 0 ||
      ::setuid(user.id) != 0) {
    return fail(ErrorKind::permission_denied,
                fmt::format("cannot become '{}': --user needs root to begin with", user.name));
  }
  return {};
}

bool may_write(const std::filesystem::path& folder) {
  std::error_code error;
  auto nearest = std::filesystem::absolute(folder, error);
  if (folder.empty() || error) return false;
  while (::faccessat(AT_FDCWD, nearest.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
    if (errno != ENOENT || !nearest.has_relative_path()) return false;
    nearest = nearest.parent_path();
  }
  return true;
}

}  // namespace sightline::server
