#include "cloud/identity/permission_tables.h"

namespace sightline::identity {
namespace {

constexpr std::string_view kMigrations[] = {
    // `entity`: the id of a user, group or role. `name_key`: the name in small letters. `policy`: an ARN, of
    // AWS's own policies too. Until here users could do everything: those that are there already still can.
    R"(CREATE TABLE user_groups (
         account TEXT NOT NULL,
         name_key BLOB NOT NULL,
         name TEXT NOT NULL,
         path TEXT NOT NULL,
         id TEXT NOT NULL,
         created BIGINT NOT NULL,
         PRIMARY KEY (account, name_key));
       CREATE UNIQUE INDEX user_groups_by_id ON user_groups (account, id);
       CREATE TABLE group_members (
         account TEXT NOT NULL,
         group_id TEXT NOT NULL,
         user_id TEXT NOT NULL,
         PRIMARY KEY (account, group_id, user_id));
       CREATE INDEX group_members_by_user ON group_members (account, user_id);
       CREATE TABLE roles (
         account TEXT NOT NULL,
         name_key BLOB NOT NULL,
         name TEXT NOT NULL,
         path TEXT NOT NULL,
         id TEXT NOT NULL,
         created BIGINT NOT NULL,
         trust TEXT NOT NULL,
         description TEXT NOT NULL,
         longest_session BIGINT NOT NULL,
         PRIMARY KEY (account, name_key));
       CREATE UNIQUE INDEX roles_by_id ON roles (account, id);
       CREATE TABLE managed_policies (
         account TEXT NOT NULL,
         name_key BLOB NOT NULL,
         name TEXT NOT NULL,
         path TEXT NOT NULL,
         id TEXT NOT NULL,
         created BIGINT NOT NULL,
         updated BIGINT NOT NULL,
         description TEXT NOT NULL,
         default_version BIGINT NOT NULL,
         last_version BIGINT NOT NULL,
         PRIMARY KEY (account, name_key));
       CREATE TABLE policy_versions (
         account TEXT NOT NULL,
         policy_id TEXT NOT NULL,
         version BIGINT NOT NULL,
         document TEXT NOT NULL,
         created BIGINT NOT NULL,
         PRIMARY KEY (account, policy_id, version));
       CREATE TABLE attachments (
         account TEXT NOT NULL,
         entity TEXT NOT NULL,
         policy TEXT NOT NULL,
         PRIMARY KEY (account, entity, policy));
       CREATE INDEX attachments_by_policy ON attachments (account, policy);
       CREATE TABLE inline_policies (
         account TEXT NOT NULL,
         entity TEXT NOT NULL,
         name BLOB NOT NULL,
         document TEXT NOT NULL,
         PRIMARY KEY (account, entity, name));
       CREATE TABLE entity_tags (
         account TEXT NOT NULL,
         entity TEXT NOT NULL,
         key_folded BLOB NOT NULL,
         tag_key TEXT NOT NULL,
         tag_value TEXT NOT NULL,
         PRIMARY KEY (account, entity, key_folded));
       CREATE TABLE role_sessions (
         account TEXT NOT NULL,
         id TEXT NOT NULL,
         name TEXT NOT NULL,
         source_identity TEXT NOT NULL,
         policy TEXT NOT NULL,
         policy_arns TEXT NOT NULL,
         tags TEXT NOT NULL,
         PRIMARY KEY (account, id));
       INSERT INTO attachments (account, entity, policy)
         SELECT account, id, 'arn:aws:iam::aws:policy/AdministratorAccess' FROM users;)",
};

}  // namespace

