#pragma once
// The tables of groups, roles and policies, beside those of users and keys in the same file.

#include "store/database.h"

namespace sightline::identity {

/// After kIdentitySchema, whose users it reads.
extern const store::Schema kPermissionSchema;

namespace sql {
extern const std::string_view kInsertGroup, kGroup, kGroupById, kCountGroups, kGroups, kDeleteGroup,
    kChangeGroup;
extern const std::string_view kInsertMember, kDeleteMember, kCountGroupsOf, kCountMembers, kMembers,
    kGroupsOf, kMemberIds;
extern const std::string_view kInsertRole, kRole, kRoleById, kCountRoles, kRoles, kDeleteRole, kSetTrust,
    kAllTrusts, kChangeRole;
extern const std::string_view kInsertPolicy, kPolicy, kCountPolicies, kPolicies, kDeletePolicy,
    kSetDefaultVersion, kSetLastVersion;
extern const std::string_view kInsertVersion, kVersion, kVersions, kCountVersions, kDeleteVersion,
    kDeleteVersions;
extern const std::string_view kAttach, kDetach, kAttached, kCountAttached, kAttachedTo, kCountAttachedTo;
extern const std::string_view kPutInline, kInline, kInlines, kDeleteInline;
extern const std::string_view kPutTag, kTags, kDeleteTag, kDeleteTags;
extern const std::string_view kInsertRoleSession, kDeleteRoleSession, kAllRoleSessions;
extern const std::string_view kUserById, kAllHolders, kAllInlines, kAllAttached, kAllMembers, kAllTags,
    kAllDefaults;
}  // namespace sql

}  // namespace sightline::identity
