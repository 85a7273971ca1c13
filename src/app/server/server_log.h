#pragma once
// What the server says: one line a request and a few about itself, on standard error, written by a thread of
// its own so that a slow terminal holds nobody up.

#include <memory>
#include <string_view>

#include "app/server/config.h"
#include "net/access_log.h"

namespace sightline::server {

/// Thread-safe. When the reader does not keep up the oldest lines are dropped.
class ServerLog {
 public:
  explicit ServerLog(LogFormat format);
  ~ServerLog();
  ServerLog(const ServerLog&) = delete;
  ServerLog& operator=(const ServerLog&) = delete;

  void access(const net::AccessRecord& record);
  void info(std::string_view line);
  void warn(std::string_view line);
  /// About one request: a bug that it ran into.
  void error(std::string_view request_id, std::string_view line);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sightline::server
