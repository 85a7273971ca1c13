#include "sight/jobs/tables.h"

namespace sightline::jobs {
namespace {

constexpr std::string_view kMigrations[] = {
    // `request`: a hash of what was asked for, to know a client that asks again. `identity`: of the clip's
    // content. `secret`: of page tokens. `faces`: how many rows the results have.
    R"(CREATE TABLE jobs (
         account TEXT NOT NULL,
         region TEXT NOT NULL,
         id TEXT NOT NULL,
         kind BIGINT NOT NULL,
         status BIGINT NOT NULL,
         message TEXT NOT NULL,
         principal TEXT NOT NULL,
         bucket TEXT NOT NULL,
         object_key BLOB NOT NULL,
         object_version TEXT NOT NULL,
         identity TEXT NOT NULL,
         detail BIGINT NOT NULL,
         tag TEXT NOT NULL,
         client_token TEXT NOT NULL,
         request TEXT NOT NULL,
         topic TEXT,
         role TEXT,
         secret BLOB NOT NULL,
         created BIGINT NOT NULL,
         ended BIGINT,
         frames_done BIGINT NOT NULL,
         frames_total BIGINT NOT NULL,
         codec TEXT NOT NULL,
         container TEXT NOT NULL,
         width BIGINT NOT NULL,
         height BIGINT NOT NULL,
         duration BIGINT NOT NULL,
         frame_rate DOUBLE PRECISION NOT NULL,
         full_range BIGINT NOT NULL,
         PRIMARY KEY (account, region, id));
       CREATE INDEX jobs_by_status ON jobs (status, account, region);
       CREATE INDEX jobs_by_token ON jobs (account, region, kind, client_token);
       CREATE INDEX jobs_by_end ON jobs (ended);
       CREATE TABLE job_faces (
         account TEXT NOT NULL,
         region TEXT NOT NULL,
         job TEXT NOT NULL,
         position BIGINT NOT NULL,
         timestamp BIGINT NOT NULL,
         face BLOB NOT NULL,
         PRIMARY KEY (account, region, job, position));)",
    // Of face searches: `collection` and `threshold` say what was asked for, `person` is the track of a face
    // (NULL in other jobs), `matches` whom it is like. No vector is kept.
    R"(ALTER TABLE jobs ADD COLUMN collection TEXT;
       ALTER TABLE jobs ADD COLUMN threshold DOUBLE PRECISION;
       ALTER TABLE job_faces ADD COLUMN person BIGINT;
       CREATE INDEX job_faces_by_person ON job_faces (account, region, job, person, position)
         WHERE person IS NOT NULL;
       CREATE TABLE job_matches (
         account TEXT NOT NULL,
         region TEXT NOT NULL,
         job TEXT NOT NULL,
         person BIGINT NOT NULL,
         matches BLOB NOT NULL,
         PRIMARY KEY (account, region, job, person));)",
};

}  // namespace

