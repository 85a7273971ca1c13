#include "sight/collections/face_collections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "sight/collections/test_people.h"
#include "store/postgres_test_support.h"
#include "store/stores_test_support.h"

namespace sightline::collections {
namespace {

namespace fs = std::filesystem;
using test::kTenant;
using testing::ElementsAre;
using testing::IsEmpty;

const VectorModel kModel{"recogniser-1", "none"};
const Tenant kOther{"111111111111", "us-east-1"};

class FaceCollectionsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "collections_XXXXXX").string();
    folder_ = mkdtemp(name.data());
    open();
  }
  void TearDown() override {
    collections_.reset();
    database_.reset();
    fs::remove_all(folder_);
  }

  void open() {
    collections_.reset();
    database_.reset();
    auto database = open_tables(*store::test::stores_that_run_twice(folder_));
    ASSERT_TRUE(database) << database.error().message;
    database_ = std::move(*database);
    auto opened = FaceCollections::open(*database_, clock_, random_);
    ASSERT_TRUE(opened) << opened.error().message;
    collections_ = std::move(*opened);
  }

  void create(std::string_view id, const Tenant& tenant = kTenant) {
    const auto made = collections_->create(tenant, id, kModel, {});
    ASSERT_TRUE(made) << made.error().message;
  }

  NewFace new_face(std::vector<float> vector) {
    NewFace face;
    random_.fill(face.image.bytes);
    face.external_image_id = "somebody";
    face.box = {0.1, 0.2, 0.3, 0.4};
    face.confidence = 99.5;
    face.vector = std::move(vector);
    return face;
  }

  Face add(std::string_view id, const std::vector<float>& vector, const Tenant& tenant = kTenant) {
    const NewFace face = new_face(vector);
    auto added = collections_->add(tenant, id, kModel, std::span(&face, 1));
    EXPECT_TRUE(added) << added.error().message;
    return added ? added->at(0) : Face{};
  }

  std::vector<Uuid> found(std::string_view id, const std::vector<float>& vector, float distance = 0.01F,
                          const Tenant& tenant = kTenant) {
    const auto matches = collections_->search(tenant, id, kModel, vector, {100, distance});
    EXPECT_TRUE(matches) << matches.error().message;
    std::vector<Uuid> ids;
    if (matches)
      for (const Match& match : *matches) ids.push_back(match.face.id);
    return ids;
  }

  fs::path folder_;
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<FaceCollections> collections_;
  test::People people_{11};
};

TEST_F(FaceCollectionsTest, ACollectionIsItsTenantsAlone) {
  create("friends");
  create("friends", kOther);
  EXPECT_EQ(collections_->create(kTenant, "friends", kModel, {}).error().kind, ErrorKind::already_exists);
  const auto face = people_.face();
  const Face mine = add("friends", face);
  EXPECT_THAT(found("friends", face), ElementsAre(mine.id));
  EXPECT_THAT(found("friends", face, 0.01F, kOther), IsEmpty());
  EXPECT_THAT(*collections_->remove_faces(kOther, "friends", std::vector{mine.id}), IsEmpty());
  EXPECT_THAT(collections_->faces(kOther, "friends", std::vector{mine.id}, {}, 10)->items, IsEmpty());
  ASSERT_TRUE(collections_->remove(kOther, "friends"));
  EXPECT_EQ(collections_->describe(kOther, "friends").error().kind, ErrorKind::not_found);
  EXPECT_EQ(*collections_->face_count(kTenant, "friends"), 1U);
  EXPECT_EQ(collections_->describe({"000000000000", "eu-west-1"}, "friends").error().kind,
            ErrorKind::not_found);
}

TEST_F(FaceCollectionsTest, FacesComeBackAsTheyWereAddedAlsoAfterAStart) {
  create("friends");
  const auto vector = people_.face();
  const Face face = add("friends", vector);
  NewFace nameless = new_face(people_.face());
  nameless.external_image_id.reset();
  ASSERT_TRUE(collections_->add(kTenant, "friends", kModel, std::span(&nameless, 1)));
  for (int i = 0; i < 2; ++i) {
    const auto page = collections_->faces(kTenant, "friends", std::nullopt, 10);
    ASSERT_TRUE(page);
    ASSERT_EQ(page->items.size(), 2U);
    const Face& kept = page->items[0];
    EXPECT_EQ(kept.id, face.id);
    EXPECT_EQ(kept.image, face.image);
    EXPECT_EQ(kept.external_image_id, "somebody");
    EXPECT_EQ(kept.box.height, 0.4);
    EXPECT_EQ(kept.confidence, 99.5);
    EXPECT_EQ(kept.model, kModel);
    EXPECT_EQ(page->items[1].external_image_id, std::nullopt);
    EXPECT_FALSE(page->next);
    EXPECT_THAT(found("friends", vector), ElementsAre(face.id));
    EXPECT_EQ(*collections_->face_count(kTenant, "friends"), 2U);
    open();
  }
}

