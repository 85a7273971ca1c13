#include "cloud/identity/identities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <regex>
#include <thread>

#include "base/set_clock.h"
#include "cloud/identity/identity_tables.h"
#include "store/postgres_test_support.h"
#include "store/stores_test_support.h"

namespace sightline::identity {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::MatchesRegex;

constexpr std::string_view kAccount = "000000000000";
constexpr std::string_view kOther = "111122223333";

template <typename T>
std::optional<ErrorKind> error(const Result<T>& result) {
  return result ? std::nullopt : std::optional(result.error().kind);
}

class IdentitiesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "identity_XXXXXX").string();
    folder_ = mkdtemp(name.data());
    stores_ = store::test::stores_that_run_twice(folder_);
    identities_ = open();
  }
  void TearDown() override {
    identities_.reset();
    fs::remove_all(folder_);
  }
  std::unique_ptr<Identities> open() {
    auto opened = Identities::open(*stores_, sealed_with({"k1"}), clock_, random_);
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }
  /// The keys of these names, the first of which seals.
  static SecretKeys sealed_with(const std::vector<std::string>& names) {
    std::vector<MasterKey> keys;
    for (const std::string& name : names) {
      std::array<std::uint8_t, MasterKey::kBytes> bytes{};
      bytes.fill(static_cast<std::uint8_t>(name.back()));
      keys.emplace_back(name, bytes);
    }
    return SecretKeys::create(std::move(keys)).value();
  }
  /// What is kept of the secret of a key or session.
  std::string kept_secret(std::string_view id) {
    std::string kept;
    const auto database = stores_->open({kDatabase, {kIdentitySchema}});
    EXPECT_TRUE(database);
    for (const std::string_view secrets : {sql::kKeySecrets, sql::kSessionSecrets})
      EXPECT_TRUE((*database)->read([&](store::Transaction& transaction) {
        return transaction.query(secrets, {}, [&](const store::Row& row) {
          if (row.text(1) == id) kept = row.text(2);
        });
      }));
    return kept;
  }
  void keep_secret(std::string_view id, std::string_view kept) {
    const auto database = stores_->open({kDatabase, {kIdentitySchema}});
    ASSERT_TRUE(database);
    ASSERT_TRUE((*database)->write([&](store::Transaction& transaction) -> Result<void> {
      TRY(transaction.execute(sql::kSetKeySecret, {kept, kAccount, id}));
      return {};
    }));
  }
  bool any_file_holds(std::string_view text) const {
    for (const auto& entry : fs::directory_iterator(folder_)) {
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string content(std::istreambuf_iterator<char>(in), {});
      if (content.contains(text)) return true;
    }
    return false;
  }
  Credential make_key(std::string_view user = "") {
    auto key = identities_->create_access_key(kAccount, user);
    EXPECT_TRUE(key) << key.error().message;
    return *key;
  }
  User make_user(std::string_view name, std::string_view path = "/") {
    auto user = identities_->create_user(kAccount, name, path);
    EXPECT_TRUE(user) << user.error().message;
    return *user;
  }
  std::vector<std::string> names(const UserQuery& query = {}) {
    const auto page = identities_->list_users(kAccount, query);
    EXPECT_TRUE(page);
    std::vector<std::string> out;
    for (const User& user : page->users) out.push_back(user.name);
    return out;
  }

  SetClock clock_;
  SystemRandom random_;
  fs::path folder_;
  std::unique_ptr<store::Stores> stores_;
  std::unique_ptr<Identities> identities_;
};

