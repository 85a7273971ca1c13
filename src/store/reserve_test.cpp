#include "store/reserve.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/random.h"
#include "store/blobs.h"
#include "store/connected_database.h"
#include "store/stores.h"

namespace sightline::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kThingMigrations[] = {"CREATE TABLE things (n BIGINT)"};
constexpr std::string_view kAddThing = "INSERT INTO things (n) VALUES ($1)";
constexpr std::string_view kTakeThing = "DELETE FROM things WHERE n = $1";
constexpr std::string_view kChangeThing = "UPDATE things SET n = $1";
constexpr std::string_view kThingStatements[] = {kAddThing, kTakeThing, kChangeThing};
const Schema kThings{"things", kThingMigrations, kThingStatements};

/// A disk that is full while it is said to be and the reserve is held.
struct FullDisk {
  bool full = false;
  std::shared_ptr<Reserve> reserve;
  [[nodiscard]] bool has_room() const { return !full || reserve->held() == 0; }
};

class OnFullDisk final : public Connection {
 public:
  explicit OnFullDisk(const FullDisk& disk) : disk_(disk) {}
  Result<void> run(const std::string& sql) override {
    if (sql == "COMMIT" && !disk_.has_room()) return fail(ErrorKind::no_space, "full");
    return {};
  }
  Result<void> prepare(std::string_view) override { return {}; }
  Result<std::int64_t> query(std::string_view, std::span<const Value>,
                             const std::function<void(const Row&)>&) override {
    return 1;
  }
  [[nodiscard]] bool in_transaction() const override { return true; }

 private:
  const FullDisk& disk_;
};

class FullEngine final : public Engine {
 public:
  explicit FullEngine(const FullDisk& disk) : disk_(disk) {}
  Result<std::unique_ptr<Connection>> connect(Use) override { return std::make_unique<OnFullDisk>(disk_); }
  [[nodiscard]] std::string begin_migration() const override { return "BEGIN"; }
  [[nodiscard]] std::string begin_write() const override { return "BEGIN"; }
  [[nodiscard]] std::string begin_read() const override { return "BEGIN"; }

 private:
  const FullDisk& disk_;
};

class ReserveTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "sightline-reserve-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    auto opened = Reserve::open(folder_, 1 << 20);
    ASSERT_TRUE(opened) << opened.error().message;
    reserve_ = *opened;
    if (reserve_->held() == 0) GTEST_SKIP() << "this file system reserves no room";
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path folder_;
  std::shared_ptr<Reserve> reserve_;
};

TEST_F(ReserveTest, IsHeldLetGoAndTakenBack) {
  EXPECT_EQ(reserve_->held(), 1U << 20);
  EXPECT_EQ(fs::file_size(folder_ / "reserve"), 1U << 20);
  EXPECT_TRUE(reserve_->may_grow());
  EXPECT_TRUE(reserve_->release());
  EXPECT_EQ(fs::file_size(folder_ / "reserve"), 0U);
  EXPECT_TRUE(reserve_->release()) << "another write uses it too";
  EXPECT_FALSE(reserve_->may_grow()) << "what was let go is not for who asks";
  reserve_->refill();
  EXPECT_EQ(fs::file_size(folder_ / "reserve"), 0U) << "the other one is not done";
  reserve_->refill();
  EXPECT_TRUE(reserve_->may_grow());
  EXPECT_EQ(reserve_->held(), 1U << 20);
}

TEST_F(ReserveTest, TheNextOneTakesOverTheFile) {
  reserve_.reset();
  auto next = Reserve::open(folder_, 1 << 20);
  ASSERT_TRUE(next);
  EXPECT_EQ((*next)->held(), 1U << 20);
}

TEST_F(ReserveTest, IsForTransactionsThatDelete) {
  FullDisk disk{false, reserve_};
  auto opened = open_database(std::make_unique<FullEngine>(disk), {kThings}, {},
                              std::make_shared<StoreTally>(), reserve_);
  ASSERT_TRUE(opened) << opened.error().message;
  const auto run = [&](std::initializer_list<std::string_view> statements) {
    return (*opened)->write([&](Transaction& transaction) -> Result<void> {
      for (const std::string_view sql : statements) TRY(transaction.execute(sql, {std::int64_t{1}}));
      return {};
    });
  };
  EXPECT_TRUE(run({kAddThing}));
  disk.full = true;
  const auto refused = run({kAddThing});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::no_space);
  EXPECT_TRUE(run({kTakeThing}));
  EXPECT_TRUE(run({kChangeThing}));
  EXPECT_TRUE(run({kTakeThing, kAddThing})) << "an event of the deletion, say";
  EXPECT_FALSE(run({kChangeThing, kAddThing}));
  const auto spared = (*opened)->write([&](Transaction& transaction) -> Result<void> {
    transaction.spare_reserve();
    TRY(transaction.execute(kTakeThing, {std::int64_t{1}}));
    TRY(transaction.execute(kAddThing, {std::int64_t{1}}));
    return {};
  });
  ASSERT_FALSE(spared) << "a delivery that forgets earlier ones, say";
  EXPECT_EQ(spared.error().kind, ErrorKind::no_space);
  EXPECT_EQ(reserve_->held(), 1U << 20) << "taken back each time";
  disk.full = false;
  EXPECT_TRUE(run({kAddThing}));
}

TEST_F(ReserveTest, IsNotForContents) {
  SystemRandom random;
  const auto blobs = open_blob_folder(folder_ / "blobs", random, reserve_);
  ASSERT_TRUE(blobs);
  auto writer = (*blobs)->create();
  ASSERT_TRUE(writer);
  EXPECT_TRUE((*writer)->write(std::string_view("some")));
  ASSERT_TRUE(reserve_->release());
  const auto refused = (*writer)->write(std::string_view("more"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::no_space);
  reserve_->refill();
  EXPECT_TRUE((*writer)->write(std::string_view("more")));
}

}  // namespace
}  // namespace sightline::store
