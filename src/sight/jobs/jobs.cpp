#include "sight/jobs/jobs.h"

#include <fmt/format.h>
#include <pthread.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/file.h"
#include "sight/jobs/attempt.h"
#include "sight/jobs/journal.h"

namespace sightline::jobs {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr const char* kJournalEnding = ".detections";
constexpr std::chrono::hours kLookForOldEvery{1};
// However much each attempt finds: a worker that lies about it must not run for ever.
constexpr int kMostAttempts = 100;

ObjectRequest object_of(const Job& job) {
  return {job.account, job.region, job.principal, job.clip};
}

bool is_gone(const Error& error) {
  return error.kind == ErrorKind::not_found || error.kind == ErrorKind::permission_denied;
}

}  // namespace

Jobs::Jobs(std::filesystem::path folder, const JobsDependencies& dependencies, const JobsOptions& options)
    : folder_(std::move(folder)), dependencies_(dependencies), options_(options) {}

Result<std::unique_ptr<Jobs>> Jobs::open(const std::filesystem::path& folder,
                                         const JobsDependencies& dependencies, const JobsOptions& options) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return std::unexpected(system_error("create", folder, errno));
  }
  std::unique_ptr<Jobs> jobs(new Jobs(folder, dependencies, options));
  jobs->store_ =
      TRY(JobStore::open(dependencies.stores, dependencies.clock, dependencies.random, options.limits));
  for (JobName& name : TRY(jobs->store_->running())) jobs->waiting_.push_back(std::move(name));
  jobs->remove_old_journals();
  for (std::size_t i = 0; i < std::max<std::size_t>(1, options.workers); ++i) {
    jobs->threads_.emplace_back([raw = jobs.get()] { raw->work(); });
    ::pthread_setname_np(jobs->threads_.back().native_handle(), "job");
  }
  jobs->threads_.emplace_back([raw = jobs.get()] { raw->run_maintenance(); });
  return jobs;
}

/// A server that was killed at the very end of a job has left one.
void Jobs::remove_old_journals() const {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, ignored)) {
    const std::filesystem::path& path = entry.path();
    const auto is_its = [&](const JobName& name) { return journal_path(name.id) == path; };
    if (path.extension() == kJournalEnding && std::ranges::none_of(waiting_, is_its)) {
      std::filesystem::remove(path, ignored);
    }
  }
}

Jobs::~Jobs() {
  stop();
}

void Jobs::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  const std::lock_guard lock(stopping_);
  threads_.clear();
}

std::filesystem::path Jobs::journal_path(const std::string& id) const {
  return folder_ / (id + kJournalEnding);
}

Answer<std::string> Jobs::start(const JobRequest& request) {
  const auto facts =
      dependencies_.objects.find({request.account, request.region, request.principal, request.clip});
  if (!facts) {
    if (!is_gone(facts.error())) return std::unexpected(Failure(facts.error()));
    return refuse(Problem::no_such_clip, facts.error().message);
  }
  if (facts->size > options_.max_clip) {
    return refuse(Problem::clip_too_large, fmt::format("a clip has {} bytes at most, this one has {}",
                                                       options_.max_clip, facts->size));
  }
  JobStore::Started started = TRY(store_->start(request, *facts));
  if (started.fresh) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back({request.account, request.region, started.id});
    }
    wake_.notify_all();
  }
  return std::move(started.id);
}

Answer<ResultPage> Jobs::results(const JobName& name, JobKind kind, const PageRequest& asked) {
  return store_->results(name, kind, asked);
}

JobCounters Jobs::counters() const {
  const std::lock_guard lock(mutex_);
  JobCounters counters = counters_;
  counters.waiting = waiting_.size() + put_off_.size();
  counters.frames = frames_;
  return counters;
}

void Jobs::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
    if (stop_) return;
    const JobName name = std::move(waiting_.front());
    waiting_.pop_front();
    ++counters_.working;
    lock.unlock();
    process(name);
    lock.lock();
    --counters_.working;
  }
}