TEST_F(IdentitiesTest, KeysLookLikeThoseOfAws) {
  const User user = make_user("alice", "/staff/");
  EXPECT_THAT(user.id, MatchesRegex("AIDA[A-Z2-7]{17}"));
  EXPECT_EQ(user.arn, "arn:aws:iam::000000000000:user/staff/alice");
  const Credential key = make_key("alice");
  EXPECT_THAT(key.access_key_id, MatchesRegex("AKIA[A-Z2-7]{16}"));
  EXPECT_THAT(key.secret, MatchesRegex("[A-Za-z0-9+/]{40}"));
  EXPECT_EQ(key.principal,
            (Principal{PrincipalKind::user, std::string(kAccount), user.id, "alice", user.arn}));
  EXPECT_EQ(make_key().principal, root_of(kAccount));
  EXPECT_EQ(root_of(kAccount).arn, "arn:aws:iam::000000000000:root");
}

TEST_F(IdentitiesTest, AKeyIsFoundAtOnceAndAfterARestart) {
  make_user("alice");
  const Credential made = make_key("alice");
  const Credential root = make_key();
  for (int i = 0; i < 2; ++i) {
    const auto found = identities_->find_credential(made.access_key_id);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->secret, made.secret);
    EXPECT_EQ(found->principal, made.principal);
    EXPECT_TRUE(found->active);
    EXPECT_FALSE(found->expires);
    EXPECT_EQ(identities_->find_credential(root.access_key_id)->principal, root_of(kAccount));
    identities_.reset();
    identities_ = open();
  }
  EXPECT_FALSE(identities_->find_credential("AKIAAAAAAAAAAAAAAAAA"));
}

TEST_F(IdentitiesTest, DisabledAndDeletedKeysStayKnownAsNoGood) {
  make_user("alice");
  const std::string id = make_key("alice").access_key_id;
  ASSERT_TRUE(identities_->update_access_key(kAccount, "alice", id, KeyState::inactive));
  EXPECT_FALSE(identities_->find_credential(id)->active);
  identities_ = open();
  EXPECT_FALSE(identities_->find_credential(id)->active);
  EXPECT_FALSE(identities_->list_access_keys(kAccount, "alice")->at(0).active);
  ASSERT_TRUE(identities_->update_access_key(kAccount, "alice", id, KeyState::active));
  EXPECT_TRUE(identities_->find_credential(id)->active);
  ASSERT_TRUE(identities_->delete_access_key(kAccount, "alice", id));
  for (int i = 0; i < 2; ++i) {
    const auto gone = identities_->find_credential(id);
    ASSERT_TRUE(gone);
    EXPECT_FALSE(gone->active);
    EXPECT_EQ(gone->secret, "");
    identities_ = open();
  }
  EXPECT_TRUE(identities_->list_access_keys(kAccount, "alice")->empty());
  EXPECT_EQ(error(identities_->delete_access_key(kAccount, "alice", id)), ErrorKind::not_found);
}

TEST_F(IdentitiesTest, AKeyIsChangedByItsOwnerAlone) {
  make_user("alice");
  make_user("bob");
  const std::string id = make_key("alice").access_key_id;
  EXPECT_EQ(error(identities_->delete_access_key(kAccount, "bob", id)), ErrorKind::not_found);
  EXPECT_EQ(error(identities_->delete_access_key(kAccount, "", id)), ErrorKind::not_found);
  EXPECT_EQ(error(identities_->delete_access_key(kOther, "", id)), ErrorKind::not_found);
  EXPECT_EQ(error(identities_->update_access_key(kAccount, "bob", id, KeyState::inactive)),
            ErrorKind::not_found);
  EXPECT_TRUE(identities_->find_credential(id)->active);
}

TEST_F(IdentitiesTest, TwoKeysAUserAndTwoForTheRoot) {
  make_user("alice");
  for (const std::string_view owner : {"alice", ""}) {
    make_key(owner);
    clock_.advance(1s);
    const Credential second = make_key(owner);
    EXPECT_EQ(error(identities_->create_access_key(kAccount, owner)), ErrorKind::too_large);
    EXPECT_EQ(identities_->list_access_keys(kAccount, owner)->at(1).id, second.access_key_id);
  }
  EXPECT_EQ(identities_->list_access_keys(kAccount)->size(), 4U);
  EXPECT_EQ(error(identities_->create_access_key(kAccount, "nobody")), ErrorKind::not_found);
  EXPECT_EQ(error(identities_->create_access_key("12", "")), ErrorKind::invalid_argument);
}

