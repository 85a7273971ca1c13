#pragma once
// What /metrics tells, in Prometheus' text format.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aws/dispatch/invoker.h"
#include "base/metrics.h"
#include "base/worker_pool.h"
#include "net/access_log.h"
#include "net/server.h"

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
  /// All that was recorded, and what the registries' readers say now.
  [[nodiscard]] std::string text(const std::vector<const MetricRegistry*>& registries) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// What the server itself counts. `read` gives its counters now; it and the pools outlive the registry.
[[nodiscard]] MetricRegistry server_metrics(const std::function<net::ServerCounters()>& read,
                                            const std::vector<const WorkerPool*>& pools);

}  // namespace sightline::server