TEST_F(FaceCollectionsTest, SearchesByVectorAndByFace) {
  create("friends");
  const auto me = people_.face();
  const Face first = add("friends", me);
  const Face second = add("friends", people_.face());
  const Face third = add("friends", people_.face());
  const Face stranger = add("friends", people_.face());
  auto by_face = collections_->search_face(kTenant, "friends", first.id, {10, 0.75F});
  ASSERT_TRUE(by_face && *by_face);
  ASSERT_EQ((*by_face)->size(), 2U) << "not itself, not the stranger";
  EXPECT_LE((**by_face)[0].distance, (**by_face)[1].distance);
  EXPECT_GT((**by_face)[0].distance, 0.1F);
  EXPECT_EQ(found("friends", me, 100).size(), 4U);
  EXPECT_EQ(collections_->search(kTenant, "friends", kModel, me, {2, 100})->size(), 2U);
  EXPECT_EQ(collections_->search(kTenant, "friends", {"recogniser-2", "none"}, me, {2, 100}).error().kind,
            ErrorKind::unsupported);
  EXPECT_EQ(collections_->search(kTenant, "nobody", kModel, me, {2, 100}).error().kind, ErrorKind::not_found);
  EXPECT_FALSE(*collections_->search_face(kTenant, "friends", Uuid{}, {10, 1}));
  ASSERT_TRUE(collections_->remove_faces(kTenant, "friends", std::vector{first.id}));
  EXPECT_FALSE(*collections_->search_face(kTenant, "friends", first.id, {10, 1}));
}

TEST_F(FaceCollectionsTest, ARemovedFaceIsToldOfOnceAndItsPlaceTakenOnce) {
  create("friends");
  const Face gone = add("friends", people_.face());
  EXPECT_THAT(*collections_->remove_faces(kTenant, "friends", std::vector{gone.id}), ElementsAre(gone.id));
  const auto one = people_.face();
  const auto other = people_.face();
  const Face first = add("friends", one);
  const Face second = add("friends", other);
  open();  // what the tables say
  EXPECT_THAT(found("friends", one), ElementsAre(first.id));
  EXPECT_THAT(found("friends", other), ElementsAre(second.id));
}

TEST_F(FaceCollectionsTest, FacesAreAddedAllOrNone) {
  create("friends");
  const NewFace faces[] = {new_face(people_.face()), new_face(std::vector<float>(3))};
  EXPECT_EQ(collections_->add(kTenant, "friends", kModel, faces).error().kind, ErrorKind::invalid_argument);
  const NewFace good = new_face(people_.face());
  EXPECT_EQ(collections_->add(kTenant, "friends", {"other", "none"}, std::span(&good, 1)).error().kind,
            ErrorKind::unsupported);
  EXPECT_EQ(collections_->add(kTenant, "nobody", kModel, std::span(&good, 1)).error().kind,
            ErrorKind::not_found);
  EXPECT_EQ(*collections_->face_count(kTenant, "friends"), 0U);
  EXPECT_THAT(found("friends", faces[0].vector), IsEmpty());
}

TEST_F(FaceCollectionsTest, ListsInPages) {
  for (const std::string_view id : {"b", "a", "C", "a.b", "a-"}) create(id);
  create("theirs", kOther);
  std::vector<std::string> ids;
  std::optional<std::string> token;
  do {
    const auto page = collections_->list(kTenant, token, 2);
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_LE(page->items.size(), 2U);
    for (const Collection& one : page->items) ids.push_back(one.id);
    token = page->next;
    if (ids.size() == 2) open();  // a token outlives the process
  } while (token);
  EXPECT_THAT(ids, ElementsAre("b", "a", "C", "a.b", "a-"));

  std::vector<Uuid> added;
  for (int i = 0; i < 5; ++i) added.push_back(add("a", people_.face()).id);
  std::vector<Uuid> listed;
  token.reset();
  do {
    const auto page = collections_->faces(kTenant, "a", token, 2);
    ASSERT_TRUE(page) << page.error().message;
    for (const Face& one : page->items) listed.push_back(one.id);
    token = page->next;
  } while (token);
  EXPECT_EQ(listed, added);

  const std::vector<Uuid> wanted = {added[4], Uuid{}, added[0], added[2], added[0]};
  const auto first = collections_->faces(kTenant, "a", wanted, {}, 2);
  ASSERT_TRUE(first && first->next);
  const auto second = collections_->faces(kTenant, "a", wanted, first->next, 2);
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->next);
  EXPECT_EQ(first->items.at(1).id, added[2]);
  EXPECT_EQ(second->items.at(0).id, added[4]);
}