TEST_F(IdentitiesTest, NamesDifferInMoreThanCase) {
  make_user("Alice");
  EXPECT_EQ(error(identities_->create_user(kAccount, "aLICE")), ErrorKind::already_exists);
  EXPECT_EQ(identities_->get_user(kAccount, "ALICE")->name, "Alice");
  EXPECT_TRUE(identities_->create_user(kOther, "alice"));
  EXPECT_EQ(error(identities_->get_user(kOther, "bob")), ErrorKind::not_found);
  for (const std::string_view name : {"", "a b", "a/b", "\xC3\xA9"})
    EXPECT_EQ(error(identities_->create_user(kAccount, name)), ErrorKind::invalid_argument) << name;
  EXPECT_EQ(error(identities_->create_user(kAccount, "c", "staff/")), ErrorKind::invalid_argument);
}

TEST_F(IdentitiesTest, UsersComeInPages) {
  for (const std::string_view name : {"bob", "Anna", "carl", "dora"})
    make_user(name, name == "carl" ? "/staff/berlin/" : "/staff/");
  EXPECT_THAT(names(), ElementsAre("Anna", "bob", "carl", "dora"));
  EXPECT_THAT(names({.path_prefix = "/staff/b"}), ElementsAre("carl"));
  const auto first = identities_->list_users(kAccount, {.limit = 2});
  ASSERT_TRUE(first->next);
  EXPECT_THAT(names({.after = *first->next, .limit = 2}), ElementsAre("carl", "dora"));
  EXPECT_FALSE(identities_->list_users(kAccount, {.after = *first->next, .limit = 2})->next);
  EXPECT_TRUE(identities_->list_users(kOther)->users.empty());
}

TEST_F(IdentitiesTest, AUserGoesWithItsSessionsButNotWithItsKeys) {
  make_user("alice");
  const Credential key = make_key("alice");
  const auto session = identities_->create_session(key.principal);
  EXPECT_EQ(identities_->delete_user(kAccount, "alice").error().problem, Problem::has_keys);
  ASSERT_TRUE(identities_->delete_access_key(kAccount, "alice", key.access_key_id));
  ASSERT_TRUE(identities_->delete_user(kAccount, "Alice"));
  for (int i = 0; i < 2; ++i) {
    const auto ended = identities_->find_credential(session->access_key_id);
    ASSERT_TRUE(ended) << "whoever is unknown may be let in";
    EXPECT_FALSE(ended->active);
    identities_ = open();
  }
  EXPECT_EQ(error(identities_->get_user(kAccount, "alice")), ErrorKind::not_found);
  // A namesake is somebody else.
  make_user("alice");
  EXPECT_EQ(error(identities_->create_session(key.principal)), ErrorKind::not_found);
}

TEST_F(IdentitiesTest, ASessionSpeaksForWhoMadeIt) {
  make_user("alice");
  const Principal alice = make_key("alice").principal;
  const auto session = identities_->create_session(alice, 900s);
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_THAT(session->access_key_id, MatchesRegex("ASIA[A-Z2-7]{16}"));
  EXPECT_EQ(session->session_token->size(), std::size_t{kSessionTokenSize});
  for (int i = 0; i < 2; ++i) {
    const auto found = identities_->find_credential(session->access_key_id);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->secret, session->secret);
    EXPECT_EQ(found->session_token, session->session_token);
    EXPECT_EQ(found->expires, clock_.now() + 900s);
    EXPECT_EQ(found->principal.kind, PrincipalKind::session);
    EXPECT_EQ(found->principal.arn, alice.arn);
    EXPECT_EQ(found->principal.id, alice.id);
    identities_ = open();
  }
  EXPECT_EQ(error(identities_->create_session(session->principal)), ErrorKind::permission_denied);
  EXPECT_EQ(error(identities_->create_session(Principal{})), ErrorKind::permission_denied);
}

