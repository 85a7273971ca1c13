#include "cloud/identity/identity_tables.h"

namespace sightline::identity {
namespace {

constexpr std::string_view kMigrations[] = {
    // `name_key`: the name in small letters, since names that differ in case alone are the same. `owner`: a
    // user's id, or the account for its root.
    R"(CREATE TABLE users (
         account TEXT NOT NULL,
         name_key BLOB NOT NULL,
         name TEXT NOT NULL,
         path TEXT NOT NULL,
         id TEXT NOT NULL,
         created BIGINT NOT NULL,
         PRIMARY KEY (account, name_key));
       CREATE UNIQUE INDEX users_by_id ON users (account, id);
       CREATE TABLE access_keys (
         account TEXT NOT NULL,
         id TEXT NOT NULL,
         owner TEXT NOT NULL,
         secret TEXT NOT NULL,
         active BIGINT NOT NULL,
         created BIGINT NOT NULL,
         PRIMARY KEY (account, id));
       CREATE UNIQUE INDEX access_keys_by_id ON access_keys (id);
       CREATE INDEX access_keys_by_owner ON access_keys (account, owner);
       CREATE TABLE sessions (
         account TEXT NOT NULL,
         id TEXT NOT NULL,
         owner TEXT NOT NULL,
         secret TEXT NOT NULL,
         token TEXT NOT NULL,
         expires BIGINT NOT NULL,
         PRIMARY KEY (account, id));
       CREATE UNIQUE INDEX sessions_by_id ON sessions (id);
       CREATE INDEX sessions_by_owner ON sessions (account, owner);
       CREATE INDEX sessions_by_expiry ON sessions (account, expires);)",
    // `made_with`: the access key that the session was made with; empty where that was none of these.
    // `ended`: before its time. The row stays until then, without its secrets, so that the key is still known
    // to be no good.
    R"(ALTER TABLE sessions ADD COLUMN made_with TEXT NOT NULL DEFAULT '';
       ALTER TABLE sessions ADD COLUMN ended BIGINT NOT NULL DEFAULT 0;
       CREATE INDEX sessions_by_key ON sessions (account, made_with);)",
    // Keys and sessions that are in no table any more, so that nobody takes them for strangers'. `number`
    // rises.
    R"(CREATE TABLE gone_keys (
         number BIGINT NOT NULL,
         id TEXT NOT NULL,
         PRIMARY KEY (number));)",
    // From here on secrets are sealed, which is done to the rows at open. No table changes: a version from
    // before that would take what is sealed for the secret.
    R"(UPDATE access_keys SET secret = secret WHERE id = '';)",
    // From here on users may do what their policies allow (permission_tables.h). No table changes: a version
    // from before that would let them do everything.
    R"(UPDATE users SET name = name WHERE id = '';)",
    // `issued`: when it was made. Of those from before nobody knows it: they count as made long ago.
    R"(ALTER TABLE sessions ADD COLUMN issued BIGINT NOT NULL DEFAULT 0;)",
};

}  // namespace

