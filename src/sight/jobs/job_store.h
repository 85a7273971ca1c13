#pragma once
// Jobs and their results in tables: what is true of a job after a crash stands here.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "sight/jobs/failure.h"
#include "sight/jobs/object_source.h"
#include "sight/jobs/records.h"
#include "sight/jobs/types.h"
#include "store/database.h"
#include "store/events.h"
#include "store/stores.h"

namespace sightline::jobs {

/// The name of the database, in the folder of Jobs.
inline constexpr std::string_view kDatabase = "jobs/jobs";

/// Of the event for a job that has ended and that a topic is to hear of. Its payload is the JSON text of the
/// message, with the topic's and the role's ARN beside it: {"topic", "role", "message"}.
inline constexpr std::string_view kJobEnded = "jobs.ended";

struct JobName {
  std::string account;
  std::string region;
  std::string id;
  auto operator<=>(const JobName&) const = default;
};

struct JobLimits {
  std::int64_t in_progress = 20;    ///< of an account in a region
  std::chrono::hours kept{7 * 24};  ///< results, once a job has ended
  std::int64_t faces = 5'000'000;   ///< of one job's results
};

/// A job as its worker needs it.
struct StoredJob {
  Job job;
  std::string identity;  ///< of the clip's content
  std::optional<Notification> notification;
};

/// Thread-safe. Clock and Random outlive it.
class JobStore {
 public:
  static Result<std::unique_ptr<JobStore>> open(store::Stores& stores, const Clock& clock, Random& random,
                                                const JobLimits& limits);

  struct Started {
    std::string id;
    bool fresh = true;  ///< false: the client has asked before
  };
  /// Problems: too_many_jobs, token_reused.
  [[nodiscard]] Answer<Started> start(const JobRequest& request, const ObjectFacts& facts);
  /// Problems: no_such_job, also for one whose time is over.
  [[nodiscard]] Answer<StoredJob> find(const JobName& name);
  /// The first page without a token. Problems: no_such_job, bad_page_token.
  [[nodiscard]] Answer<ResultPage> results(const JobName& name, JobKind kind, const PageRequest& asked);
  /// By the time of their start.
  [[nodiscard]] Result<std::vector<Job>> list();
  [[nodiscard]] Result<std::vector<JobName>> running();

  /// What a worker left of its results goes: another one begins. `identity`: of the content it will see.
  [[nodiscard]] Result<void> begin(const JobName& name, std::string_view identity);
  /// Adds to the results, from `position` on. Returns the position after them. Errors: too_large.
  [[nodiscard]] Result<std::int64_t> add(const Job& job, std::int64_t position,
                                         const std::vector<FrameSample>& samples, const Progress& progress);
  [[nodiscard]] Result<void> succeed(const StoredJob& job, const ClipFound& found, const Finished& finished,
                                     const TrackMatches& matches);
  [[nodiscard]] Result<void> fail_job(const StoredJob& job, std::string_view message);
  /// Removes what is older than it may be; the names of what went.
  [[nodiscard]] Result<std::vector<JobName>> expire();

 private:
  JobStore(const Clock& clock, Random& random, const JobLimits& limits)
      : clock_(clock), random_(random), limits_(limits) {}
  [[nodiscard]] Result<void> record_change(store::Transaction& transaction, const StoredJob& job,
                                           JobStatus status);
  [[nodiscard]] Result<void> delete_faces(const JobName& name);
  [[nodiscard]] static Result<std::int64_t> read_faces(store::Transaction& transaction,
                                                       const PageRequest& asked, std::int64_t position,
                                                       ResultPage& page);
  [[nodiscard]] static Result<void> read_matches(store::Transaction& transaction, ResultPage& page);
  [[nodiscard]] Instant oldest_end() const { return clock_.now() - limits_.kept; }

  const Clock& clock_;
  Random& random_;
  const JobLimits limits_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<store::Outbox> outbox_;
};

}  // namespace sightline::jobs