namespace sql {

constexpr std::string_view kInsertGroup =
    "INSERT INTO user_groups (account, name_key, name, path, id, created) VALUES ($1, $2, $3, $4, $5, $6)";
constexpr std::string_view kGroup =
    "SELECT name, path, id, created, name_key FROM user_groups WHERE account = $1 AND name_key = $2";
constexpr std::string_view kGroupById =
    "SELECT name, path, id, created, name_key FROM user_groups WHERE account = $1 AND id = $2";
constexpr std::string_view kCountGroups = "SELECT COUNT(*) FROM user_groups WHERE account = $1";
constexpr std::string_view kGroups =
    "SELECT name, path, id, created, name_key FROM user_groups WHERE account = $1 AND name_key > $2 "
    "AND SUBSTR(path, 1, $3) = $4 ORDER BY name_key LIMIT $5";
constexpr std::string_view kDeleteGroup = "DELETE FROM user_groups WHERE account = $1 AND id = $2";
constexpr std::string_view kChangeGroup =
    "UPDATE user_groups SET name_key = $1, name = $2, path = $3 WHERE account = $4 AND id = $5";

constexpr std::string_view kInsertMember =
    "INSERT INTO group_members (account, group_id, user_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
constexpr std::string_view kDeleteMember =
    "DELETE FROM group_members WHERE account = $1 AND group_id = $2 AND user_id = $3";
constexpr std::string_view kCountGroupsOf =
    "SELECT COUNT(*) FROM group_members WHERE account = $1 AND user_id = $2";
constexpr std::string_view kCountMembers =
    "SELECT COUNT(*) FROM group_members WHERE account = $1 AND group_id = $2";
constexpr std::string_view kMembers =
    "SELECT u.name, u.path, u.id, u.created, u.name_key FROM group_members m "
    "JOIN users u ON u.account = m.account AND u.id = m.user_id "
    "WHERE m.account = $1 AND m.group_id = $2 AND u.name_key > $3 ORDER BY u.name_key LIMIT $4";
constexpr std::string_view kGroupsOf =
    "SELECT g.name, g.path, g.id, g.created, g.name_key FROM group_members m "
    "JOIN user_groups g ON g.account = m.account AND g.id = m.group_id "
    "WHERE m.account = $1 AND m.user_id = $2 ORDER BY g.name_key";
constexpr std::string_view kMemberIds =
    "SELECT group_id FROM group_members WHERE account = $1 AND user_id = $2";

constexpr std::string_view kInsertRole =
    "INSERT INTO roles (account, name_key, name, path, id, created, trust, description, longest_session) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
constexpr std::string_view kRole =
    "SELECT name, path, id, created, name_key, trust, description, longest_session FROM roles "
    "WHERE account = $1 AND name_key = $2";
constexpr std::string_view kRoleById =
    "SELECT name, path, id, created, name_key, trust, description, longest_session FROM roles "
    "WHERE account = $1 AND id = $2";
constexpr std::string_view kCountRoles = "SELECT COUNT(*) FROM roles WHERE account = $1";
constexpr std::string_view kRoles =
    "SELECT name, path, id, created, name_key, trust, description, longest_session FROM roles "
    "WHERE account = $1 AND name_key > $2 AND SUBSTR(path, 1, $3) = $4 ORDER BY name_key LIMIT $5";
constexpr std::string_view kDeleteRole = "DELETE FROM roles WHERE account = $1 AND id = $2";
constexpr std::string_view kSetTrust = "UPDATE roles SET trust = $1 WHERE account = $2 AND id = $3";
constexpr std::string_view kAllTrusts = "SELECT account, id, name, path, created, trust FROM roles";
constexpr std::string_view kChangeRole =
    "UPDATE roles SET description = $1, longest_session = $2 WHERE account = $3 AND id = $4";

constexpr std::string_view kInsertPolicy =
    "INSERT INTO managed_policies (account, name_key, name, path, id, created, updated, description, "
    "default_version, last_version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, 1)";
constexpr std::string_view kPolicy =
    "SELECT name, path, id, created, name_key, updated, description, default_version, last_version "
    "FROM managed_policies WHERE account = $1 AND name_key = $2";
constexpr std::string_view kCountPolicies = "SELECT COUNT(*) FROM managed_policies WHERE account = $1";
constexpr std::string_view kPolicies =
    "SELECT name, path, id, created, name_key, updated, description, default_version, last_version "
    "FROM managed_policies WHERE account = $1 AND name_key > $2 AND SUBSTR(path, 1, $3) = $4 "
    "ORDER BY name_key LIMIT $5";
constexpr std::string_view kDeletePolicy = "DELETE FROM managed_policies WHERE account = $1 AND id = $2";
constexpr std::string_view kSetDefaultVersion =
    "UPDATE managed_policies SET default_version = $1, updated = $2 WHERE account = $3 AND id = $4";
constexpr std::string_view kSetLastVersion =
    "UPDATE managed_policies SET last_version = $1, updated = $2 WHERE account = $3 AND id = $4";

constexpr std::string_view kInsertVersion =
    "INSERT INTO policy_versions (account, policy_id, version, document, created) VALUES ($1, $2, $3, $4, "
    "$5)";
constexpr std::string_view kVersion =
    "SELECT version, document, created FROM policy_versions WHERE account = $1 AND policy_id = $2 "
    "AND version = $3";
constexpr std::string_view kVersions =
    "SELECT version, document, created FROM policy_versions WHERE account = $1 AND policy_id = $2 "
    "ORDER BY version DESC";
constexpr std::string_view kCountVersions =
    "SELECT COUNT(*) FROM policy_versions WHERE account = $1 AND policy_id = $2";
constexpr std::string_view kDeleteVersion =
    "DELETE FROM policy_versions WHERE account = $1 AND policy_id = $2 AND version = $3";
constexpr std::string_view kDeleteVersions =
    "DELETE FROM policy_versions WHERE account = $1 AND policy_id = $2";

constexpr std::string_view kAttach =
    "INSERT INTO attachments (account, entity, policy) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
constexpr std::string_view kDetach =
    "DELETE FROM attachments WHERE account = $1 AND entity = $2 AND policy = $3";
constexpr std::string_view kAttached = "SELECT policy FROM attachments WHERE account = $1 AND entity = $2";
constexpr std::string_view kCountAttached =
    "SELECT COUNT(*) FROM attachments WHERE account = $1 AND entity = $2";
constexpr std::string_view kAttachedTo = "SELECT entity FROM attachments WHERE account = $1 AND policy = $2";
constexpr std::string_view kCountAttachedTo =
    "SELECT COUNT(*) FROM attachments WHERE account = $1 AND policy = $2";

constexpr std::string_view kPutInline =
    "INSERT INTO inline_policies (account, entity, name, document) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (account, entity, name) DO UPDATE SET document = excluded.document";
constexpr std::string_view kInline =
    "SELECT document FROM inline_policies WHERE account = $1 AND entity = $2 AND name = $3";
constexpr std::string_view kInlines =
    "SELECT name, document FROM inline_policies WHERE account = $1 AND entity = $2 ORDER BY name";
constexpr std::string_view kDeleteInline =
    "DELETE FROM inline_policies WHERE account = $1 AND entity = $2 AND name = $3";

constexpr std::string_view kPutTag =
    "INSERT INTO entity_tags (account, entity, key_folded, tag_key, tag_value) VALUES ($1, $2, $3, $4, $5) "
    "ON CONFLICT (account, entity, key_folded) DO UPDATE SET tag_key = excluded.tag_key, "
    "tag_value = excluded.tag_value";
constexpr std::string_view kTags =
    "SELECT tag_key, tag_value FROM entity_tags WHERE account = $1 AND entity = $2 ORDER BY key_folded";
constexpr std::string_view kDeleteTag =
    "DELETE FROM entity_tags WHERE account = $1 AND entity = $2 AND key_folded = $3";
constexpr std::string_view kDeleteTags = "DELETE FROM entity_tags WHERE account = $1 AND entity = $2";

constexpr std::string_view kInsertRoleSession =
    "INSERT INTO role_sessions (account, id, name, source_identity, policy, policy_arns, tags) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7)";
constexpr std::string_view kDeleteRoleSession = "DELETE FROM role_sessions WHERE account = $1 AND id = $2";
constexpr std::string_view kAllRoleSessions =
    "SELECT s.account, s.id, r.name, r.path, r.id, s.name, s.source_identity, s.policy, s.policy_arns, "
    "s.tags "
    "FROM role_sessions s JOIN sessions k ON k.account = s.account AND k.id = s.id "
    "JOIN roles r ON r.account = s.account AND r.id = k.owner";

constexpr std::string_view kUserById =
    "SELECT name, path, id, created, name_key FROM users WHERE account = $1 AND id = $2";
constexpr std::string_view kAllHolders =
    "SELECT 0, account, id, path, name, '' FROM users UNION ALL "
    "SELECT 1, account, id, path, name, '' FROM user_groups UNION ALL "
    "SELECT 2, account, id, path, name, trust FROM roles";
constexpr std::string_view kAllInlines = "SELECT entity, name, document FROM inline_policies ORDER BY name";
constexpr std::string_view kAllAttached = "SELECT entity, policy FROM attachments";
constexpr std::string_view kAllMembers = "SELECT user_id, group_id FROM group_members";
constexpr std::string_view kAllTags =
    "SELECT entity, tag_key, tag_value FROM entity_tags ORDER BY key_folded";
constexpr std::string_view kAllDefaults =
    "SELECT p.account, p.path, p.name, v.document FROM managed_policies p JOIN policy_versions v "
    "ON v.account = p.account AND v.policy_id = p.id AND v.version = p.default_version";

}  // namespace sql

