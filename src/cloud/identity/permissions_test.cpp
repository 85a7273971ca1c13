// Groups, roles and policies: what is kept, and what decisions see of it.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/set_clock.h"
#include "cloud/identity/identities.h"
#include "cloud/identity/identity_tables.h"
#include "cloud/identity/permission_tables.h"
#include "cloud/policy/managed_policies.h"
#include "store/postgres_test_support.h"
#include "store/stores_test_support.h"

namespace sightline::identity {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::string_view kHome = "000000000000";
constexpr std::string_view kAdministrator = "arn:aws:iam::aws:policy/AdministratorAccess";
constexpr std::string_view kTrust =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"sts:AssumeRole"}]})";

std::string allow(std::string_view action) {
  return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":")" + std::string(action) +
         R"(","Resource":"*"}]})";
}

constexpr EntityRef kAlice{EntityKind::user, "alice"};
constexpr EntityRef kCrew{EntityKind::group, "crew"};
constexpr EntityRef kWorker{EntityKind::role, "worker"};

template <typename T>
std::optional<Problem> problem(const Answer<T>& answer) {
  return answer ? std::nullopt : std::optional(answer.error().problem);
}

class PermissionsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "permissions_XXXXXX").string();
    folder_ = mkdtemp(name.data());
    stores_ = store::test::stores_that_run_twice(folder_);
    open();
    alice_ = identities_->create_user(kHome, "alice", "/staff/").value().id;
  }
  void TearDown() override {
    identities_.reset();
    fs::remove_all(folder_);
  }
  void open() {
    identities_.reset();
    std::vector<MasterKey> keys;
    keys.emplace_back("k1", std::array<std::uint8_t, MasterKey::kBytes>{});
    auto opened = Identities::open(*stores_, SecretKeys::create(std::move(keys)).value(), clock_, random_);
    ASSERT_TRUE(opened) << opened.error().message;
    identities_ = std::move(*opened);
  }
  /// What decisions see: the policies' names.
  std::vector<std::string> effective(std::string_view id) const {
    std::vector<std::string> names;
    const EffectivePolicies policies = identities_->policies().policies_of(id);
    for (const policy::AttachedPolicy& policy : policies.all()) names.emplace_back(policy.name);
    return names;
  }
  Role make_worker() {
    auto role = identities_->roles().create(kHome, {.name = "worker", .path = "/jobs/", .trust = kTrust});
    EXPECT_TRUE(role) << role.error().error.message;
    return *role;
  }
  bool is_in_a_file(std::string_view text) const {
    return std::ranges::any_of(fs::recursive_directory_iterator(folder_),
                               [&](const fs::directory_entry& entry) {
                                 if (!entry.is_regular_file()) return false;
                                 std::ifstream file(entry.path(), std::ios::binary);
                                 return std::string(std::istreambuf_iterator(file), {}).contains(text);
                               });
  }
  EntityPolicies& policies() { return identities_->entity_policies(); }

  SetClock clock_;
  SystemRandom random_;
  fs::path folder_;
  std::unique_ptr<store::Stores> stores_;
  std::unique_ptr<Identities> identities_;
  std::string alice_;
};

TEST_F(PermissionsTest, DecisionsSeeAUsersOwnPoliciesAndThoseOfItsGroupsAtOnceAndAfterAReload) {
  EXPECT_THAT(effective(alice_), IsEmpty());
  ASSERT_TRUE(identities_->groups().create(kHome, "crew", "/"));
  ASSERT_TRUE(identities_->groups().add_user(kHome, "Crew", "Alice"));
  ASSERT_TRUE(policies().put(kHome, kAlice, "own", allow("s3:GetObject")));
  ASSERT_TRUE(policies().put(kHome, kCrew, "ours", allow("s3:PutObject")));
  ASSERT_TRUE(policies().attach(kHome, kAlice, kAdministrator));
  const auto made = identities_->customer_policies().create(
      kHome, {.name = "managed", .path = "/p/", .document = allow("sqs:*")});
  ASSERT_TRUE(made);
  ASSERT_TRUE(policies().attach(kHome, kCrew, made->arn));
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(effective(alice_), UnorderedElementsAre("own", kAdministrator, "ours",
                                                        "arn:aws:iam::000000000000:policy/p/managed"));
    open();
  }
  ASSERT_TRUE(identities_->groups().remove_user(kHome, "crew", "alice"));
  ASSERT_TRUE(policies().remove(kHome, kAlice, "own"));
  EXPECT_THAT(effective(alice_), ElementsAre(kAdministrator));
  ASSERT_TRUE(policies().detach(kHome, kAlice, kAdministrator));
  EXPECT_THAT(effective(alice_), IsEmpty());
}

