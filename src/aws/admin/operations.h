#pragma once
// Sightline's own service: what no service of AWS tells of a server. `sightline jobs`, `sightline data` and
// `sightline explain` ask it.

#include <functional>
#include <string>
#include <vector>

#include "aws/dispatch/operations.h"
#include "aws/dispatch/permission.h"
#include "base/clock.h"
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

/// ListJobs.
void add_job_operations(dispatch::Operations& operations, jobs::Jobs& jobs, WorkerPool& quick);
/// DescribeData. `use` is thread-safe and quick.
void add_data_operations(dispatch::Operations& operations, std::function<DataUse()> use, WorkerPool& quick);

/// Why somebody may do something or not.
struct AccessExplanation {
  std::string decision;                 ///< "allowed", "explicitDeny", "implicitDeny"
  std::string message;                  ///< empty where it is allowed
  std::vector<std::string> statements;  ///< each that bears on it, in words
  /// What is missing: of which policy, and the statement as JSON.
  std::vector<std::pair<std::string, std::string>> missing;
};
/// May `principal` (empty: who calls) do what `access` says? Thread-safe. Errors: invalid_argument,
/// not_found, those of the disk.
using ExplainAccessOf = std::function<Result<AccessExplanation>(
    const std::string& principal, const dispatch::AccessRequest& access, const dispatch::Context& context)>;
/// ExplainAccess.
void add_access_operations(dispatch::Operations& operations, ExplainAccessOf explain, WorkerPool& quick);

}  // namespace sightline::aws::admin
