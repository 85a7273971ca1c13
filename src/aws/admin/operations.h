#pragma once
// Sightline's own service: what no service of AWS reports of a server. `sightline jobs`, `sightline data` and
// `sightline events` ask it.

#include <functional>
#include <string>
#include <vector>

#include "aws/dispatch/operations.h"
#include "base/clock.h"
#include "cloud/bus/outboxes.h"
#include "sight/jobs/jobs.h"

namespace sightline::aws::admin {

/// What a module of the server keeps in the data folder.
struct ModuleData {
  std::string name;         ///< "buckets"
  std::string holds;        ///< "objects and what is known of them"
  std::uint64_t bytes = 0;  ///< on the disk
  std::uint64_t limit = 0;  ///< bytes that it may come to
  std::string limited_by;   ///< what ends or bounds it, in words
};

struct DataUse {
  std::string folder;
  std::uint64_t free = 0;  ///< bytes of its file system that the server may still take
  Instant measured;
  std::vector<ModuleData> modules;
};

// Each domain registers what it knows of; all that is given outlives the operations.

/// ListDeadLetters, ReviveDeadLetters.
void add_event_operations(dispatch::Operations& operations, const bus::Outboxes& outboxes, WorkerPool& quick);
/// ListJobs.
void add_job_operations(dispatch::Operations& operations, jobs::Jobs& jobs, WorkerPool& quick);
/// DescribeData. `use` is thread-safe and quick.
void add_data_operations(dispatch::Operations& operations, std::function<DataUse()> use, WorkerPool& quick);

}  // namespace sightline::aws::admin
