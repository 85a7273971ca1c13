#pragma once
// What /metrics tells, in Prometheus' text format.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aws/dispatch/invoker.h"
#include "base/worker_pool.h"
#include "net/access_log.h"
#include "net/server.h"
#include "sight/jobs/jobs.h"
#include "store/stores.h"

namespace sightline::server {

/// Thread-safe.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  /// Counts a finished request by operation, status and time taken.
  void record(const net::AccessRecord& record);
  /// Counts a finished call from inside by operation and error.
  void record(const aws::dispatch::InnerRecord& record);
  [[nodiscard]] std::string text(const net::ServerCounters& server,
                                 const std::vector<const WorkerPool*>& pools, const jobs::JobCounters& jobs,
                                 const store::StoreCounters& stores) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sightline::server
