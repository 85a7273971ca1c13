#include "app/server/adapters/policy_authorizer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include "app/server/adapters/access_explanation.h"
#include "cloud/identity/role_session.h"

namespace sightline::server {
namespace {

using aws::dispatch::AccessRequest;
using aws::dispatch::Context;
using aws::dispatch::ResourcePolicies;
using aws::dispatch::ResourcePolicy;
using identity::Holder;
using policy::DocumentKind;

constexpr std::string_view kHome = "000000000000";
constexpr std::string_view kOther = "111122223333";

policy::Document read(std::string_view statement, DocumentKind kind = DocumentKind::identity) {
  return policy::Document::parse(fmt::format(R"({{"Version":"2012-10-17","Statement":[{}]}})", statement),
                                 kind, 100'000)
      .value();
}

policy::Document allow(std::string_view action, std::string_view resource = "*") {
  return read(fmt::format(R"({{"Effect":"Allow","Action":"{}","Resource":"{}"}})", action, resource));
}

class PolicyAuthorizerTest : public testing::Test {
 protected:
  void SetUp() override {
    authorizer_.use(book_);
    resources_.add("s3", [](std::string_view arn, std::string_view) -> std::optional<ResourcePolicy> {
      if (arn.contains(":new")) return std::nullopt;
      if (arn.contains("theirs-shut"))
        return ResourcePolicy{std::string(kOther),
                              read(R"({"Sid":"Secret","Effect":"Deny","Principal":"*","Action":"s3:*",)"
                                   R"("Resource":"arn:aws:s3:::theirs-shut/*"})",
                                   DocumentKind::resource)};
      if (arn.contains("theirs-open"))
        return ResourcePolicy{std::string(kOther),
                              read(R"({"Sid":"Secret","Effect":"Allow","Principal":"*","Action":"s3:*",)"
                                   R"("Resource":"arn:aws:s3:::theirs-open/*"})",
                                   DocumentKind::resource)};
      if (arn.contains("theirs")) return ResourcePolicy{std::string(kOther)};
      if (arn.contains("public"))
        return ResourcePolicy{std::string(kHome),
                              read(R"({"Effect":"Allow","Principal":"*","Action":"s3:GetObject",)"
                                   R"("Resource":"arn:aws:s3:::public/*"})",
                                   DocumentKind::resource)};
      return ResourcePolicy{std::string(kHome)};
    });
    resources_.add("iam", [this](std::string_view arn, std::string_view) -> std::optional<ResourcePolicy> {
      const auto holder = book_.find_by_arn(arn);
      if (!holder) return std::nullopt;
      return ResourcePolicy{holder->account, holder->trust};
    });
  }
  void hold(Holder holder) {
    std::string id = holder.id;
    identity::PolicyBook::Changes changes;
    changes.holders.emplace_back(std::move(id), std::make_shared<const Holder>(std::move(holder)));
    book_.apply(std::move(changes));
  }
  /// A user of `kHome` with these policies.
  identity::Principal user(std::vector<policy::Document> documents) {
    auto principal = identity::user_principal(kHome, "AIDAUSER", "/", "anna");
    Holder holder{principal.id, std::string(kHome), principal.arn};
    for (policy::Document& document : documents)
      holder.inline_policies.push_back({"own", std::move(document)});
    hold(std::move(holder));
    return principal;
  }
  std::optional<aws::dispatch::Denial> deny(const identity::Principal& who, AccessRequest access) const {
    Context context;
    context.caller = who;
    context.region = "us-east-1";
    context.source_ip = "127.0.0.1";
    context.user_agent = "aws-cli/2.1";
    return authorizer_.deny(access, context);
  }
  bool may(const identity::Principal& who, std::string_view action, std::string_view resource) const {
    return !deny(who, {std::string(action), std::string(resource)});
  }

  aws::admin::AccessExplanation explain(const identity::Principal& who, AccessRequest access) const {
    Context context;
    context.caller = who;
    return explain_access(access, context, book_, resources_);
  }

  identity::PolicyBook book_;
  ResourcePolicies resources_;
  PolicyAuthorizer authorizer_{resources_};
};

TEST_F(PolicyAuthorizerTest, BeforeItKnowsThePoliciesItDeniesEverything) {
  const PolicyAuthorizer early(resources_);
  Context context;
  context.caller = identity::root_of(kHome);
  EXPECT_TRUE(early.deny({"s3:ListAllMyBuckets", "*"}, context));
}

TEST_F(PolicyAuthorizerTest, TheRootMayDoEverythingInItsOwnAccount) {
  const auto root = identity::root_of(kHome);
  for (const auto* resource : {"*", "arn:aws:s3:::b/k", "arn:aws:sqs:us-east-1:000000000000:q",
                               "arn:aws:iam::aws:policy/AdministratorAccess"})
    EXPECT_TRUE(may(root, "sqs:SendMessage", resource)) << resource;
  for (const auto* resource : {"arn:aws:s3:::theirs/k", "arn:aws:sqs:us-east-1:111122223333:q",
                               "arn:aws:sqs:us-east-1::q", "no arn"})
    EXPECT_FALSE(may(root, "sqs:SendMessage", resource)) << resource;
  auto session = root;
  session.kind = identity::PrincipalKind::session;
  EXPECT_TRUE(may(session, "sqs:SendMessage", "*"));
}

TEST_F(PolicyAuthorizerTest, AUserMayWhatItsPoliciesAllow) {
  EXPECT_FALSE(
      may(identity::user_principal(kHome, "AIDANOBODY", "/", "x"), "s3:GetObject", "arn:aws:s3:::b/k"));
  auto anna = user({allow("s3:GetObject", "arn:aws:s3:::b/*")});
  EXPECT_TRUE(may(anna, "s3:GetObject", "arn:aws:s3:::b/k"));
  const auto denial = deny(anna, {"s3:GetObject", "arn:aws:s3:::c/k"});
  ASSERT_TRUE(denial);
  EXPECT_EQ(denial->reason, "because no identity-based policy allows the s3:GetObject action");
  EXPECT_FALSE(denial->foreign);
  anna.kind = identity::PrincipalKind::session;
  EXPECT_TRUE(may(anna, "s3:GetObject", "arn:aws:s3:::b/k"));
  EXPECT_FALSE(may(anna, "s3:GetObject", "arn:aws:s3:::c/k"));
  // Another account's, whatever the user's policies say.
  const auto theirs = deny(user({allow("*")}), {"s3:GetObject", "arn:aws:s3:::theirs/k"});
  ASSERT_TRUE(theirs);
  EXPECT_TRUE(theirs->foreign);
}

TEST_F(PolicyAuthorizerTest, ABucketThatIsNotThereCanBeMadeAndNothingElse) {
  const auto anna = user({allow("s3:*")});
  EXPECT_TRUE(may(anna, "s3:CreateBucket", "arn:aws:s3:::new"));
  const auto denial = deny(anna, {"s3:PutObject", "arn:aws:s3:::new/k"});
  ASSERT_TRUE(denial);
  EXPECT_TRUE(denial->absent);
}

TEST_F(PolicyAuthorizerTest, AResourceMayAllowEverybody) {
  EXPECT_TRUE(may({}, "s3:GetObject", "arn:aws:s3:::public/k"));
  EXPECT_FALSE(may({}, "s3:PutObject", "arn:aws:s3:::public/k"));
  EXPECT_FALSE(may({}, "s3:GetObject", "arn:aws:s3:::b/k"));
}

TEST_F(PolicyAuthorizerTest, ATrustPolicyDecidesWhoAssumesTheRoleAndNothingElse) {
  const std::string arn = "arn:aws:iam::000000000000:role/worker";
  const std::string_view trust =
      R"({"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole",)"
      R"("Condition":{"StringEquals":{"aws:SourceAccount":"000000000000"}}})";
  Holder role{"AROAROLE", std::string(kHome), arn};
  role.trust = read(trust, DocumentKind::trust);
  hold(role);
  const auto lambda = identity::service_principal("lambda.amazonaws.com");
  const AccessRequest ours{"sts:AssumeRole", arn, {{"aws:SourceAccount", std::string(kHome)}}};
  const AccessRequest confused{"sts:AssumeRole", arn, {{"aws:SourceAccount", std::string(kOther)}}};
  EXPECT_FALSE(deny(lambda, ours));
  EXPECT_TRUE(deny(lambda, confused));
  EXPECT_TRUE(deny(identity::service_principal("states.amazonaws.com"), ours));
  const auto denial = deny(user({allow("*")}), ours);
  ASSERT_TRUE(denial);
  EXPECT_EQ(denial->reason, "");
  EXPECT_TRUE(may(user({allow("iam:*")}), "iam:DeleteRole", arn));
}

TEST_F(PolicyAuthorizerTest, ASessionPolicyThatIsGoneAllowsNothing) {
  Holder role{"AROAROLE", std::string(kHome), "arn:aws:iam::000000000000:role/worker"};
  role.inline_policies.push_back({"own", allow("*")});
  hold(role);
  identity::RoleSession session{"AROAROLE", role.arn, "night"};
  EXPECT_TRUE(may(role_session_principal(kHome, "worker", session), "s3:ListAllMyBuckets", "*"));
  session.policy_arns = {"arn:aws:iam::000000000000:policy/gone"};
  const auto narrow = role_session_principal(kHome, "worker", session);
  const auto denial = deny(narrow, {"s3:ListAllMyBuckets", "*"});
  ASSERT_TRUE(denial);
  EXPECT_EQ(denial->reason, "because no session policy allows the s3:ListAllMyBuckets action");
  // It denies nothing that another one allows.
  session.policy_arns.emplace_back("arn:aws:iam::aws:policy/AmazonS3FullAccess");
  const auto wide = role_session_principal(kHome, "worker", session);
  EXPECT_TRUE(may(wide, "s3:ListAllMyBuckets", "*"));
  EXPECT_FALSE(may(wide, "iam:ListUsers", "arn:aws:iam::000000000000:user/"));
}

TEST_F(PolicyAuthorizerTest, ADecisionSeesPoliciesAndTagsOfOneMoment) {
  const auto anna = user({});
  const auto in_team = [&](std::string_view team) {
    Holder holder{anna.id, std::string(kHome), anna.arn};
    holder.tags = {{"team", std::string(team)}};
    holder.inline_policies.push_back(
        {"own", read(fmt::format(R"({{"Effect":"Allow","Action":"*","Resource":"*",)"
                                 R"("Condition":{{"StringEquals":{{"aws:PrincipalTag/team":"{}"}}}}}})",
                                 team))});
    return std::make_shared<const Holder>(std::move(holder));
  };
  const std::array teams{in_team("blue"), in_team("red")};
  const auto become = [&](std::size_t team) { book_.apply({.holders = {{anna.id, teams[team]}}}); };
  become(0);
  std::atomic<bool> over = false;
  std::thread changing([&] {
    for (std::size_t i = 0; !over; ++i) become(i % 2);
  });
  int denied = 0;
  for (int i = 0; i < 50'000; ++i) denied += may(anna, "s3:ListAllMyBuckets", "*") ? 0 : 1;
  over = true;
  changing.join();
  EXPECT_EQ(denied, 0);
}

TEST_F(PolicyAuthorizerTest, AnAttachedPolicyThatIsGoneDeniesEverything) {
  auto anna = user({});
  Holder holder{anna.id, std::string(kHome), anna.arn, {{"own", allow("*")}}};
  holder.attached = {"arn:aws:iam::aws:policy/OfALaterVersion"};
  hold(std::move(holder));
  EXPECT_FALSE(may(anna, "s3:ListAllMyBuckets", "*"));
}

TEST_F(PolicyAuthorizerTest, InAuditItRefusesNothingAndSaysWhatItWould) {
  std::vector<RefusedAccess> refused;
  PolicyAuthorizer audit(resources_, [&](const RefusedAccess& access) { refused.push_back(access); });
  audit.use(book_);
  Context context;
  context.caller = user({});
  EXPECT_FALSE(audit.deny({"s3:GetObject", "arn:aws:s3:::b/k"}, context));
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].caller, context.caller.arn);
  EXPECT_EQ(
      refused[0].missing,
      R"(identity-based policy: {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/k"})");
}

TEST_F(PolicyAuthorizerTest, PoliciesSeeTheTagsOfRolesAndUsers) {
  Holder role{"AROAROLE", std::string(kHome), "arn:aws:iam::000000000000:role/worker"};
  role.tags = {{"Level", "high"}};
  hold(role);
  Holder other{"AROATHEIRS", std::string(kOther), "arn:aws:iam::111122223333:role/theirs"};
  other.tags = {{"Level", "secret"}};
  hold(other);
  for (const auto* key : {"aws:ResourceTag/Level", "iam:ResourceTag/level"}) {
    const auto anna = user(
        {allow("*"),
         read(fmt::format(
             R"({{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"StringEquals":{{"{}":"high"}}}}}})",
             key))});
    EXPECT_FALSE(may(anna, "iam:DeleteRole", role.arn)) << key;
    EXPECT_FALSE(may(anna, "sts:AssumeRole", role.arn)) << key;
    EXPECT_TRUE(may(anna, "iam:DeleteUser", anna.arn)) << key;
    // Whose tags they are is said to nobody else.
    for (const std::string& line : explain(anna, {"sts:AssumeRole", other.arn}).statements)
      EXPECT_FALSE(line.contains("secret")) << line;
  }
}

TEST_F(PolicyAuthorizerTest, AnAuditLetsNeitherTheAnonymousNorOtherAccountsIn) {
  int refused = 0;
  PolicyAuthorizer audit(resources_, [&](const RefusedAccess&) { ++refused; });
  audit.use(book_);
  const auto denied = [&](identity::Principal caller, std::string arn) {
    Context context;
    context.caller = std::move(caller);
    return audit.deny({"s3:GetObject", std::move(arn)}, context).has_value();
  };
  EXPECT_FALSE(denied(user({}), "arn:aws:s3:::b/k"));
  EXPECT_FALSE(denied(identity::service_principal("lambda.amazonaws.com"), "arn:aws:s3:::b/k"));
  EXPECT_EQ(refused, 2);
  EXPECT_TRUE(denied({}, "arn:aws:s3:::b/k"));
  EXPECT_TRUE(denied(identity::root_of(kOther), "arn:aws:s3:::b/k"));
  EXPECT_TRUE(denied(identity::root_of(kHome), "arn:aws:s3:::new/k"));
  EXPECT_EQ(refused, 2);
}

TEST_F(PolicyAuthorizerTest, InAuditTooARoleIsAssumedByThoseWhomItTrusts) {
  int refused = 0;
  PolicyAuthorizer audit(resources_, [&](const RefusedAccess&) { ++refused; });
  audit.use(book_);
  const std::string arn = "arn:aws:iam::000000000000:role/worker";
  Holder role{"AROAROLE", std::string(kHome), arn};
  role.trust =
      read(R"({"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"})",
           DocumentKind::trust);
  hold(role);
  Context context;
  for (const auto* action : {"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}) {
    context.caller = user({});
    EXPECT_TRUE(audit.deny({action, arn}, context)) << action;
    context.caller = identity::service_principal("states.amazonaws.com");
    EXPECT_TRUE(audit.deny({action, arn}, context)) << action;
  }
  context.caller = identity::service_principal("lambda.amazonaws.com");
  EXPECT_FALSE(audit.deny({"sts:AssumeRole", arn}, context));
  EXPECT_EQ(refused, 0);
  context.caller = user({});
  EXPECT_FALSE(audit.deny({"iam:DeleteRole", arn}, context));
}

TEST_F(PolicyAuthorizerTest, AnExplanationKeepsAnotherAccountsPoliciesToItself) {
  const auto anna = user({allow("*")});
  const auto shut = explain(anna, {"s3:GetObject", "arn:aws:s3:::theirs-shut/k"});
  const auto without = explain(anna, {"s3:GetObject", "arn:aws:s3:::theirs/k"});
  EXPECT_EQ(shut.decision, "implicitDeny");
  EXPECT_TRUE(shut.message.ends_with("because no resource-based policy allows the s3:GetObject action"));
  EXPECT_EQ(shut.statements, without.statements);
  EXPECT_EQ(shut.statements.size(), 1U);
  EXPECT_EQ(shut.missing.size(), without.missing.size());
  const auto open = explain(anna, {"s3:GetObject", "arn:aws:s3:::theirs-open/k"});
  EXPECT_EQ(open.decision, "allowed");
  EXPECT_EQ(open.statements, without.statements);
  EXPECT_TRUE(open.missing.empty());
  // Who owns it sees it all.
  EXPECT_EQ(explain(identity::root_of(kOther), {"s3:GetObject", "arn:aws:s3:::theirs-shut/k"}).decision,
            "explicitDeny");
}

TEST_F(PolicyAuthorizerTest, AnExplanationSaysThatABucketIsNotThere) {
  const auto anna = user({allow("s3:*")});
  const auto absent = explain(anna, {"s3:GetObject", "arn:aws:s3:::new/k"});
  EXPECT_EQ(absent.decision, "implicitDeny");
  EXPECT_EQ(absent.message, "The specified bucket does not exist");
  EXPECT_EQ(explain(anna, {"s3:CreateBucket", "arn:aws:s3:::new"}).decision, "allowed");
}

TEST_F(PolicyAuthorizerTest, ARoleWithTenStatementsIsDecidedWithinMicroseconds) {
  Holder role{"AROAROLE", std::string(kHome), "arn:aws:iam::000000000000:role/worker"};
  std::string statements;
  for (int i = 0; i < 10; ++i)
    statements +=
        fmt::format(R"({}{{"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":"arn:aws:s3:::b{}/*",)"
                    R"("Condition":{{"StringLike":{{"aws:UserAgent":"*cli*"}}}}}})",
                    i == 0 ? "" : ",", i);
  role.inline_policies.push_back({"own", read(statements)});
  role.attached = {"arn:aws:iam::aws:policy/AmazonSQSFullAccess"};
  hold(role);
  const auto session =
      role_session_principal(kHome, "worker", identity::RoleSession{"AROAROLE", role.arn, "night"});
  Context context;
  context.caller = session;
  context.region = "us-east-1";
  context.source_ip = "127.0.0.1";
  context.user_agent = "aws-cli/2.1";
  const AccessRequest access{"s3:GetObject", "arn:aws:s3:::b9/some/key"};
  EXPECT_FALSE(authorizer_.deny(access, context));
  constexpr int kTimes = 20'000;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < kTimes; ++i) static_cast<void>(authorizer_.deny(access, context));
  const double micros =
      std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count() / kTimes;
  RecordProperty("microseconds", fmt::format("{:.2f}", micros));
  fmt::print("{:.2f} microseconds a decision\n", micros);
  EXPECT_LT(micros, 500) << "20 are wanted of an idle machine without sanitizers";
}

}  // namespace
}  // namespace sightline::server