TEST_F(FaceCollectionsTest, TokensAreGoodForTheirOwnListAlone) {
  create("a");
  create("b");
  for (int i = 0; i < 3; ++i) {
    add("a", people_.face());
    add("b", people_.face());
  }
  const auto collections_token = collections_->list(kTenant, std::nullopt, 1)->next.value();
  const auto faces_token = collections_->faces(kTenant, "a", std::nullopt, 1)->next.value();
  EXPECT_TRUE(collections_->faces(kTenant, "a", faces_token, 1));
  const auto refused = [&](const auto& result) {
    return !result && result.error().kind == ErrorKind::invalid_argument;
  };
  EXPECT_TRUE(refused(collections_->faces(kTenant, "b", faces_token, 1)));
  EXPECT_TRUE(refused(collections_->faces(kTenant, "a", collections_token, 1)));
  EXPECT_TRUE(refused(collections_->list(kOther, collections_token, 1)));
  EXPECT_TRUE(refused(collections_->list(kTenant, "", 1)));
  EXPECT_TRUE(refused(collections_->list(kTenant, "not a token", 1)));
  for (std::size_t i = 0; i < faces_token.size(); ++i) {
    std::string forged = faces_token;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    EXPECT_TRUE(refused(collections_->faces(kTenant, "a", forged, 1))) << i;
  }
  // The same name, another collection.
  ASSERT_TRUE(collections_->remove(kTenant, "a"));
  create("a");
  EXPECT_TRUE(refused(collections_->faces(kTenant, "a", faces_token, 1)));
}

TEST_F(FaceCollectionsTest, Tags) {
  ASSERT_TRUE(collections_->create(kTenant, "friends", kModel, {{"a", "1"}, {"b", "2"}}));
  ASSERT_TRUE(collections_->tag(kTenant, "friends", {{"b", "3"}, {"c", ""}}, 3));
  EXPECT_EQ(*collections_->tags(kTenant, "friends"), (Tags{{"a", "1"}, {"b", "3"}, {"c", ""}}));
  EXPECT_EQ(collections_->tag(kTenant, "friends", {{"a", "9"}, {"d", "4"}}, 3).error().kind,
            ErrorKind::too_large);
  ASSERT_TRUE(collections_->untag(kTenant, "friends", std::vector<std::string>{"a", "none"}));
  EXPECT_EQ(*collections_->tags(kTenant, "friends"), (Tags{{"b", "3"}, {"c", ""}}));
  ASSERT_TRUE(collections_->remove(kTenant, "friends"));
  create("friends");
  EXPECT_THAT(*collections_->tags(kTenant, "friends"), IsEmpty());
  EXPECT_EQ(collections_->untag(kTenant, "none", {}).error().kind, ErrorKind::not_found);
}

TEST_F(FaceCollectionsTest, ADeletedCollectionIsGoneAtOnceAndItsNameIsFree) {
  create("friends");
  const auto vector = people_.face();
  const Face face = add("friends", vector);
  ASSERT_TRUE(collections_->remove(kTenant, "friends"));
  EXPECT_EQ(collections_->search(kTenant, "friends", kModel, vector, {1, 1}).error().kind,
            ErrorKind::not_found);
  EXPECT_EQ(collections_->remove(kTenant, "friends").error().kind, ErrorKind::not_found);
  create("friends");
  EXPECT_THAT(found("friends", vector), IsEmpty());
  EXPECT_THAT(collections_->faces(kTenant, "friends", std::vector{face.id}, {}, 10)->items, IsEmpty());
  collections_->wait_until_erased();
  open();
  EXPECT_EQ(*collections_->face_count(kTenant, "friends"), 0U);
}

TEST(RisingIdsTest, RiseWhateverTheClockSays) {
  struct SetClock final : Clock {
    Instant now() const override { return time; }
    Instant time{std::chrono::milliseconds(1'700'000'000'000)};
  } clock;
  SystemRandom random;
  RisingIds ids(clock, random);
  Uuid last;
  for (int i = 0; i < 10'000; ++i) {
    if (i == 5'000) clock.time -= std::chrono::hours(1);
    const Uuid id = ids.make();
    EXPECT_LT(last, id);
    EXPECT_EQ(Uuid::parse(id.text()), id);
    EXPECT_EQ(id.text()[14], '7');
    last = id;
  }
  RisingIds later(clock, random);
  later.rise_above(last);
  EXPECT_LT(last, later.make());
  EXPECT_FALSE(Uuid::parse("00000000-0000-0000-0000-00000000000"));
  EXPECT_FALSE(Uuid::parse("00000000-0000-0000-0000-00000000000g"));
  EXPECT_FALSE(Uuid::parse("000000000-000-0000-0000-000000000000"));
}

TEST(CollectionsOnPostgres, TakesTheSameMigrationsAndStatements) {
  store::test::Postgres postgres;
  EXPECT_EQ(postgres.refuses(kCollectionsSchema), "");
}

}  // namespace
}  // namespace sightline::collections
