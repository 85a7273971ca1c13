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
}  // namespace sql

}  // namespace sightline::jobs