namespace {

constexpr std::string_view kStatements[] = {sql::kInsertGroup,
                                            sql::kGroup,
                                            sql::kGroupById,
                                            sql::kCountGroups,
                                            sql::kGroups,
                                            sql::kDeleteGroup,
                                            sql::kChangeGroup,
                                            sql::kInsertMember,
                                            sql::kDeleteMember,
                                            sql::kCountGroupsOf,
                                            sql::kCountMembers,
                                            sql::kMembers,
                                            sql::kGroupsOf,
                                            sql::kMemberIds,
                                            sql::kInsertRole,
                                            sql::kRole,
                                            sql::kRoleById,
                                            sql::kCountRoles,
                                            sql::kRoles,
                                            sql::kDeleteRole,
                                            sql::kSetTrust,
                                            sql::kAllTrusts,
                                            sql::kChangeRole,
                                            sql::kInsertPolicy,
                                            sql::kPolicy,
                                            sql::kCountPolicies,
                                            sql::kPolicies,
                                            sql::kDeletePolicy,
                                            sql::kSetDefaultVersion,
                                            sql::kSetLastVersion,
                                            sql::kInsertVersion,
                                            sql::kVersion,
                                            sql::kVersions,
                                            sql::kCountVersions,
                                            sql::kDeleteVersion,
                                            sql::kDeleteVersions,
                                            sql::kAttach,
                                            sql::kDetach,
                                            sql::kAttached,
                                            sql::kCountAttached,
                                            sql::kAttachedTo,
                                            sql::kCountAttachedTo,
                                            sql::kPutInline,
                                            sql::kInline,
                                            sql::kInlines,
                                            sql::kDeleteInline,
                                            sql::kPutTag,
                                            sql::kTags,
                                            sql::kDeleteTag,
                                            sql::kDeleteTags,
                                            sql::kInsertRoleSession,
                                            sql::kDeleteRoleSession,
                                            sql::kAllRoleSessions,
                                            sql::kUserById,
                                            sql::kAllHolders,
                                            sql::kAllInlines,
                                            sql::kAllAttached,
                                            sql::kAllMembers,
                                            sql::kAllTags,
                                            sql::kAllDefaults};

}  // namespace

const store::Schema kPermissionSchema{"permissions", kMigrations, kStatements};

}  // namespace sightline::identity
