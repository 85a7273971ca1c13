#pragma once
// One worker on one job, from its launch to its end.

#include <atomic>
#include <chrono>
#include <string>

#include "base/result.h"
#include "sight/jobs/face_search.h"
#include "sight/jobs/job_store.h"
#include "sight/jobs/journal.h"
#include "sight/jobs/worker_process.h"

namespace sightline::jobs {

enum class AttemptEnd {
  settled,  ///< the job has succeeded, or the clip cannot be processed: the tables say which
  crashed,  ///< the worker died, hung, or spoke nonsense; another may do better
  stopped,  ///< on request
};

struct AttemptResult {
  AttemptEnd end = AttemptEnd::settled;
  std::string trouble;  ///< of a crash: "was ended by signal 11"
  bool succeeded = false;
};

struct AttemptDependencies {
  JobStore& store;
  const StoredJob& job;
  Journal& journal;
  FaceSearch& search;
  std::atomic<std::int64_t>& frames;  ///< counted up
  const std::atomic<bool>& stop;
  std::chrono::milliseconds quiet;  ///< without a record, a worker hangs
};

/// Reads what the worker says until it has ended. Errors: too_large (more results
/// than a job may have), those of tables and journal.
[[nodiscard]] Result<AttemptResult> attend(Worker& worker, const AttemptDependencies& dependencies);

}  // namespace sightline::jobs