namespace sql {

constexpr std::string_view kInsert =
    "INSERT INTO jobs (account, region, id, kind, status, message, principal, bucket, object_key, "
    "object_version, identity, detail, tag, client_token, request, topic, role, secret, created, "
    "frames_done, frames_total, codec, container, width, height, duration, frame_rate, full_range, "
    "collection, threshold) VALUES "
    "($1, $2, $3, $4, 0, '', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, "
    "0, 0, '', '', 0, 0, 0, 0, 0, $18, $19)";
// As job_column (tables.h) numbers them.
#define SELECT_JOBS                                                                                     \
  "SELECT account, region, id, kind, status, message, principal, bucket, object_key, object_version, "  \
  "detail, tag, created, ended, frames_done, frames_total, codec, container, width, height, duration, " \
  "frame_rate, full_range, identity, topic, role, collection, threshold FROM jobs "
constexpr std::string_view kFind = SELECT_JOBS "WHERE account = $1 AND region = $2 AND id = $3";
constexpr std::string_view kAll = SELECT_JOBS "ORDER BY created, id";
#undef SELECT_JOBS
constexpr std::string_view kAllRunning =
    "SELECT account, region, id FROM jobs WHERE status = 0 ORDER BY created, id";
constexpr std::string_view kFindToken =
    "SELECT id, request FROM jobs WHERE account = $1 AND region = $2 AND kind = $3 AND client_token = $4 "
    "AND (ended IS NULL OR ended > $5)";
constexpr std::string_view kCountRunning =
    "SELECT COUNT(*) FROM jobs WHERE status = 0 AND account = $1 AND region = $2";
constexpr std::string_view kSecret = "SELECT secret FROM jobs WHERE account = $1 AND region = $2 AND id = $3";
constexpr std::string_view kAdvance =
    "UPDATE jobs SET frames_done = $1, frames_total = $2 WHERE account = $3 AND region = $4 AND id = $5 "
    "AND status = 0";
constexpr std::string_view kSetIdentity =
    "UPDATE jobs SET identity = $1 WHERE account = $2 AND region = $3 AND id = $4";
constexpr std::string_view kSucceed =
    "UPDATE jobs SET status = 1, message = $1, ended = $2, frames_done = $3, frames_total = $4, codec = $5, "
    "container = $6, width = $7, height = $8, duration = $9, frame_rate = $10, full_range = $11 "
    "WHERE account = $12 AND region = $13 AND id = $14 AND status = 0";
constexpr std::string_view kFail =
    "UPDATE jobs SET status = 2, message = $1, ended = $2 "
    "WHERE account = $3 AND region = $4 AND id = $5 AND status = 0";
constexpr std::string_view kInsertFace =
    "INSERT INTO job_faces (account, region, job, position, timestamp, face, person) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7)";
constexpr std::string_view kFaces =
    "SELECT timestamp, face, position FROM job_faces WHERE account = $1 AND region = $2 AND job = $3 "
    "AND position >= $4 ORDER BY position LIMIT $5";
constexpr std::string_view kFacesByPerson =
    "SELECT timestamp, face, position FROM job_faces WHERE account = $1 AND region = $2 AND job = $3 "
    "AND person IS NOT NULL AND (person, position) >= ($4, $5) ORDER BY person, position LIMIT $6";
constexpr std::string_view kPersonAt =
    "SELECT person FROM job_faces WHERE account = $1 AND region = $2 AND job = $3 AND position = $4 "
    "AND person IS NOT NULL";
constexpr std::string_view kInsertMatches =
    "INSERT INTO job_matches (account, region, job, person, matches) VALUES ($1, $2, $3, $4, $5)";
constexpr std::string_view kMatches =
    "SELECT matches FROM job_matches WHERE account = $1 AND region = $2 AND job = $3 AND person = $4";
constexpr std::string_view kDeleteMatches =
    "DELETE FROM job_matches WHERE account = $1 AND region = $2 AND job = $3";
constexpr std::string_view kDeleteFaces =
    "DELETE FROM job_faces WHERE account = $1 AND region = $2 AND job = $3 AND position >= $4 "
    "AND position < $5";
constexpr std::string_view kExpired = "SELECT account, region, id FROM jobs WHERE ended <= $1 LIMIT 100";
constexpr std::string_view kDelete = "DELETE FROM jobs WHERE account = $1 AND region = $2 AND id = $3";

}  // namespace sql

namespace {

constexpr std::string_view kStatements[] = {
    sql::kInsert,        sql::kFind,       sql::kFindToken,     sql::kCountRunning,  sql::kAllRunning,
    sql::kAll,           sql::kSecret,     sql::kAdvance,       sql::kSucceed,       sql::kFail,
    sql::kSetIdentity,   sql::kInsertFace, sql::kFaces,         sql::kFacesByPerson, sql::kPersonAt,
    sql::kInsertMatches, sql::kMatches,    sql::kDeleteMatches, sql::kDeleteFaces,   sql::kExpired,
    sql::kDelete};

}  // namespace

const store::Schema kJobsSchema{"jobs", kMigrations, kStatements};

}  // namespace sightline::jobs
