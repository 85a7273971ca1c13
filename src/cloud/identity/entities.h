#pragma once
// Users, groups and roles alike: what has a name, a path and an id, and what policies hang on.

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "cloud/identity/failure.h"
#include "cloud/identity/key_ring.h"
#include "cloud/identity/policy_book.h"
#include "store/database.h"
#include "store/transact.h"

namespace sightline::identity {

/// The case of names does not count.
struct EntityRef {
  EntityKind kind = EntityKind::user;
  std::string_view name;
};

struct Entity {
  EntityKind kind = EntityKind::user;
  std::string name;
  std::string path;  ///< begins and ends with a slash
  std::string id;    ///< AIDA..., AGPA..., AROA...
  std::string arn;
  Instant created;
};

/// A part of a list that is in the order of names in small letters.
template <typename T>
struct Page {
  std::vector<T> items;
  std::optional<std::string> next;  ///< where the next page goes on
};

/// Makes a page of rows that come in order: one row more than fits says that there is a next page.
template <typename T>
class PageFiller {
 public:
  explicit PageFiller(std::size_t limit) : limit_(limit) {}
  /// How many to ask for.
  [[nodiscard]] std::int64_t rows() const { return static_cast<std::int64_t>(limit_) + 1; }
  void add(T item, std::string position) {
    if (page_.items.size() == limit_) {
      page_.next = last_;
      return;
    }
    page_.items.push_back(std::move(item));
    last_ = std::move(position);
  }
  [[nodiscard]] Page<T> take() { return std::move(page_); }

 private:
  std::size_t limit_;
  Page<T> page_;
  std::string last_;
};

struct ListQuery {
  std::string_view path_prefix = {};
  std::string_view after = {};  ///< `next` of the page before
  std::size_t limit = 100;
};

/// What all of this module's tables are changed with. Its members outlive whoever has it.
struct Backing {
  store::Database& database;
  PolicyBook& book;
  KeyRing& ring;
  const Clock& clock;
  Random& random;
};

template <typename T, typename Work>
Answer<T> write(const Backing& backing, const Work& work) {
  return store::write_answer<T, Failure>(backing.database, work);
}
template <typename T, typename Work>
Answer<T> read(const Backing& backing, const Work& work) {
  return store::read_answer<T, Failure>(backing.database, work);
}

/// Errors: invalid (it has 12 digits).
[[nodiscard]] Answer<void> check_account(std::string_view account);

/// Errors: no_such_entity.
[[nodiscard]] Answer<Entity> find_entity(store::Transaction& transaction, std::string_view account,
                                         const EntityRef& ref);
/// By its id, of any kind. Nothing where it is no more.
[[nodiscard]] Result<std::optional<Entity>> find_entity_by_id(store::Transaction& transaction,
                                                              std::string_view account, std::string_view id);
[[nodiscard]] Result<std::int64_t> count_rows(store::Transaction& transaction, std::string_view statement,
                                              std::initializer_list<store::Value> values);
[[nodiscard]] Result<std::vector<Tag>> read_tags(store::Transaction& transaction, std::string_view account,
                                                 std::string_view id);

/// Once the transaction is committed, decisions see what it has made of the entity.
[[nodiscard]] Result<void> publish(store::Transaction& transaction, PolicyBook& book,
                                   std::string_view account, const Entity& entity);
/// Likewise, that there is none any more.
void publish_removal(store::Transaction& transaction, PolicyBook& book, std::string_view id);

/// Trust policies that name a user or role, or a session of this role, name `by` from then on: where it is
/// deleted its id, which comes back to nobody.
[[nodiscard]] Result<void> replace_in_trusts(store::Transaction& transaction, PolicyBook& book,
                                             std::string_view account, const Entity& named,
                                             std::string_view by);

/// Whether something still hangs on an entity that is to be deleted. Errors: has_inline_policies,
/// has_attachments.
[[nodiscard]] Answer<void> check_free(store::Transaction& transaction, std::string_view account,
                                      const Entity& entity);

/// Everything that decisions need, from the tables.
[[nodiscard]] Result<PolicyBook::Changes> read_book(store::Transaction& transaction);

/// `name`: of what would have too many.
[[nodiscard]] std::unexpected<Failure> over_limit(Quota quota, EntityKind kind, std::string_view name,
                                                  std::int64_t limit);

}  // namespace sightline::identity
