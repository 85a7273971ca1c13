#include "sight/jobs/job_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/hex.h"
#include "base/sha256.h"
#include "sight/jobs/face_code.h"
#include "sight/jobs/tables.h"
#include "store/values.h"

namespace sightline::jobs {
namespace {

using store::bytes;
using store::BytesView;
using store::instant;
using store::number;
using store::Row;
using store::text;
using store::Transaction;
using store::Value;

Value text_or_null(const std::optional<Notification>& notification, std::string Notification::* member) {
  return notification ? Value((*notification).*member) : Value();
}

/// Of kFind and kAll.
StoredJob job_of(const Row& row) {
  namespace column = sql::job_column;
  StoredJob stored;
  Job& job = stored.job;
  job.account = row.text(column::account);
  job.region = row.text(column::region);
  job.id = row.text(column::id);
  job.kind = static_cast<JobKind>(row.integer(column::kind));
  job.status = static_cast<JobStatus>(row.integer(column::status));
  job.message = row.text(column::message);
  job.principal = row.text(column::principal);
  job.clip = {std::string(row.text(column::bucket)), text(row.bytes(column::object_key)),
              std::string(row.text(column::object_version))};
  job.detail = static_cast<Detail>(row.integer(column::detail));
  job.tag = row.text(column::tag);
  job.created = instant(row.integer(column::created));
  if (!row.is_null(column::ended)) job.ended = instant(row.integer(column::ended));
  job.progress = {row.integer(column::frames_done), row.integer(column::frames_total)};
  if (job.status == JobStatus::succeeded) {
    job.info = ClipInfo{
        std::string(row.text(column::codec)),
        std::string(row.text(column::container)),
        {static_cast<int>(row.integer(column::width)), static_cast<int>(row.integer(column::height))},
        row.integer(column::duration),
        row.real(column::frame_rate),
        row.integer(column::full_range) != 0};
  }
  stored.identity = row.text(column::identity);
  if (!row.is_null(column::collection))
    job.search = {std::string(row.text(column::collection)), static_cast<float>(row.real(column::threshold))};
  if (!row.is_null(column::topic))
    stored.notification = {std::string(row.text(column::topic)), std::string(row.text(column::role))};
  return stored;
}

/// Of kAllRunning and kExpired too.
JobName name_of(const Row& row) {
  namespace column = sql::job_column;
  return {std::string(row.text(column::account)), std::string(row.text(column::region)),
          std::string(row.text(column::id))};
}

/// Everything that a client may not change when it asks again. Lengths keep the parts apart.
std::string digest_of(const JobRequest& request) {
  std::string all;
  const auto add = [&](std::string_view part) { all += fmt::format("{}:{}", part.size(), part); };
  for (const std::string* part :
       {&request.clip.bucket, &request.clip.key, &request.clip.version, &request.tag}) {
    add(*part);
  }
  add(request.detail == Detail::all ? "all" : "basic");
  if (request.search) {
    add(request.search->collection);
    add(fmt::format("{}", request.search->threshold));
  }
  add(request.notification ? request.notification->topic : "");
  add(request.notification ? request.notification->role : "");
  return sha256_hex(bytes(all));
}

std::string_view api_of(JobKind kind) {
  switch (kind) {
    case JobKind::face_detection:
      return "StartFaceDetection";
    case JobKind::face_search:
      return "StartFaceSearch";
  }
  return "";
}

}  // namespace

Result<std::unique_ptr<JobStore>> JobStore::open(store::Stores& stores, const Clock& clock, Random& random,
                                                 const JobLimits& limits) {
  std::unique_ptr<JobStore> jobs(new JobStore(clock, random, limits));
  // Where people's faces were is gone when it is said to be gone.
  jobs->database_ =
      TRY(stores.open({kDatabase, {kJobsSchema, store::kEventsSchema}, store::Erasure::secure}));
  jobs->outbox_ = std::make_unique<store::Outbox>(*jobs->database_, clock, random);
  return jobs;
}

Answer<JobStore::Started> JobStore::start(const JobRequest& request, const ObjectFacts& facts) {
  std::array<std::uint8_t, 32> chance{};
  random_.fill(chance);
  const std::string id = hex(chance);
  std::array<std::uint8_t, 32> secret{};
  random_.fill(secret);
  const std::string digest = digest_of(request);
  const auto kind = static_cast<std::int64_t>(request.kind);
  Started started{id, true};
  std::optional<Failure> refused;
  const auto written = database_->write([&](Transaction& transaction) -> Result<void> {
    started = {id, true};
    refused.reset();
    std::string known_digest;
    if (!request.token.empty()) {
      TRY(transaction.query(sql::kFindToken,
                            {request.account, request.region, kind, request.token, number(oldest_end())},
                            [&](const Row& row) {
                              started = {std::string(row.text(sql::token_column::id)), false};
                              known_digest = row.text(sql::token_column::request);
                            }));
    }
    if (!started.fresh) {
      if (known_digest != digest) {
        refused.emplace(Problem::token_reused, "the token was given with another request");
      }
      return {};
    }
    std::int64_t running = 0;
    TRY(transaction.query(sql::kCountRunning, {request.account, request.region},
                          [&](const Row& row) { running = row.integer(0); }));
    if (running >= limits_.in_progress) {
      refused.emplace(Problem::too_many_jobs,
                      fmt::format("{} jobs are in progress, as many as may be", running));
      return {};
    }
    TRY(transaction.execute(
        sql::kInsert, {request.account, request.region, id, kind, request.principal, request.clip.bucket,
                       bytes(request.clip.key), request.clip.version, facts.identity,
                       static_cast<std::int64_t>(request.detail), request.tag, request.token, digest,
                       text_or_null(request.notification, &Notification::topic),
                       text_or_null(request.notification, &Notification::role), BytesView(secret),
                       number(clock_.now()), request.search ? Value(request.search->collection) : Value(),
                       request.search ? Value(double{request.search->threshold}) : Value()}));
    return {};
  });
  if (!written) return std::unexpected(Failure(written.error()));
  if (refused) return std::unexpected(*std::move(refused));
  return started;
}

Answer<StoredJob> JobStore::find(const JobName& name) {
  std::optional<StoredJob> found;
  TRY(database_->read([&](Transaction& transaction) {
    return transaction.query(sql::kFind, {name.account, name.region, name.id},
                             [&](const Row& row) { found = job_of(row); });
  }));
  if (!found || (found->job.ended && *found->job.ended <= oldest_end())) {
    return refuse(Problem::no_such_job, fmt::format("there is no job '{}'", name.id));
  }
  return *std::move(found);
}

Result<std::vector<Job>> JobStore::list() {
  std::vector<Job> jobs;
  TRY(database_->read([&](Transaction& transaction) {
    return transaction.query(sql::kAll, {}, [&](const Row& row) { jobs.push_back(job_of(row).job); });
  }));
  std::erase_if(jobs, [&](const Job& job) { return job.ended && *job.ended <= oldest_end(); });
  return jobs;
}

Result<std::vector<JobName>> JobStore::running() {
  std::vector<JobName> names;
  TRY(database_->read([&](Transaction& transaction) {
    return transaction.query(sql::kAllRunning, {}, [&](const Row& row) { names.push_back(name_of(row)); });
  }));
  return names;
}

Result<void> JobStore::begin(const JobName& name, std::string_view identity) {
  TRY(delete_faces(name));
  return database_->write([&](Transaction& transaction) -> Result<void> {
    TRY(transaction.execute(sql::kSetIdentity, {identity, name.account, name.region, name.id}));
    return {};
  });
}

Result<void> JobStore::record_change(Transaction& transaction, const StoredJob& stored, JobStatus status) {
  if (!stored.notification) return {};
  namespace json = boost::json;
  const Job& job = stored.job;
  json::object message{{"JobId", job.id},
                       {"Status", status == JobStatus::succeeded ? "SUCCEEDED" : "FAILED"},
                       {"API", api_of(job.kind)}};
  if (!job.tag.empty()) message["JobTag"] = job.tag;
  message["Timestamp"] = number(clock_.now());
  message["Video"] = json::object{{"S3ObjectName", job.clip.key}, {"S3Bucket", job.clip.bucket}};
  const std::string payload = json::serialize(json::object{{"topic", stored.notification->topic},
                                                           {"role", stored.notification->role},
                                                           {"message", json::serialize(message)}});
  store::NewEvent event;
  event.account = job.account;
  event.region = job.region;
  event.topic = kJobEnded;
  event.payload = bytes(payload);
  TRY(outbox_->append(transaction, event));
  return {};
}

Result<void> JobStore::succeed(const StoredJob& stored, const ClipFound& found, const Finished& finished,
                               const TrackMatches& matches) {
  const Job& job = stored.job;
  const ClipInfo& info = found.info;
  return database_->write([&](Transaction& transaction) -> Result<void> {
    const auto changed = TRY(transaction.execute(
        sql::kSucceed,
        {finished.damage, number(clock_.now()), finished.frames, finished.frames, info.codec, info.container,
         std::int64_t{info.size.width}, std::int64_t{info.size.height}, finished.duration_ms, info.frame_rate,
         std::int64_t{info.full_range}, job.account, job.region, job.id}));
    if (changed == 0) return {};
    for (const auto& [track, found_faces] : matches) {
      const Bytes encoded = encode_matches(found_faces);
      TRY(transaction.execute(sql::kInsertMatches,
                              {job.account, job.region, job.id, track, BytesView(encoded)}));
    }
    return record_change(transaction, stored, JobStatus::succeeded);
  });
}

Result<void> JobStore::fail_job(const StoredJob& stored, std::string_view message) {
  const Job& job = stored.job;
  return database_->write([&](Transaction& transaction) -> Result<void> {
    const auto changed = TRY(
        transaction.execute(sql::kFail, {message, number(clock_.now()), job.account, job.region, job.id}));
    if (changed > 0) TRY(record_change(transaction, stored, JobStatus::failed));
    return {};
  });
}

Result<std::vector<JobName>> JobStore::expire() {
  std::vector<JobName> gone;
  while (true) {
    std::vector<JobName> names;
    TRY(database_->read([&](Transaction& transaction) {
      return transaction.query(sql::kExpired, {number(oldest_end())},
                               [&](const Row& row) { names.push_back(name_of(row)); });
    }));
    if (names.empty()) return gone;
    for (const JobName& name : names) {
      TRY(delete_faces(name));
      TRY(database_->write([&](Transaction& transaction) -> Result<void> {
        TRY(transaction.execute(sql::kDeleteMatches, {name.account, name.region, name.id}));
        TRY(transaction.execute(sql::kDelete, {name.account, name.region, name.id}));
        return {};
      }));
      gone.push_back(name);
    }
  }
}

}  // namespace sightline::jobs
