#include "sight/collections/eraser.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

#include "sight/collections/face_collections.h"
#include "sight/collections/tables.h"

namespace sightline::collections {
namespace {

using std::chrono::milliseconds;

/// Rows whose deletion takes some hundredths of a second: as long as others wait for it.
constexpr std::int64_t kBatch = 2'000;
/// Batches between two truncations of the journal.
constexpr int kBatchesEach = 10;
/// Deletions that come close together share a truncation.
constexpr milliseconds kGather{100};
/// After an error of the database, or a reader that held the journal.
constexpr milliseconds kRetry{200};

}  // namespace

Eraser::Eraser(store::Database& database, VectorSlots& slots)
    : database_(database), slots_(slots), thread_([this] { work(); }) {}

Eraser::~Eraser() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void Eraser::wake() {
  std::lock_guard lock(mutex_);
  awake_ = true;
  idle_ = false;
  changed_.notify_all();
}

void Eraser::wait_until_idle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return idle_ || stopping_; });
}

void Eraser::pause(std::unique_lock<std::mutex>& lock, milliseconds time) {
  changed_.wait_for(lock, time, [this] { return stopping_; });
}

void Eraser::work() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (!awake_) {
      idle_ = true;
      changed_.notify_all();
      changed_.wait(lock, [this] { return awake_ || stopping_; });
      pause(lock, kGather);
      continue;
    }
    awake_ = false;
    bool more = true;
    bool failed = false;
    for (int i = 0; i < kBatchesEach && more && !failed && !stopping_; ++i) {
      lock.unlock();
      const auto erased = erase_batch();
      lock.lock();
      failed = !erased;
      more = erased && *erased;
    }
    lock.unlock();
    failed = !database_.checkpoint() || failed;
    lock.lock();
    if (more || failed) awake_ = true;
    if (failed) pause(lock, kRetry);
  }
}

Result<bool> Eraser::erase_batch() {
  struct Doomed {
    Tenant tenant;
    std::int64_t number = 0;
  };
  std::optional<Doomed> doomed;
  Uuid last;
  last.bytes.fill(0xFF);
  bool whole = true;
  TRY(database_.read([&](store::Transaction& transaction) -> Result<void> {
    TRY(transaction.query(sql::kDoomed, {}, [&](const store::Row& row) {
      doomed = {{std::string(row.text(0)), std::string(row.text(1))}, row.integer(2)};
    }));
    if (!doomed) return {};
    return transaction.query(sql::kBatchEnd,
                             {doomed->tenant.account, doomed->tenant.region, doomed->number, kBatch - 1},
                             [&](const store::Row& row) {
                               std::ranges::copy(row.bytes(0), last.bytes.begin());
                               whole = false;
                             });
  }));
  if (!doomed) return false;
  std::vector<std::int64_t> freed;
  TRY(database_.write([&](store::Transaction& transaction) -> Result<void> {
    const Tenant& tenant = doomed->tenant;
    freed.clear();
    TRY(transaction.query(sql::kErase, {tenant.account, tenant.region, doomed->number, last.bytes},
                          [&](const store::Row& row) { freed.push_back(row.integer(0)); }));
    TRY(slots_.clear(transaction, tenant, freed));
    if (!whole) return {};
    TRY(transaction.execute(sql::kErased, {tenant.account, tenant.region, doomed->number}));
    return {};
  }));
  slots_.release(doomed->tenant, freed);
  return true;
}

}  // namespace sightline::collections
