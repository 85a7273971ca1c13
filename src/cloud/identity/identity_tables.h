#pragma once
// The tables of this module. No key has a region: IAM has none.

#include "store/database.h"

namespace sightline::identity {

extern const store::Schema kIdentitySchema;

namespace sql {
extern const std::string_view kInsertUser, kUser, kCountUsers, kUsers, kDeleteUser;
extern const std::string_view kInsertKey, kCountKeys, kKeysOfOwner, kKeysOfAccount, kSetActive, kDeleteKey;
extern const std::string_view kInsertSession, kCountSessions, kCountSessionsOf, kDeleteExpired, kDeleteOver;
extern const std::string_view kEndSessionsOfKey, kEndSessionsOfOwner, kKeyIsActive;
extern const std::string_view kInsertGone, kLastGone, kForgetGone, kAllGone;
extern const std::string_view kAllKeys, kAllSessions;
extern const std::string_view kKeySecrets, kSetKeySecret, kSessionSecrets, kSetSessionSecret;
}  // namespace sql

}  // namespace sightline::identity