void Jobs::run_maintenance() {
  auto next_look = SteadyClock::now();
  std::unique_lock lock(mutex_);
  while (!stop_) {
    const auto now = SteadyClock::now();
    if (now >= next_look) {
      next_look = now + kLookForOldEvery;
      lock.unlock();
      if (const auto gone = store_->expire(); !gone) trouble(gone.error().message);
      lock.lock();
      continue;
    }
    requeue_deferred(now);
    wake_.wait_until(lock, put_off_.empty() ? next_look : std::min(next_look, put_off_.front().until));
  }
}

/// With mutex_ held.
void Jobs::requeue_deferred(SteadyClock::time_point now) {
  for (; !put_off_.empty() && put_off_.front().until <= now; put_off_.pop_front()) {
    waiting_.push_back(std::move(put_off_.front().name));
    wake_.notify_all();
  }
}

void Jobs::defer(const JobName& name, const Error& why) {
  trouble(fmt::format("job {} is put off: {}", name.id, why.message));
  const std::lock_guard lock(mutex_);
  put_off_.push_back({SteadyClock::now() + options_.again, name});
  wake_.notify_all();
}

void Jobs::process(const JobName& name) {
  auto job = store_->find(name);
  if (!job && job.error().problem != Problem::internal) return;  // it has expired meanwhile
  if (!job) return defer(name, job.error().error);
  if (job->job.status != JobStatus::in_progress) return;
  if (auto done = carry_out(*job); !done) defer(name, done.error());
}

Result<void> Jobs::give_up(const StoredJob& job, std::string_view message) {
  {
    const std::lock_guard lock(mutex_);
    ++counters_.failed;
  }
  return store_->fail_job(job, message);
}

Result<void> Jobs::carry_out(const StoredJob& job) {
  const auto object = dependencies_.objects.open(object_of(job.job), stop_);
  if (!object) {
    if (stop_) return {};
    if (object.error().kind == ErrorKind::no_space) return std::unexpected(object.error());
    if (is_gone(object.error())) return give_up(job, "the clip is gone, or may no longer be read");
    trouble(fmt::format("job {}: {}", job.job.id, object.error().message));
    return give_up(job, "the clip cannot be read from its bucket; the server's log says why");
  }
  const std::filesystem::path path = journal_path(job.job.id);
  std::error_code ignored;
  if (object->facts.identity != job.identity) std::filesystem::remove(path, ignored);
  {
    const auto journal = TRY(Journal::open(path));
    StoredJob current = job;
    current.identity = object->facts.identity;
    TRY(attempt_until_settled(current, object->file.get(), *journal));
  }
  if (!stop_) std::filesystem::remove(path, ignored);
  return {};
}

Result<void> Jobs::attempt_until_settled(const StoredJob& job, int clip, Journal& journal) {
  int in_vain = 0;
  for (int i = 0; i < kMostAttempts; ++i) {
    const std::size_t known = journal.detections();
    TRY(store_->begin({job.job.account, job.job.region, job.job.id}, job.identity));
    const Descriptor replayed = TRY(journal.open_for_worker());
    const auto worker =
        TRY(dependencies_.launcher.launch(clip, replayed.get(), {options_.interval, look_for(job.job)}));
    const auto attended =
        attend(*worker, {*store_, job, journal, dependencies_.search, frames_, stop_, options_.quiet});
    if (!attended && attended.error().kind == ErrorKind::too_large) {
      return give_up(job, attended.error().message);
    }
    const AttemptResult result = TRY(attended);
    if (result.end == AttemptEnd::stopped) return {};
    {
      const std::lock_guard lock(mutex_);
      if (result.end == AttemptEnd::crashed) {
        ++counters_.crashes;
      } else {
        ++(result.succeeded ? counters_.succeeded : counters_.failed);
      }
    }
    if (result.end == AttemptEnd::settled) return {};
    trouble(fmt::format("job {}: its worker {}", job.job.id, result.trouble));
    in_vain = journal.detections() > known ? 0 : in_vain + 1;
    if (in_vain >= options_.attempts) {
      return give_up(job, fmt::format("the clip cannot be processed: its worker {}, {} times in a row",
                                      result.trouble, in_vain));
    }
  }
  return give_up(job, "the clip cannot be processed: too many workers have died of it");
}

}  // namespace sightline::jobs