TEST_F(IdentitiesTest, SessionsEndWithTheKeyTheyWereMadeWith) {
  make_user("alice");
  const Credential first = make_key("alice");
  const Credential second = make_key("alice");
  const auto made_with = [&](const Credential& key) {
    return identities_->create_session(key.principal, std::nullopt, key.access_key_id)->access_key_id;
  };
  const std::string one = made_with(first);
  const std::string other = made_with(second);
  const auto is_active = [&](const std::string& id) { return identities_->find_credential(id)->active; };
  EXPECT_TRUE(is_active(one));
  ASSERT_TRUE(identities_->update_access_key(kAccount, "alice", first.access_key_id, KeyState::inactive));
  EXPECT_FALSE(is_active(one));
  EXPECT_TRUE(is_active(other));
  EXPECT_EQ(error(identities_->create_session(first.principal, std::nullopt, first.access_key_id)),
            ErrorKind::not_found);
  // For good.
  ASSERT_TRUE(identities_->update_access_key(kAccount, "alice", first.access_key_id, KeyState::active));
  EXPECT_FALSE(is_active(one));
  const std::string later = made_with(first);
  EXPECT_TRUE(is_active(later));
  ASSERT_TRUE(identities_->delete_access_key(kAccount, "alice", first.access_key_id));
  identities_ = open();
  EXPECT_FALSE(is_active(one));
  EXPECT_FALSE(is_active(later));
  EXPECT_TRUE(is_active(other));
}

