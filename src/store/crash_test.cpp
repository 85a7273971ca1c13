// A process that is killed between every two steps of write and delivery: what it acknowledged is there,
// nothing is there by half, and every event is delivered.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <set>

#include "store/events.h"
#include "store/stores.h"

namespace sightline::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOrderMigrations[] = {"CREATE TABLE orders (n BIGINT NOT NULL PRIMARY KEY)"};
constexpr std::string_view kInsertOrder = "INSERT INTO orders (n) VALUES ($1)";
constexpr std::string_view kListOrders = "SELECT n FROM orders ORDER BY n";
constexpr std::string_view kWaiting = "SELECT COUNT(*) FROM events";
constexpr std::string_view kOrderStatements[] = {kInsertOrder, kListOrders, kWaiting};
const Schema kOrders{"orders", kOrderMigrations, kOrderStatements};
constexpr std::int64_t kOrderCount = 4;

/// What a child leaves in its folder for the test to read.
void append_line(const fs::path& file, std::int64_t n) {
  std::ofstream(file, std::ios::app) << n << std::endl;
}

std::vector<std::int64_t> lines(const fs::path& file) {
  std::ifstream in(file);
  std::vector<std::int64_t> out;
  for (std::int64_t n = 0; in >> n;) out.push_back(n);
  return out;
}

/// The work of one process, which dies at its step number `kill_at`.
class Child {
 public:
  Child(fs::path folder, int kill_at) : folder_(std::move(folder)), kill_at_(kill_at) {}

  Result<void> run(bool orders) {
    StoreOptions options;
    options.at_step = [this](WriteStep) { step(); };
    const auto database = TRY(stores_in_folder(folder_, options)->open({"orders", {kEventsSchema, kOrders}}));
    Outbox outbox(*database, clock_, random_);
    TRY(outbox.release_leases());
    for (std::int64_t n = 1; orders && n <= kOrderCount; ++n) TRY(order(*database, outbox, n));
    while (true) {
      const auto events = TRY(outbox.claim({"ordered"}, 2));
      if (events.empty()) return {};
      for (const Event& event : events) TRY(deliver(outbox, event));
    }
  }

 private:
  void step() {
    if (++steps_ == kill_at_) ::kill(::getpid(), SIGKILL);
  }

  Result<void> order(Database& database, Outbox& outbox, std::int64_t n) {
    TRY(database.write([&](Transaction& transaction) -> Result<void> {
      TRY(transaction.execute(kInsertOrder, {n}));
      step();
      const auto number = static_cast<std::uint8_t>(n);
      static constexpr std::uint8_t kKey[] = {1};
      // Every other one in order.
      const BytesView key = n % 2 == 0 ? BytesView(kKey) : BytesView();
      TRY(outbox.append(transaction, {"account", "region", "ordered", {&number, 1}, key, {}}));
      return {};
    }));
    append_line(folder_ / "acknowledged", n);
    step();
    return {};
  }

  Result<void> deliver(Outbox& outbox, const Event& event) {
    step();
    append_line(folder_ / "delivered", event.payload.at(0));
    step();
    TRY(outbox.confirm(event));
    step();
    return {};
  }

  const fs::path folder_;
  const int kill_at_;
  int steps_ = 0;
  SystemClock clock_;
  SystemRandom random_;
};

/// True when the child lived to its end.
bool run_child(const fs::path& folder, int kill_at, bool orders) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(Child(folder, kill_at).run(orders) ? 0 : 1);
  int status = 0;
  ::waitpid(pid, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0)
      << "step " << kill_at;
  return WIFEXITED(status);
}

void check(const fs::path& folder, int kill_at) {
  const auto database = stores_in_folder(folder)->open({"orders", {kEventsSchema, kOrders}});
  ASSERT_TRUE(database) << database.error().message;
  std::set<std::int64_t> orders;
  std::int64_t waiting = -1;
  ASSERT_TRUE((*database)->read([&](Transaction& transaction) -> Result<void> {
    TRY(transaction.query(kListOrders, {}, [&](const Row& row) { orders.insert(row.integer(0)); }));
    return transaction.query(kWaiting, {}, [&](const Row& row) { waiting = row.integer(0); });
  }));
  EXPECT_EQ(waiting, 0) << "step " << kill_at;
  for (const std::int64_t n : lines(folder / "acknowledged"))
    EXPECT_TRUE(orders.contains(n)) << n << " was acknowledged and is lost at step " << kill_at;
  const auto delivered = lines(folder / "delivered");
  EXPECT_EQ(std::set(delivered.begin(), delivered.end()), orders)
      << "an order and its event come together, at step " << kill_at;
  const auto second = std::ranges::find(delivered, 2);
  const auto fourth = std::ranges::find(delivered, 4);
  EXPECT_TRUE(fourth == delivered.end() || second < fourth) << "out of order at step " << kill_at;
}

TEST(StoreCrash, NothingAcknowledgedIsLostAndNothingIsHalfDone) {
  int kills = 0;
  for (int kill_at = 1;; ++kill_at) {
    std::string name = (fs::temp_directory_path() / "crash_XXXXXX").string();
    const fs::path folder = ::mkdtemp(name.data());
    const bool lived = run_child(folder, kill_at, true);
    if (!lived) {
      ++kills;
      // The next process finds what the killed one left, and delivers the rest; it may be killed as well.
      run_child(folder, kill_at % 7 + 1, false);
      EXPECT_TRUE(run_child(folder, 0, false));
    }
    check(folder, kill_at);
    fs::remove_all(folder);
    if (lived || testing::Test::HasFailure()) break;
  }
  EXPECT_GT(kills, 40);
}

/// Writes that nobody waits for and that share commits: none that was told of is lost.
TEST(StoreCrash, WhatWasToldOfIsThere) {
  constexpr std::int64_t kMany = 12;
  int kills = 0;
  for (int kill_at = 1; kill_at <= 40; ++kill_at) {
    std::string name = (fs::temp_directory_path() / "told_XXXXXX").string();
    const fs::path folder = ::mkdtemp(name.data());
    const pid_t pid = ::fork();
    if (pid == 0) {
      int steps = 0;  // of the writer thread
      const auto step = [&] {
        if (++steps == kill_at) ::kill(::getpid(), SIGKILL);
      };
      {
        const auto database = stores_in_folder(folder, {.at_step = [&](WriteStep) { step(); }})
                                  ->open({"orders", {kEventsSchema, kOrders}})
                                  .value();
        for (std::int64_t n = 1; n <= kMany; ++n) {
          database->write(
              [&, n](Transaction& transaction) -> Result<void> {
                TRY(transaction.execute(kInsertOrder, {n}));
                step();
                return {};
              },
              [&, n](const Result<void>& done) {
                if (done) append_line(folder / "acknowledged", n);
                step();
              });
        }
      }
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (WIFSIGNALED(status)) ++kills;
    const auto database = stores_in_folder(folder)->open({"orders", {kEventsSchema, kOrders}}).value();
    std::set<std::int64_t> orders;
    ASSERT_TRUE(database->read([&](Transaction& transaction) {
      return transaction.query(kListOrders, {}, [&](const Row& row) { orders.insert(row.integer(0)); });
    }));
    const auto acknowledged = lines(folder / "acknowledged");
    for (const std::int64_t n : acknowledged) EXPECT_TRUE(orders.contains(n)) << n << " at step " << kill_at;
    EXPECT_TRUE(WIFSIGNALED(status) || acknowledged.size() == kMany);
    fs::remove_all(folder);
  }
  EXPECT_GT(kills, 20);
}

}  // namespace
}  // namespace sightline::store
