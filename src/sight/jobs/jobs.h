#pragma once
// Jobs on stored videos: taken, worked on in processes of their own, their results kept for a while.
//
// A job that is in progress when the server is killed goes on at the next start, from what its worker had
// found. Hostile clips are decoded only in the workers (docs/adr/0012-worker.md).

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "sight/jobs/face_search.h"
#include "sight/jobs/job_store.h"
#include "sight/jobs/object_source.h"
#include "sight/jobs/worker_process.h"

namespace sightline::jobs {

struct JobsOptions {
  JobLimits limits;
  std::chrono::milliseconds interval{200};  ///< between two samples
  std::size_t workers = 1;                  ///< at a time; further jobs wait
  std::chrono::milliseconds quiet{120'000};
  int attempts = 3;  ///< in a row that find nothing new
  /// Until a job is taken up again that this machine could not go on with: its disk was full.
  std::chrono::milliseconds again{10'000};
  std::uint64_t max_clip = std::uint64_t{10} << 30U;
};

/// All of it outlives the jobs.
struct JobsDependencies {
  store::Stores& stores;
  const Clock& clock;
  Random& random;
  ObjectSource& objects;
  FaceSearch& search;
  WorkerLauncher& launcher;
  std::function<void(std::string_view)> on_trouble;  ///< one line for the log; any thread
};

struct JobCounters {
  std::size_t waiting = 0;
  std::size_t working = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::uint64_t crashes = 0;  ///< of workers
  std::int64_t frames = 0;    ///< looked at
};

/// Thread-safe.
class Jobs {
 public:
  /// `folder` (0700, made if need be) belongs to this process only. Takes up what was in progress.
  static Result<std::unique_ptr<Jobs>> open(const std::filesystem::path& folder,
                                            const JobsDependencies& dependencies, const JobsOptions& options);
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;
  ~Jobs();

  /// Ends the workers, for good, and waits for that; their jobs stay in progress, and what is started from
  /// now on waits for the next time that the folder is opened.
  void stop();

  /// Returns the job's id. Problems: no_such_clip, clip_too_large, too_many_jobs, token_reused.
  [[nodiscard]] Answer<std::string> start(const JobRequest& request);
  /// Empty until the job has succeeded. Problems: no_such_job, bad_page_token.
  [[nodiscard]] Answer<ResultPage> results(const JobName& name, JobKind kind, const PageRequest& asked);
  /// All that are kept, of every account, by the time of their start. Thread-safe. Errors: the store's.
  [[nodiscard]] Result<std::vector<Job>> list() { return store_->list(); }
  [[nodiscard]] JobCounters counters() const;

 private:
  Jobs(std::filesystem::path folder, const JobsDependencies& dependencies, const JobsOptions& options);
  void work();
  void run_maintenance();
  void process(const JobName& name);
  [[nodiscard]] Result<void> carry_out(const StoredJob& job);
  [[nodiscard]] Result<void> attempt_until_settled(const StoredJob& job, int clip, class Journal& journal);
  void defer(const JobName& name, const Error& why);
  void requeue_deferred(std::chrono::steady_clock::time_point now);
  [[nodiscard]] Result<void> give_up(const StoredJob& job, std::string_view message);
  [[nodiscard]] std::filesystem::path journal_path(const std::string& id) const;
  void remove_old_journals() const;
  void trouble(const std::string& what) const {
    if (dependencies_.on_trouble) dependencies_.on_trouble(what);
  }

  const std::filesystem::path folder_;
  const JobsDependencies dependencies_;
  const JobsOptions options_;
  std::unique_ptr<JobStore> store_;
  std::atomic<bool> stop_ = false;
  std::atomic<std::int64_t> frames_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<JobName> waiting_;  // guarded by mutex_, as what follows
  struct PutOff {
    std::chrono::steady_clock::time_point until;
    JobName name;
  };
  std::deque<PutOff> put_off_;  // by time
  JobCounters counters_;
  std::mutex stopping_;
  std::vector<std::jthread> threads_;  // guarded by stopping_, once they run
};

}  // namespace sightline::jobs