namespace sql {

constexpr std::string_view kInsertUser =
    "INSERT INTO users (account, name_key, name, path, id, created) VALUES ($1, $2, $3, $4, $5, $6)";
constexpr std::string_view kUser =
    "SELECT name, path, id, created, name_key FROM users WHERE account = $1 AND name_key = $2";
constexpr std::string_view kCountUsers = "SELECT COUNT(*) FROM users WHERE account = $1";
constexpr std::string_view kUsers =
    "SELECT name, path, id, created, name_key FROM users WHERE account = $1 AND name_key > $2 "
    "AND SUBSTR(path, 1, $3) = $4 ORDER BY name_key LIMIT $5";
constexpr std::string_view kDeleteUser = "DELETE FROM users WHERE account = $1 AND name_key = $2";

constexpr std::string_view kInsertKey =
    "INSERT INTO access_keys (account, id, owner, secret, active, created) VALUES ($1, $2, $3, $4, 1, $5)";
constexpr std::string_view kCountKeys = "SELECT COUNT(*) FROM access_keys WHERE account = $1 AND owner = $2";
constexpr std::string_view kKeysOfOwner =
    "SELECT id, active, created FROM access_keys WHERE account = $1 AND owner = $2 ORDER BY created";
constexpr std::string_view kKeysOfAccount =
    "SELECT k.id, k.active, k.created, u.name FROM access_keys k "
    "LEFT JOIN users u ON u.account = k.account AND u.id = k.owner WHERE k.account = $1 ORDER BY k.created";
constexpr std::string_view kSetActive =
    "UPDATE access_keys SET active = $1 WHERE account = $2 AND id = $3 AND owner = $4";
constexpr std::string_view kDeleteKey =
    "DELETE FROM access_keys WHERE account = $1 AND id = $2 AND owner = $3";
constexpr std::string_view kKeyIsActive =
    "SELECT active FROM access_keys WHERE account = $1 AND id = $2 AND owner = $3";

constexpr std::string_view kKeySecrets = "SELECT account, id, secret FROM access_keys";
constexpr std::string_view kSetKeySecret =
    "UPDATE access_keys SET secret = $1 WHERE account = $2 AND id = $3";
constexpr std::string_view kSessionSecrets = "SELECT account, id, secret FROM sessions";
constexpr std::string_view kSetSessionSecret =
    "UPDATE sessions SET secret = $1 WHERE account = $2 AND id = $3";

constexpr std::string_view kInsertSession =
    "INSERT INTO sessions (account, id, owner, secret, token, expires, made_with, issued) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
constexpr std::string_view kCountSessions = "SELECT COUNT(*) FROM sessions WHERE account = $1";
constexpr std::string_view kCountSessionsOf =
    "SELECT COUNT(*) FROM sessions WHERE account = $1 AND owner = $2";
constexpr std::string_view kDeleteExpired =
    "DELETE FROM sessions WHERE account = $1 AND expires <= $2 RETURNING id";
constexpr std::string_view kDeleteOver =
    "DELETE FROM sessions WHERE account = $1 AND (expires <= $2 OR ended <> 0) RETURNING id";
constexpr std::string_view kEndSessionsOfKey =
    "UPDATE sessions SET ended = 1, secret = '', token = '' WHERE account = $1 AND made_with = $2 RETURNING "
    "id";
constexpr std::string_view kEndSessionsOfOwner =
    "UPDATE sessions SET ended = 1, secret = '', token = '' WHERE account = $1 AND owner = $2 RETURNING id";

constexpr std::string_view kInsertGone = "INSERT INTO gone_keys (number, id) VALUES ($1, $2)";
constexpr std::string_view kLastGone = "SELECT COALESCE(MAX(number), 0) FROM gone_keys";
constexpr std::string_view kForgetGone = "DELETE FROM gone_keys WHERE number <= $1 RETURNING id";
constexpr std::string_view kAllGone = "SELECT id FROM gone_keys";

constexpr std::string_view kAllKeys =
    "SELECT k.account, k.id, k.secret, k.owner, u.path, u.name, k.active FROM access_keys k "
    "LEFT JOIN users u ON u.account = k.account AND u.id = k.owner";
constexpr std::string_view kAllSessions =
    "SELECT s.account, s.id, s.secret, s.owner, u.path, u.name, s.token, s.expires, s.ended, s.issued "
    "FROM sessions s "
    "LEFT JOIN users u ON u.account = s.account AND u.id = s.owner";

}  // namespace sql

namespace {

constexpr std::string_view kStatements[] = {sql::kInsertUser,
                                            sql::kUser,
                                            sql::kCountUsers,
                                            sql::kUsers,
                                            sql::kDeleteUser,
                                            sql::kInsertKey,
                                            sql::kCountKeys,
                                            sql::kKeysOfOwner,
                                            sql::kKeysOfAccount,
                                            sql::kSetActive,
                                            sql::kDeleteKey,
                                            sql::kKeyIsActive,
                                            sql::kInsertSession,
                                            sql::kCountSessions,
                                            sql::kCountSessionsOf,
                                            sql::kDeleteExpired,
                                            sql::kDeleteOver,
                                            sql::kEndSessionsOfKey,
                                            sql::kEndSessionsOfOwner,
                                            sql::kInsertGone,
                                            sql::kLastGone,
                                            sql::kForgetGone,
                                            sql::kAllGone,
                                            sql::kAllKeys,
                                            sql::kAllSessions,
                                            sql::kKeySecrets,
                                            sql::kSetKeySecret,
                                            sql::kSessionSecrets,
                                            sql::kSetSessionSecret};

}  // namespace

const store::Schema kIdentitySchema{"identity", kMigrations, kStatements};

}  // namespace sightline::identity
