#include "app/server/open_files.h"

#include <sys/resource.h>

#include <algorithm>

namespace sightline::server {
namespace {

/// Tables, models, logs, pipes to workers.
constexpr std::uint64_t kOwnFiles = 256;

}  // namespace

net::ServerLimits fitted_to(net::ServerLimits limits, std::uint64_t files) {
  const std::uint64_t own = std::min(kOwnFiles, files / 2);
  limits.transfers = std::min<std::uint64_t>(limits.transfers, files / 5);
  limits.connections = std::min<std::uint64_t>(limits.connections, files - own - limits.transfers);
  return limits;
}

net::ServerLimits limits_under_open_files() {
  const net::ServerLimits wanted;
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return wanted;
  const rlim_t useful = wanted.connections + wanted.transfers + kOwnFiles;
  const rlim_t before = files.rlim_cur;
  files.rlim_cur = std::max(before, std::min(files.rlim_max, useful));
  if (::setrlimit(RLIMIT_NOFILE, &files) != 0) files.rlim_cur = before;
  return fitted_to(wanted, files.rlim_cur);
}

}  // namespace sightline::server
