#include "cloud/buckets/access.h"

#include "cloud/buckets/buckets_test_fixture.h"

namespace sightline::buckets {
namespace {

constexpr std::string_view kOther = "111122223333";
constexpr std::string_view kPublic =
    R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::pictures/*"}})";
constexpr std::string_view kPrivate =
    R"({"Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:GetObject",
        "Resource":"arn:aws:s3:::pictures/*"}})";

policy::Document document(std::string_view text) {
  return *policy::Document::parse(text, policy::DocumentKind::resource, kMaxPolicy);
}

class AccessTest : public test::BucketsTest {
 protected:
  std::string policy_seen_by(std::string_view account) {
    const auto access = buckets_->access(account, "pictures");
    if (!access) return "(no bucket)";
    const auto* policy = access->policy_for(account);
    return policy != nullptr ? policy->text() : "(none)";
  }
};

TEST_F(AccessTest, SaysWhoseABucketIsAsLongAsItIsThere) {
  EXPECT_FALSE(buckets_->access(test::kAccount, "pictures"));
  make_bucket();
  const auto access = buckets_->access(kOther, "pictures");
  ASSERT_TRUE(access);
  EXPECT_EQ(access->account, test::kAccount);
  EXPECT_EQ(access->block, kBlockAll);
  EXPECT_EQ(test::problem(buckets_->create_bucket(kOther, test::kRegion, "pictures")), Problem::bucket_taken);
  ASSERT_TRUE(buckets_->delete_bucket(test::kAccount, "pictures"));
  EXPECT_FALSE(buckets_->access(test::kAccount, "pictures"));
  EXPECT_TRUE(buckets_->create_bucket(kOther, test::kRegion, "pictures"));
  EXPECT_EQ(buckets_->access(test::kAccount, "pictures")->account, kOther);
}

TEST_F(AccessTest, APolicyStaysOverARestartUntilItIsTakenAway) {
  make_bucket();
  ASSERT_TRUE(buckets_->set_policy(test::kAccount, "pictures", document(kPrivate)));
  EXPECT_EQ(policy_seen_by(kOther), kPrivate);
  close_buckets();
  open_buckets();
  EXPECT_EQ(policy_seen_by(kOther), kPrivate);
  ASSERT_TRUE(buckets_->set_policy(test::kAccount, "pictures", std::nullopt));
  EXPECT_EQ(policy_seen_by(kOther), "(none)");
  close_buckets();
  open_buckets();
  EXPECT_EQ(policy_seen_by(kOther), "(none)");
  EXPECT_EQ(test::problem(buckets_->set_policy(kOther, "pictures", std::nullopt)), Problem::no_such_bucket);
}

TEST_F(AccessTest, PublicPoliciesAreBlockedUntilTheOwnerLetsThem) {
  make_bucket();
  EXPECT_EQ(test::problem(buckets_->set_policy(test::kAccount, "pictures", document(kPublic))),
            Problem::public_policy_blocked);
  EXPECT_TRUE(buckets_->set_policy(test::kAccount, "pictures", document(kPrivate)));
  ASSERT_TRUE(buckets_->set_public_access_block(test::kAccount, "pictures", std::nullopt));
  ASSERT_TRUE(buckets_->set_policy(test::kAccount, "pictures", document(kPublic)));
  EXPECT_TRUE(buckets_->access("", "pictures")->is_public);
  EXPECT_EQ(policy_seen_by(""), kPublic);
  // Blocked later on, it stays, and does not count for others.
  const PublicAccessBlock restricted{.restrict_buckets = true};
  ASSERT_TRUE(buckets_->set_public_access_block(test::kAccount, "pictures", restricted));
  EXPECT_EQ(policy_seen_by(""), "(none)");
  EXPECT_EQ(policy_seen_by(kOther), "(none)");
  EXPECT_EQ(policy_seen_by(test::kAccount), kPublic);
  close_buckets();
  open_buckets();
  EXPECT_EQ(buckets_->access("", "pictures")->block, restricted);
  EXPECT_EQ(policy_seen_by(kOther), "(none)");
  EXPECT_EQ(policy_seen_by(test::kAccount), kPublic);
}

TEST_F(AccessTest, APolicyThatCannotBeReadDeniesEverything) {
  make_bucket();
  ASSERT_TRUE(buckets_->set_policy(test::kAccount, "pictures", document(kPrivate)));
  ASSERT_TRUE(database_->write([](store::Transaction& transaction) -> Result<void> {
    TRY(transaction.execute("UPDATE buckets SET policy = $1 WHERE account = $2 AND region = $3 AND name = $4",
                            {"{}", test::kAccount, test::kRegion, "pictures"}));
    return {};
  }));
  EXPECT_EQ(buckets_->load(), std::vector<std::string>{"pictures"});
  const auto access = buckets_->access(test::kAccount, "pictures");
  ASSERT_TRUE(access->policy);
  ASSERT_EQ(access->policy->statements().size(), 1U);
  EXPECT_FALSE(access->policy->statements()[0].allows);
  EXPECT_FALSE(access->is_public);
}

TEST_F(AccessTest, ACopyIntoAnotherAccountsBucketHasBytesOfItsOwn) {
  make_bucket();
  ASSERT_TRUE(buckets_->create_bucket(kOther, test::kRegion, "theirs"));
  ASSERT_TRUE(put("cat", "meow"));
  const ObjectName to{std::string(kOther), "theirs", "cat"};
  ASSERT_TRUE(buckets_->copy(name("cat"), to, {}));
  ASSERT_TRUE(buckets_->remove(name("cat")));
  EXPECT_EQ(get(to), "meow");
  EXPECT_EQ(test::problem(buckets_->copy(to, name("cat", "theirs"), {})), Problem::no_such_bucket);
}

TEST(AccessDirectory, AnAccountsOwnBucketComesBeforeAnotherOfItsName) {
  AccessDirectory directory;
  directory.put("b", {.account = "1"});
  directory.put("b", {.account = "2"});
  EXPECT_EQ(directory.find("b", "2")->account, "2");
  EXPECT_EQ(directory.find("b", "3")->account, "1");
  EXPECT_EQ(directory.find("b", "")->account, "1");
  directory.remove("b", "1");
  EXPECT_EQ(directory.find("b", "3")->account, "2");
  directory.remove("b", "2");
  EXPECT_FALSE(directory.find("b", "2"));
}

}  // namespace
}  // namespace sightline::buckets