TEST_F(PermissionsTest, ADefaultVersionIsWhatDecisionsSee) {
  CustomerPolicies& managed = identities_->customer_policies();
  const std::string arn = managed.create(kHome, {.name = "m", .document = allow("sqs:*")})->arn;
  ASSERT_TRUE(policies().attach(kHome, kAlice, arn));
  const auto sees = [&] {
    const EffectivePolicies all = identities_->policies().policies_of(alice_);
    return all.all().front().document->statements().front().actions.front().text();
  };
  EXPECT_EQ(managed.add_version(kHome, arn, allow("s3:*"), false)->id, "v2");
  EXPECT_EQ(sees(), "sqs:*");
  ASSERT_TRUE(managed.set_default(kHome, arn, "v2"));
  EXPECT_EQ(sees(), "s3:*");
  EXPECT_EQ(managed.add_version(kHome, arn, allow("iam:*"), true)->id, "v3");
  EXPECT_EQ(sees(), "iam:*");
  open();
  EXPECT_EQ(sees(), "iam:*");
  CustomerPolicies& again = identities_->customer_policies();
  EXPECT_EQ(problem(again.remove_version(kHome, arn, "v3")), Problem::default_version);
  EXPECT_EQ(problem(again.set_default(kHome, arn, "v9")), Problem::no_such_version);
  EXPECT_EQ(problem(again.set_default(kHome, arn, "v")), Problem::no_such_version);
  ASSERT_TRUE(again.add_version(kHome, arn, allow("s3:*"), false));
  ASSERT_TRUE(again.add_version(kHome, arn, allow("s3:*"), false));
  const auto sixth = again.add_version(kHome, arn, allow("s3:*"), true);
  EXPECT_EQ(problem(sixth), Problem::over_limit);
  EXPECT_EQ(sees(), "iam:*");
  EXPECT_EQ(problem(again.remove(kHome, arn)), Problem::is_attached);
  ASSERT_TRUE(policies().detach(kHome, kAlice, arn));
  EXPECT_EQ(problem(again.remove(kHome, arn)), Problem::has_versions);
  for (const auto* id : {"v1", "v2", "v4", "v5"}) EXPECT_TRUE(again.remove_version(kHome, arn, id));
  EXPECT_TRUE(again.remove(kHome, arn));
  EXPECT_EQ(problem(again.get(kHome, arn)), Problem::no_such_policy);
}

TEST_F(PermissionsTest, PoliciesOfAwsAreThereAndNobodyChangesThem) {
  CustomerPolicies& managed = identities_->customer_policies();
  EXPECT_EQ(managed.get(kHome, kAdministrator)->default_version, "v1");
  EXPECT_EQ(managed.version(kHome, kAdministrator, "v1")->is_default, true);
  const std::string alike =
      managed.create(kHome, {.name = "administratorAccess", .document = allow("s3:*")})->arn;
  EXPECT_THAT(identities_->policies().find_managed(kHome, "AdministratorAccess"),
              ElementsAre(kAdministrator, alike));
  EXPECT_EQ(problem(managed.add_version(kHome, kAdministrator, allow("*"), true)), Problem::belongs_to_aws);
  EXPECT_EQ(problem(managed.set_default(kHome, kAdministrator, "v1")), Problem::belongs_to_aws);
  EXPECT_EQ(problem(managed.remove(kHome, kAdministrator)), Problem::belongs_to_aws);
  EXPECT_EQ(problem(policies().attach(kHome, kAlice, "arn:aws:iam::aws:policy/Nothing")),
            Problem::no_such_policy);
  EXPECT_EQ(problem(policies().attach(kHome, kAlice, "arn:aws:iam::111122223333:policy/theirs")),
            Problem::no_such_policy);
}

