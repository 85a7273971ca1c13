#pragma once
// The tables of jobs and their results.

#include "store/database.h"

namespace sightline::jobs {

extern const store::Schema kJobsSchema;

namespace sql {
extern const std::string_view kInsert, kFind, kFindToken, kCountRunning, kAllRunning, kAll, kSecret;
extern const std::string_view kAdvance, kSucceed, kFail, kSetIdentity;
extern const std::string_view kInsertFace, kFaces, kFacesByPerson, kPersonAt, kDeleteFaces;
extern const std::string_view kInsertMatches, kMatches, kDeleteMatches, kExpired, kDelete;

// Which column of a row is which, in the order of its statement's SELECT.

/// kFind and kAll; kAllRunning and kExpired give the first three.
namespace job_column {
enum : int {
  account,
  region,
  id,
  kind,
  status,
  message,
  principal,
  bucket,
  object_key,
  object_version,
  detail,
  tag,
  created,
  ended,
  frames_done,
  frames_total,
  codec,
  container,
  width,
  height,
  duration,
  frame_rate,
  full_range,
  identity,
  topic,
  role,
  collection,
  threshold
};
}  // namespace job_column
/// kFindToken
namespace token_column {
enum : int { id, request };
}  // namespace token_column
/// kFaces and kFacesByPerson
namespace face_column {
enum : int { timestamp, face, position };
}  // namespace face_column

}  // namespace sql

}  // namespace sightline::jobs
