#pragma once
// Everything behind the port, joined: stores, domains, handlers. The one place that knows them all.

#include <filesystem>
#include <memory>
#include <string>

#include "app/server/config.h"
#include "aws/dispatch/dispatcher.h"
#include "aws/dispatch/invoker.h"
#include "aws/rekognition/vision.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/worker_pool.h"
#include "sight/jobs/jobs.h"
#include "store/stores.h"

namespace sightline::server {

/// Threads by what they wait for; each pool's name is that of its metrics.
struct Pools {
  explicit Pools(int vision_threads);
  WorkerPool quick;      ///< tables: milliseconds
  WorkerPool inference;  ///< models: the processor
  WorkerPool transfer;   ///< bodies of any size: the client and the disk
};

/// What outlives every reset.
struct Environment {
  const ServeOptions& options;
  jobs::WorkerProgram worker;
  const Clock& clock;
  Random& random;
  Pools& pools;
  aws::rekognition::Vision& vision;
  aws::dispatch::OnTrouble on_trouble;
  aws::dispatch::OnInnerCall on_inner_call;
};

/// Thread-safe.
class Services {
 public:
  /// Opens what is in `folder`, or makes it.
  static Result<std::unique_ptr<Services>> open(const std::filesystem::path& folder,
                                                const Environment& environment);
  ~Services();

  [[nodiscard]] const aws::dispatch::Dispatcher& dispatcher() const;
  /// For calls that do not come over HTTP.
  [[nodiscard]] const aws::dispatch::Invoker& invoker() const;
  /// Another process has changed the keys.
  [[nodiscard]] Result<void> reload_keys();
  [[nodiscard]] jobs::JobCounters job_counters() const;
  [[nodiscard]] store::StoreCounters store_counters() const;
  [[nodiscard]] static std::vector<std::string_view> names();

 private:
  struct Impl;
  [[nodiscard]] static Result<std::unique_ptr<jobs::Jobs>> open_jobs(const std::filesystem::path& folder,
                                                                     Impl& impl,
                                                                     const Environment& environment);
  explicit Services(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sightline::server
