#include "sight/collections/face_collections.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "sight/collections/eraser.h"
#include "sight/collections/rows.h"
#include "sight/collections/tables.h"
#include "sight/collections/tally.h"

namespace sightline::collections {
namespace {

constexpr std::string_view kUnitLength = "unit";
/// Of a squared length of 1, however it was rounded: a number that is another one changes it by more.
constexpr double kLengthError = 1e-3;

struct CollectionRow {
  std::int64_t number = 0;
  Collection collection;
};

CollectionRow collection_of(const store::Row& row) {
  return {row.integer(1),
          {std::string(row.text(0)),
           {std::string(row.text(3)), std::string(row.text(4))},
           Instant(std::chrono::milliseconds(row.integer(2)))}};
}

Result<void> set_tags(store::Transaction& transaction, const Tenant& tenant, std::int64_t number,
                      const Tags& tags) {
  for (const auto& [name, value] : tags)
    TRY(transaction.execute(sql::kTag, {tenant.account, tenant.region, number, name, value}));
  return {};
}

Result<Tags> read_tags(store::Transaction& transaction, const Tenant& tenant, std::int64_t number) {
  Tags tags;
  TRY(transaction.query(sql::kTags, {tenant.account, tenant.region, number},
                        [&](const store::Row& row) { tags.emplace(row.text(0), row.text(1)); }));
  return tags;
}

/// Tokens outlive the process: their key is made once for a file.
Result<PageTokens> read_tokens(store::Database& database, Random& random) {
  PageTokens::Key key{};
  random.fill(key);
  TRY(database.write([&](store::Transaction& transaction) -> Result<void> {
    TRY(transaction.execute(sql::kKeepSecret, {key}));
    return transaction.query(sql::kSecret, {}, [&](const store::Row& row) {
      const auto kept = row.bytes(0);
      if (kept.size() == key.size()) std::ranges::copy(kept, key.begin());
    });
  }));
  return PageTokens(key);
}

Result<Tally> tally_faces(store::Transaction& transaction) {
  Tally tally;
  TRY(transaction.query(sql::kFaceSlots, {}, [&](const store::Row& row) {
    tally.add(row.integer(0), uuid_of(row.bytes(1)), row.integer(2));
  }));
  return tally;
}

}  // namespace

FaceCollections::FaceCollections(store::Database& database, const Clock& clock, Random& random)
    : database_(database), clock_(clock), face_ids_(clock, random) {}

Result<std::unique_ptr<FaceCollections>> FaceCollections::open(store::Database& database, const Clock& clock,
                                                               Random& random) {
  std::unique_ptr<FaceCollections> opened(new FaceCollections(database, clock, random));
  opened->tokens_ = TRY(read_tokens(database, random));
  opened->loader_ = std::jthread([&self = *opened] { self.load(); });
  return opened;
}

FaceCollections::~FaceCollections() {
  if (loader_.joinable()) loader_.join();
}

void FaceCollections::load() {
  std::map<std::int64_t, std::shared_ptr<VectorIndex>> indices;
  Uuid last;
  auto read = database_.read([&](store::Transaction& transaction) -> Result<void> {
    // The faces of a deleted collection are in the table until they are erased.
    std::map<std::int64_t, bool> alive;  // whether their vectors are of length 1
    TRY(transaction.query(sql::kAllNumbers, {}, [&](const store::Row& row) {
      alive.emplace(row.integer(0), row.text(1) == kUnitLength);
    }));
    std::int64_t last_number = 0;
    VectorIndex* index = nullptr;
    bool unit = false;
    bool damaged = false;
    Tally tally;
    TRY(slots_.load(transaction, [&](const VectorSlots::Filled& filled) {
      tally.add(filled.number, filled.face, filled.slot);
      last = std::max(last, filled.face);
      if (filled.number != last_number) {
        last_number = filled.number;
        index = nullptr;
        if (const auto found = alive.find(filled.number); found != alive.end()) {
          auto& place = indices[filled.number];
          if (!place) place = std::make_shared<VectorIndex>();
          index = place.get();
          unit = found->second;
        }
      }
      if (index == nullptr) return;
      if (unit && std::abs(squared_length(filled.vector) - 1) > kLengthError) damaged = true;
      index->append(filled.face, filled.vector);
    }));
    if (damaged) return std::unexpected(damaged_vector());
    if (tally == TRY(tally_faces(transaction))) return {};
    return fail(ErrorKind::corrupt,
                "the faces of the collections and their vectors do not belong together: their database is "
                "damaged; stop the server and restore it from a backup");
  });
  for (const auto& [number, index] : indices) index->put_in_order();
  face_ids_.rise_above(last);
  std::lock_guard lock(mutex_);
  if (read) {
    indices_.swap(indices);
    eraser_ = std::make_unique<Eraser>(database_, slots_);
  }
  loaded_ = std::move(read);
  loaded_changed_.notify_all();
}

Result<void> FaceCollections::wait_until_loaded() {
  std::unique_lock lock(mutex_);
  loaded_changed_.wait(lock, [this] { return loaded_.has_value(); });
  return *loaded_;
}

void FaceCollections::wait_until_erased() {
  if (wait_until_loaded()) eraser_->wait_until_idle();
}

std::size_t FaceCollections::memory_bytes() {
  std::lock_guard lock(mutex_);
  std::size_t bytes = 0;
  for (const auto& [number, index] : indices_) bytes += index->bytes();
  return bytes;
}

std::shared_ptr<VectorIndex> FaceCollections::index(std::int64_t number) {
  std::lock_guard lock(mutex_);
  const auto found = indices_.find(number);
  return found == indices_.end() ? nullptr : found->second;
}

Result<FaceCollections::Known> FaceCollections::find(store::Transaction& transaction, const Tenant& tenant,
                                                     std::string_view id) const {
  std::optional<Known> known;
  TRY(transaction.query(sql::kFind, {tenant.account, tenant.region, id}, [&](const store::Row& row) {
    auto [number, collection] = collection_of(row);
    known = {number, std::move(collection)};
  }));
  if (!known) return fail(ErrorKind::not_found, fmt::format("there is no collection '{}'", id));
  return std::move(*known);
}

Result<FaceCollections::Known> FaceCollections::find(const Tenant& tenant, std::string_view id) {
  Known known;
  TRY(database_.read([&](store::Transaction& transaction) -> Result<void> {
    known = TRY(find(transaction, tenant, id));
    return {};
  }));
  return known;
}

Result<Collection> FaceCollections::create(const Tenant& tenant, std::string_view id,
                                           const VectorModel& model, const Tags& tags) {
  Collection collection{std::string(id), model, clock_.now()};
  TRY(database_.write([&](store::Transaction& transaction) -> Result<void> {
    std::int64_t number = 0;
    TRY(transaction.query(sql::kNextNumber, {}, [&](const store::Row& row) { number = row.integer(0); }));
    const auto made = transaction.execute(
        sql::kCreate, {tenant.account, tenant.region, id, number,
                       collection.created.time_since_epoch().count(), model.id, model.normalisation});
    if (!made && made.error().kind == ErrorKind::already_exists)
      return fail(ErrorKind::already_exists, fmt::format("there is a collection '{}' already", id));
    if (!made) return std::unexpected(made.error());
    return set_tags(transaction, tenant, number, tags);
  }));
  return collection;
}

Result<Collection> FaceCollections::describe(const Tenant& tenant, std::string_view id) {
  return TRY(find(tenant, id)).collection;
}

Result<std::size_t> FaceCollections::face_count(const Tenant& tenant, std::string_view id) {
  TRY(wait_until_loaded());
  const auto vectors = index(TRY(find(tenant, id)).number);
  return vectors ? vectors->size() : 0;
}

Result<Page<Collection>> FaceCollections::list(const Tenant& tenant, std::optional<std::string_view> token,
                                               std::size_t limit) {
  const std::string name = list_name("collections", tenant);
  std::int64_t after = 0;
  if (token) {
    const auto place = tokens_.read(name, *token);
    if (!place || place->size() != sizeof(after))
      return fail(ErrorKind::invalid_argument, "the token was not made for this list");
    std::memcpy(&after, place->data(), sizeof(after));
  }
  Page<Collection> page;
  bool more = false;
  TRY(database_.read([&](store::Transaction& transaction) {
    return transaction.query(sql::kList,
                             {tenant.account, tenant.region, after, static_cast<std::int64_t>(limit) + 1},
                             [&](const store::Row& row) {
                               more = page.items.size() == limit;
                               if (more) return;
                               auto [number, collection] = collection_of(row);
                               page.items.push_back(std::move(collection));
                               after = number;
                             });
  }));
  if (more) page.next = tokens_.make(name, {reinterpret_cast<const char*>(&after), sizeof(after)});
  return page;
}

Result<void> FaceCollections::remove(const Tenant& tenant, std::string_view id) {
  TRY(wait_until_loaded());
  return database_.write([&](store::Transaction& transaction) -> Result<void> {
    const Known known = TRY(find(transaction, tenant, id));
    TRY(transaction.execute(sql::kRemove, {tenant.account, tenant.region, id}));
    TRY(transaction.execute(sql::kRemoveTags, {tenant.account, tenant.region, known.number}));
    TRY(transaction.execute(sql::kDoom, {tenant.account, tenant.region, known.number}));
    transaction.after_commit([this, number = known.number] {
      std::shared_ptr<VectorIndex> gone;  // whose memory is given back without the lock
      {
        std::lock_guard lock(mutex_);
        const auto found = indices_.find(number);
        if (found != indices_.end()) {
          gone = std::move(found->second);
          indices_.erase(found);
        }
      }
      eraser_->wake();
    });
    return {};
  });
}

Result<Tags> FaceCollections::tags(const Tenant& tenant, std::string_view id) {
  Tags tags;
  TRY(database_.read([&](store::Transaction& transaction) -> Result<void> {
    tags = TRY(read_tags(transaction, tenant, TRY(find(transaction, tenant, id)).number));
    return {};
  }));
  return tags;
}

Result<void> FaceCollections::tag(const Tenant& tenant, std::string_view id, const Tags& tags,
                                  std::size_t max_tags) {
  return database_.write([&](store::Transaction& transaction) -> Result<void> {
    const Known known = TRY(find(transaction, tenant, id));
    TRY(set_tags(transaction, tenant, known.number, tags));
    if (TRY(read_tags(transaction, tenant, known.number)).size() > max_tags)
      return fail(ErrorKind::too_large, fmt::format("a collection has at most {} tags", max_tags));
    return {};
  });
}

Result<void> FaceCollections::untag(const Tenant& tenant, std::string_view id,
                                    std::span<const std::string> keys) {
  return database_.write([&](store::Transaction& transaction) -> Result<void> {
    const Known known = TRY(find(transaction, tenant, id));
    for (const std::string& key : keys)
      TRY(transaction.execute(sql::kUntag, {tenant.account, tenant.region, known.number, key}));
    return {};
  });
}

}  // namespace sightline::collections