TEST_F(IdentitiesTest, SessionsLastAsLongAsTheyMay) {
  make_user("alice");
  const Principal alice = make_key("alice").principal;
  const auto lasts = [&](const Principal& who, std::optional<std::chrono::seconds> length) {
    return identities_->create_session(who, length)->expires.value() - clock_.now();
  };
  EXPECT_EQ(lasts(alice, std::nullopt), 12h);
  EXPECT_EQ(lasts(alice, 129'600s), 36h);
  EXPECT_EQ(lasts(root_of(kAccount), std::nullopt), 1h);
  EXPECT_EQ(lasts(root_of(kAccount), 36h), 1h);
  EXPECT_EQ(lasts(root_of(kAccount), 900s), 15min);
  EXPECT_EQ(error(identities_->create_session(alice, 899s)), ErrorKind::invalid_argument);
  EXPECT_EQ(error(identities_->create_session(alice, 129'601s)), ErrorKind::invalid_argument);
}

TEST_F(IdentitiesTest, ExpiredSessionsAreNoGoodForeverAndTellSoForADay) {
  const auto old = identities_->create_session(root_of(kAccount), 900s);
  clock_.advance(2h);
  ASSERT_TRUE(identities_->create_session(root_of(kAccount)));
  EXPECT_TRUE(identities_->find_credential(old->access_key_id)->active);
  EXPECT_TRUE(identities_->find_credential(old->access_key_id)->expires);
  clock_.advance(24h);
  ASSERT_TRUE(identities_->create_session(root_of(kAccount)));
  for (int i = 0; i < 2; ++i) {
    const auto gone = identities_->find_credential(old->access_key_id);
    ASSERT_TRUE(gone);
    EXPECT_FALSE(gone->active);
    identities_ = open();
  }
}

TEST_F(IdentitiesTest, SessionsAreBounded) {
  const auto make = [&](const Principal& owner, std::int64_t sessions) {
    // Together they share commits.
    std::vector<std::jthread> threads;
    for (int i = 0; i < 50; ++i)
      threads.emplace_back([&] {
        for (int n = 0; n < sessions / 50; ++n) EXPECT_TRUE(identities_->create_session(owner, 900s));
      });
  };
  const auto user = [&](std::string_view name) {
    const auto made = identities_->create_user(kAccount, name);
    return user_principal(kAccount, made->id, made->path, made->name);
  };
  // Nobody takes the others' part, and all together do not take the root's.
  const Principal first = user("first");
  make(first, kMaxSessionsOfOwner);
  EXPECT_EQ(error(identities_->create_session(first)), ErrorKind::too_large);
  for (const std::string_view other : {"second", "third", "fourth"}) make(user(other), kMaxSessionsOfOwner);
  const Principal last = user("last");
  make(last, kMaxSessionsOfOwner - kSessionsForRoot);
  EXPECT_EQ(error(identities_->create_session(last)), ErrorKind::too_large);
  make(root_of(kAccount), kSessionsForRoot);
  EXPECT_EQ(error(identities_->create_session(root_of(kAccount))), ErrorKind::too_large);
  EXPECT_TRUE(identities_->create_session(root_of(kOther)));
  clock_.advance(901s);
  EXPECT_TRUE(identities_->create_session(first));
}

TEST_F(IdentitiesTest, ReloadSeesWhatAnotherProcessDid) {
  const auto other = open();
  const auto key = other->create_access_key(kAccount, "");
  EXPECT_FALSE(identities_->find_credential(key->access_key_id));
  ASSERT_TRUE(identities_->reload());
  EXPECT_EQ(identities_->find_credential(key->access_key_id)->secret, key->secret);
  ASSERT_TRUE(other->update_access_key(kAccount, "", key->access_key_id, KeyState::inactive));
  ASSERT_TRUE(identities_->reload());
  EXPECT_FALSE(identities_->find_credential(key->access_key_id)->active);
  ASSERT_TRUE(other->delete_access_key(kAccount, "", key->access_key_id));
  ASSERT_TRUE(identities_->reload());
  EXPECT_FALSE(identities_->find_credential(key->access_key_id)->active);
}

TEST_F(IdentitiesTest, TheLastKeysThatAreGoneStayKnown) {
  const std::string id = make_key().access_key_id;
  {
    const auto database = stores_->open({kDatabase, {kIdentitySchema}});
    ASSERT_TRUE(database);
    ASSERT_TRUE((*database)->write([&](store::Transaction& transaction) -> Result<void> {
      TRY(transaction.execute(sql::kInsertGone, {std::int64_t{1}, "AKIAOLDEST"}));
      TRY(transaction.execute(sql::kInsertGone, {std::int64_t{2}, "AKIASECOND"}));
      TRY(transaction.execute(sql::kInsertGone, {kMaxGoneKeys, "AKIALAST"}));
      return {};
    }));
  }
  ASSERT_TRUE(identities_->reload());
  EXPECT_TRUE(identities_->find_credential("AKIAOLDEST"));
  ASSERT_TRUE(identities_->delete_access_key(kAccount, "", id));
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(identities_->find_credential("AKIAOLDEST"));
    EXPECT_TRUE(identities_->find_credential("AKIASECOND"));
    EXPECT_TRUE(identities_->find_credential("AKIALAST"));
    EXPECT_TRUE(identities_->find_credential(id));
    identities_ = open();
  }
}

TEST_F(IdentitiesTest, AFolderOfAVersionBeforeIsTaken) {
  identities_.reset();
  fs::remove_all(folder_);
  fs::create_directory(folder_);
  {
    const store::Schema before{"identity", kIdentitySchema.migrations.first(2),
                               std::span(&sql::kInsertKey, 1)};
    const auto database = stores_->open({kDatabase, {before}});
    ASSERT_TRUE(database) << database.error().message;
    ASSERT_TRUE((*database)->write([&](store::Transaction& transaction) -> Result<void> {
      TRY(transaction.execute(sql::kInsertKey,
                              {kAccount, "AKIAOWNED", kAccount, "kept/plain", std::int64_t{1}}));
      TRY(transaction.execute(sql::kInsertKey,
                              {kAccount, "AKIAORPHAN", "AIDANOBODY", "kept/plain", std::int64_t{1}}));
      return {};
    }));
  }
  EXPECT_TRUE(any_file_holds("kept/plain"));
  identities_ = open();
  EXPECT_TRUE(identities_->find_credential("AKIAOWNED")->active);
  EXPECT_EQ(identities_->find_credential("AKIAOWNED")->secret, "kept/plain");
  EXPECT_FALSE(any_file_holds("kept/plain"));
  EXPECT_THAT(kept_secret("AKIAORPHAN"), testing::StartsWith("s1:k1:"));
  EXPECT_FALSE(identities_->find_credential("AKIAORPHAN")->active) << "of a user that is gone";
  ASSERT_TRUE(identities_->delete_access_key(kAccount, "", "AKIAOWNED"));
  EXPECT_FALSE(identities_->find_credential("AKIAOWNED")->active);
}

TEST_F(IdentitiesTest, SecretsAreKeptSealed) {
  const Credential key = make_key();
  const auto session = identities_->create_session(root_of(kAccount));
  ASSERT_TRUE(session);
  for (const Credential& made : {key, *session}) {
    EXPECT_THAT(kept_secret(made.access_key_id), testing::StartsWith("s1:k1:"));
    EXPECT_FALSE(any_file_holds(made.secret));
  }
  identities_ = open();
  for (const Credential& made : {key, *session})
    EXPECT_EQ(identities_->find_credential(made.access_key_id)->secret, made.secret);
}

TEST_F(IdentitiesTest, ASecretOfAnotherKeyIsNoticed) {
  const Credential mine = make_key();
  const Credential other = make_key();
  identities_.reset();
  keep_secret(mine.access_key_id, kept_secret(other.access_key_id));
  const auto opened = Identities::open(*stores_, sealed_with({"k1"}), clock_, random_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::corrupt);
  EXPECT_THAT(opened.error().message, testing::HasSubstr(mine.access_key_id));
}

TEST_F(IdentitiesTest, MasterKeysTakeTurns) {
  const Credential key = make_key();
  const auto session = identities_->create_session(root_of(kAccount));
  ASSERT_TRUE(session);
  identities_.reset();
  for (const auto& names : std::vector<std::vector<std::string>>{{"k2", "k1"}, {"k2"}}) {
    const auto opened = Identities::open(*stores_, sealed_with(names), clock_, random_);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ((*opened)->find_credential(key.access_key_id)->secret, key.secret);
    EXPECT_EQ((*opened)->find_credential(session->access_key_id)->secret, session->secret);
    EXPECT_THAT(kept_secret(key.access_key_id), testing::StartsWith("s1:k2:"));
  }
  const auto opened = Identities::open(*stores_, sealed_with({"k1"}), clock_, random_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(opened.error().message, testing::HasSubstr("'k2'"));
  EXPECT_THAT(kept_secret(key.access_key_id), testing::StartsWith("s1:k2:")) << "nothing is changed";
}

TEST_F(IdentitiesTest, ReloadLosesNothingThatIsMadeMeanwhile) {
  const std::jthread reloader([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) EXPECT_TRUE(identities_->reload());
  });
  for (int i = 0; i < 100; ++i) {
    const auto session = identities_->create_session(root_of(kAccount));
    ASSERT_TRUE(session);
    ASSERT_TRUE(identities_->find_credential(session->access_key_id)) << i;
  }
}

TEST_F(IdentitiesTest, TheFilesArePrivateAndForgetDeletedSecrets) {
  const Credential key = make_key();
  struct stat info{};
  ASSERT_EQ(::stat((folder_ / "identity.db").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  const std::string kept = kept_secret(key.access_key_id);
  EXPECT_TRUE(any_file_holds(kept));
  ASSERT_TRUE(identities_->delete_access_key(kAccount, "", key.access_key_id));
  EXPECT_FALSE(any_file_holds(kept));
}

TEST(IdentitySchema, PostgresTakesIt) {
  store::test::Postgres postgres;
  EXPECT_EQ(postgres.refuses(kIdentitySchema), "");
}

}  // namespace
}  // namespace sightline::identity
