// JobStore's results: added by workers, read in pages, deleted.
#include <fmt/format.h>

#include <set>

#include "sight/jobs/face_code.h"
#include "sight/jobs/job_store.h"
#include "sight/jobs/page_token.h"
#include "sight/jobs/tables.h"

namespace sightline::jobs {
namespace {

using store::BytesView;
using store::Row;
using store::Transaction;
using store::Value;

constexpr std::int64_t kFacesDeletedAtOnce = 10'000;  // deleted in one transaction

/// What a page's token is for: the same place means another one in another order.
std::string list_of(const JobName& name, Order order) {
  return order == Order::by_time ? name.id : name.id + " by track";
}

}  // namespace

Answer<ResultPage> JobStore::results(const JobName& name, JobKind kind, const PageRequest& asked) {
  ResultPage page;
  page.job = TRY(find(name)).job;
  if (page.job.kind != kind) return refuse(Problem::no_such_job, "the job is of another kind");
  Bytes secret;
  std::int64_t next = -1;
  bool bad_token = false;
  TRY(database_->read([&](Transaction& transaction) -> Result<void> {
    TRY(transaction.query(sql::kSecret, {name.account, name.region, name.id}, [&](const Row& row) {
      const BytesView view = row.bytes(0);
      secret.assign(view.begin(), view.end());
    }));
    std::int64_t position = 0;
    if (!asked.token.empty()) {
      const auto read = read_page_token(secret, list_of(name, asked.order), asked.token);
      bad_token = !read;
      if (bad_token) return {};
      position = *read;
    }
    if (page.job.status != JobStatus::succeeded) return {};
    next = TRY(read_faces(transaction, asked, position, page));
    return read_matches(transaction, page);
  }));
  if (bad_token) return refuse(Problem::bad_page_token, "the token is none of this job's");
  if (next >= 0) page.next = make_page_token(secret, list_of(name, asked.order), next);
  return page;
}

/// Returns where the next page begins; -1 where there is none.
Result<std::int64_t> JobStore::read_faces(Transaction& transaction, const PageRequest& asked,
                                          std::int64_t position, ResultPage& page) {
  const Job& job = page.job;
  std::int64_t next = -1;
  std::int64_t rows = 0;
  std::optional<Error> damaged;
  const auto take = [&](const Row& row) {
    // One more than asked for shows whether there is another page.
    if (++rows > asked.limit) {
      next = row.integer(sql::face_column::position);
      return;
    }
    auto face = decode_face(row.bytes(sql::face_column::face));
    if (face) {
      page.faces.push_back({row.integer(sql::face_column::timestamp), *std::move(face)});
    } else {
      damaged = face.error();
    }
  };
  if (asked.order == Order::by_time) {
    TRY(transaction.query(sql::kFaces, {job.account, job.region, job.id, position, asked.limit + 1}, take));
  } else {
    std::int64_t person = 0;  // before all others
    if (!asked.token.empty()) {
      TRY(transaction.query(sql::kPersonAt, {job.account, job.region, job.id, position},
                            [&](const Row& row) { person = row.integer(0); }));
    }
    TRY(transaction.query(sql::kFacesByPerson,
                          {job.account, job.region, job.id, person, position, asked.limit + 1}, take));
  }
  if (damaged) return std::unexpected(*std::move(damaged));
  return next;
}

Result<void> JobStore::read_matches(Transaction& transaction, ResultPage& page) {
  const Job& job = page.job;
  if (!job.search) return {};
  std::set<std::int64_t> tracks;
  for (const ResultFace& face : page.faces) tracks.insert(face.face.track);
  std::optional<Error> damaged;
  for (const std::int64_t track : tracks) {
    TRY(transaction.query(sql::kMatches, {job.account, job.region, job.id, track}, [&](const Row& row) {
      auto matches = decode_matches(row.bytes(0));
      if (matches) {
        page.matches.emplace(track, *std::move(matches));
      } else {
        damaged = matches.error();
      }
    }));
  }
  if (damaged) return std::unexpected(*std::move(damaged));
  return {};
}

Result<void> JobStore::delete_faces(const JobName& name) {
  // In pieces, so that nobody who writes waits for long.
  for (std::int64_t from = 0, deleted = 1; deleted > 0; from += kFacesDeletedAtOnce) {
    TRY(database_->write([&](Transaction& transaction) -> Result<void> {
      deleted = TRY(transaction.execute(
          sql::kDeleteFaces, {name.account, name.region, name.id, from, from + kFacesDeletedAtOnce}));
      return {};
    }));
  }
  return {};
}

Result<std::int64_t> JobStore::add(const Job& job, std::int64_t position,
                                   const std::vector<FrameSample>& samples, const Progress& progress) {
  std::int64_t next = position;
  TRY(database_->write([&](Transaction& transaction) -> Result<void> {
    next = position;
    for (const FrameSample& sample : samples) {
      for (const SampledFace& face : sample.faces) {
        if (next >= limits_.faces) {
          return fail(ErrorKind::too_large,
                      fmt::format("the clip shows more than {} faces at the chosen interval", limits_.faces));
        }
        const Bytes encoded = encode_face(face);
        TRY(transaction.execute(
            sql::kInsertFace, {job.account, job.region, job.id, next, sample.timestamp_ms, BytesView(encoded),
                               job.search ? Value(face.track) : Value()}));
        ++next;
      }
    }
    TRY(transaction.execute(sql::kAdvance, {progress.done, progress.total, job.account, job.region, job.id}));
    return {};
  }));
  return next;
}

}  // namespace sightline::jobs