TEST_F(PermissionsTest, LimitsAreThoseOfAws) {
  std::string long_text =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":")";
  long_text += "arn:aws:s3:::" + std::string(900, 'b') + "\"}]}";
  ASSERT_TRUE(policies().put(kHome, kAlice, "one", long_text));
  ASSERT_TRUE(policies().put(kHome, kAlice, "one", long_text + std::string(5000, ' ')));
  ASSERT_TRUE(policies().put(kHome, kAlice, "two", long_text));
  // White space is not counted, and yet not kept without end.
  const auto blank = policies().put(kHome, kAlice, "two", long_text + std::string(5000, ' '));
  ASSERT_EQ(problem(blank), Problem::over_limit);
  EXPECT_EQ(blank.error().facts.quota, Quota::inline_size);
  const auto third = policies().put(kHome, kAlice, "three", long_text);
  ASSERT_EQ(problem(third), Problem::over_limit);
  EXPECT_EQ(third.error().facts.quota, Quota::inline_size);
  EXPECT_EQ(third.error().facts.limit, 2048);
  EXPECT_EQ(policies().list(kHome, kAlice)->size(), 2U);
  const auto managed = policy::managed_policies();
  for (std::size_t i = 0; i < 10; ++i) ASSERT_TRUE(policies().attach(kHome, kAlice, managed[i].arn()));
  ASSERT_TRUE(policies().attach(kHome, kAlice, managed[0].arn()));
  EXPECT_EQ(problem(policies().attach(kHome, kAlice, managed[10].arn())), Problem::over_limit);
  for (int i = 0; i < 11; ++i) {
    const std::string name = "group" + std::to_string(i);
    ASSERT_TRUE(identities_->groups().create(kHome, name, "/"));
    EXPECT_EQ(problem(identities_->groups().add_user(kHome, name, "alice")),
              i < 10 ? std::nullopt : std::optional(Problem::over_limit));
  }
  EXPECT_EQ(identities_->groups().groups_of(kHome, "alice")->size(), 10U);
  EXPECT_EQ(problem(policies().put(kHome, kAlice, "bad", "{}")), Problem::malformed);
}

TEST_F(PermissionsTest, WhatStillHasPoliciesIsNotDeleted) {
  ASSERT_TRUE(policies().attach(kHome, kAlice, kAdministrator));
  EXPECT_EQ(problem(identities_->delete_user(kHome, "alice")), Problem::has_attachments);
  ASSERT_TRUE(policies().detach(kHome, kAlice, kAdministrator));
  ASSERT_TRUE(policies().put(kHome, kAlice, "own", allow("s3:*")));
  EXPECT_EQ(problem(identities_->delete_user(kHome, "alice")), Problem::has_inline_policies);
  ASSERT_TRUE(policies().remove(kHome, kAlice, "own"));
  ASSERT_TRUE(identities_->groups().create(kHome, "crew", "/"));
  ASSERT_TRUE(identities_->groups().add_user(kHome, "crew", "alice"));
  EXPECT_EQ(problem(identities_->delete_user(kHome, "alice")), Problem::has_members);
  EXPECT_EQ(problem(identities_->groups().remove(kHome, "crew")), Problem::has_members);
  ASSERT_TRUE(identities_->groups().remove_user(kHome, "crew", "alice"));
  ASSERT_TRUE(identities_->delete_user(kHome, "alice"));
  ASSERT_TRUE(identities_->groups().remove(kHome, "crew"));
  EXPECT_EQ(identities_->policies().find(alice_), nullptr);
  // Who comes back under the same name is somebody else.
  ASSERT_TRUE(identities_->create_user(kHome, "alice"));
  EXPECT_THAT(effective(alice_), IsEmpty());
}

TEST_F(PermissionsTest, ARolesSessionLivesAsLongAsTheRoleAndIsKeptWithAllItHas) {
  const Role role = make_worker();
  NewRoleSession wanted;
  wanted.role_name = role.entity.name;
  wanted.role_id = role.entity.id;
  wanted.session.role_id = role.entity.id;
  wanted.session.role_arn = role.entity.arn;
  wanted.session.name = "night";
  wanted.session.source_identity = "bob";
  wanted.session.policy_arns = {std::string(kAdministrator), "arn:aws:iam::000000000000:policy/x"};
  wanted.session.tags = {{"team", "red"}, {"empty", ""}, {"last", ""}};
  wanted.session.transitive_keys = {"team", "last"};
  wanted.session.policy = policy::Document::parse(allow("s3:*"), policy::DocumentKind::session, 2048).value();
  const auto made = identities_->create_role_session(kHome, wanted);
  ASSERT_TRUE(made) << made.error().error.message;
  open();
  const auto found = identities_->find_credential(made->access_key_id);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->active);
  EXPECT_EQ(found->secret, made->secret);
  EXPECT_EQ(found->principal.kind, PrincipalKind::role_session);
  EXPECT_EQ(found->principal.arn, "arn:aws:sts::000000000000:assumed-role/worker/night");
  EXPECT_EQ(found->principal.id, role.entity.id + ":night");
  EXPECT_TRUE(made->principal.issued);
  EXPECT_EQ(found->principal.issued, made->principal.issued);
  ASSERT_TRUE(found->principal.role);
  EXPECT_EQ(found->principal.role->role_arn, "arn:aws:iam::000000000000:role/jobs/worker");
  EXPECT_EQ(found->principal.role->source_identity, "bob");
  EXPECT_EQ(found->principal.role->policy_arns, wanted.session.policy_arns);
  EXPECT_EQ(found->principal.role->tags, wanted.session.tags);
  EXPECT_EQ(found->principal.role->transitive_keys, wanted.session.transitive_keys);
  EXPECT_EQ(found->principal.role->policy->text(), allow("s3:*"));
  EXPECT_TRUE(is_in_a_file(*made->session_token));
  ASSERT_TRUE(identities_->roles().remove(kHome, "worker"));
  EXPECT_FALSE(is_in_a_file(*made->session_token));
  EXPECT_FALSE(identities_->find_credential(made->access_key_id)->active);
  EXPECT_EQ(problem(identities_->create_role_session(kHome, wanted)), Problem::role_ended);
  open();
  EXPECT_FALSE(identities_->find_credential(made->access_key_id)->active);
}

TEST_F(PermissionsTest, TrustFollowsWhoIsRenamedAndLeavesWhoIsDeleted) {
  const std::string condition =
      R"("Condition":{"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::000000000000:user/staff/alice"}})";
  const auto trust = [&](std::string_view who) {
    return fmt::format(
        R"({{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":["{}"]}},"Action":"sts:AssumeRole",{}}}]}})",
        who, condition);
  };
  const auto trust_after = [&](std::string_view who, const auto& change) {
    make_worker();
    EXPECT_TRUE(identities_->roles().set_trust(kHome, "worker", trust(who)));
    change();
    std::string kept = identities_->roles().get(kHome, "worker")->trust;
    EXPECT_TRUE(identities_->roles().remove(kHome, "worker"));
    return kept;
  };
  EXPECT_EQ(trust_after("arn:aws:iam::000000000000:user\\/staff\\/\\u0061lice",
                        [&] { ASSERT_TRUE(identities_->change_user(kHome, "alice", "bob", "/")); }),
            trust("arn:aws:iam::000000000000:user/bob"));
  EXPECT_EQ(trust_after("arn:aws:iam::000000000000:user\\/bob",
                        [&] { ASSERT_TRUE(identities_->delete_user(kHome, "bob")); }),
            trust(alice_));
  for (const std::string_view who :
       {"arn:aws:iam::000000000000:role/helper", "arn:aws:sts::000000000000:assumed-role/helper/night"}) {
    const auto helper = identities_->roles().create(kHome, {.name = "helper", .trust = kTrust});
    ASSERT_TRUE(helper);
    EXPECT_EQ(trust_after(who, [&] { ASSERT_TRUE(identities_->roles().remove(kHome, "helper")); }),
              trust(helper->entity.id));
  }
}

TEST_F(PermissionsTest, RolesAreKept) {
  const Role role = make_worker();
  EXPECT_EQ(problem(identities_->roles().create(kHome, {.name = "Worker", .trust = kTrust})),
            Problem::already_exists);
  EXPECT_EQ(problem(identities_->roles().create(kHome, {.name = "other", .trust = "{"})), Problem::malformed);
  EXPECT_EQ(identities_->roles().get(kHome, "WORKER")->entity.id, role.entity.id);
  const auto changed = identities_->roles().change(kHome, "worker", "what it does", 2h);
  EXPECT_EQ(changed->description, "what it does");
  EXPECT_EQ(identities_->roles().get(kHome, "worker")->longest_session, 2h);
  EXPECT_EQ(identities_->roles().list(kHome, {.path_prefix = "/jobs/"})->items.size(), 1U);
  EXPECT_EQ(identities_->roles().list(kHome, {.path_prefix = "/other/"})->items.size(), 0U);
  const auto holder = identities_->policies().find_by_arn(role.entity.arn);
  ASSERT_TRUE(holder);
  EXPECT_EQ(identities_->roles().get(kHome, "worker")->trust, kTrust);
  EXPECT_EQ(holder->trust->text(), "") << "memory has it compiled only";
  ASSERT_TRUE(policies().put(kHome, kWorker, "own", allow("s3:*")));
  EXPECT_EQ(problem(identities_->roles().remove(kHome, "worker")), Problem::has_inline_policies);
  EXPECT_THAT(effective(role.entity.id), ElementsAre("own"));
}

TEST_F(PermissionsTest, TagsAreSeenByDecisions) {
  const std::vector<Tag> tags{{"Team", "red"}, {"cost", "7"}};
  ASSERT_TRUE(identities_->tags().put(kHome, kAlice, tags));
  ASSERT_TRUE(identities_->tags().put(kHome, kAlice, std::vector<Tag>{{"team", "blue"}}));
  EXPECT_THAT(identities_->policies().find(alice_)->tags, ElementsAre(Tag{"cost", "7"}, Tag{"team", "blue"}));
  ASSERT_TRUE(identities_->tags().remove(kHome, kAlice, std::vector<std::string>{"TEAM"}));
  EXPECT_THAT(*identities_->tags().list(kHome, kAlice), ElementsAre(Tag{"cost", "7"}));
  std::vector<Tag> many;
  for (int i = 0; i < 50; ++i) many.push_back({"k" + std::to_string(i), ""});
  EXPECT_EQ(problem(identities_->tags().put(kHome, kAlice, many)), Problem::over_limit);
  EXPECT_EQ(problem(identities_->tags().put(kHome, kAlice, std::vector<Tag>{{"a", ""}, {"A", ""}})),
            Problem::invalid);
}

TEST_F(PermissionsTest, UsersOfBeforeStillMayDoEverything) {
  identities_.reset();
  fs::remove_all(folder_);
  fs::create_directory(folder_);
  {
    const store::Schema before{"identity", kIdentitySchema.migrations.first(4), {&sql::kInsertUser, 1}};
    const auto database = stores_->open({kDatabase, {before}});
    ASSERT_TRUE(database) << database.error().message;
    ASSERT_TRUE((*database)->write([&](store::Transaction& transaction) -> Result<void> {
      const std::string_view key = "ada";
      TRY(transaction.execute(sql::kInsertUser,
                              {kHome, store::BytesView(reinterpret_cast<const std::uint8_t*>(key.data()), 3),
                               "ada", "/", "AIDAADA", std::int64_t{1}}));
      return {};
    }));
  }
  open();
  EXPECT_THAT(effective("AIDAADA"), ElementsAre(kAdministrator));
  const auto later = identities_->create_user(kHome, "eve");
  EXPECT_THAT(effective(later->id), IsEmpty());
}

TEST(PermissionSchema, PostgresTakesItBesideThatOfUsers) {
  std::vector<std::string_view> migrations;
  std::vector<std::string_view> statements;
  for (const store::Schema* schema : {&kIdentitySchema, &kPermissionSchema}) {
    migrations.insert(migrations.end(), schema->migrations.begin(), schema->migrations.end());
    statements.insert(statements.end(), schema->statements.begin(), schema->statements.end());
  }
  store::test::Postgres postgres;
  EXPECT_EQ(postgres.refuses({"both", migrations, statements}), "");
}

}  // namespace
}  // namespace sightline::identity
