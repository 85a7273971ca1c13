#pragma once
// Collections of faces, kept and searched.
//
// What is acknowledged is in the database, a face's particulars and its vector by one transaction. The
// vectors are in memory besides (VectorIndex), read from the database when it is opened and changed by what
// is committed: a face is found by the first search after it was added, and by none after it was deleted.
// Deleted vectors are overwritten in the file by the commit that deletes them and leave its journal within a
// second; those of a deleted collection go little by little, in the background (Eraser).

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "sight/collections/collection.h"
#include "sight/collections/page_tokens.h"
#include "sight/collections/uuid.h"
#include "sight/collections/vector_index.h"
#include "sight/collections/vector_slots.h"
#include "store/database.h"
#include "store/stores.h"

namespace sightline::collections {

extern const store::Schema kCollectionsSchema;

/// All of the module's tables.
[[nodiscard]] Result<std::unique_ptr<store::Database>> open_tables(store::Stores& stores);

class Eraser;

/// Thread-safe. Errors: not_found (the collection), invalid_argument, and those of store::Database.
class FaceCollections {
 public:
  /// Reads the vectors on a thread of its own: what needs them waits for it. The others outlive it.
  static Result<std::unique_ptr<FaceCollections>> open(store::Database& database, const Clock& clock,
                                                       Random& random);
  FaceCollections(const FaceCollections&) = delete;
  FaceCollections& operator=(const FaceCollections&) = delete;
  /// Leaves what is not erased yet to the next opening.
  ~FaceCollections();

  // --- collections: face_collections.cpp
  /// Errors: already_exists.
  [[nodiscard]] Result<Collection> create(const Tenant& tenant, std::string_view id, const VectorModel& model,
                                          const Tags& tags);
  [[nodiscard]] Result<Collection> describe(const Tenant& tenant, std::string_view id);
  [[nodiscard]] Result<std::size_t> face_count(const Tenant& tenant, std::string_view id);
  /// In the order in which they were created. `limit`: at least 1. Errors: invalid_argument (the token).
  [[nodiscard]] Result<Page<Collection>> list(const Tenant& tenant, std::optional<std::string_view> token,
                                              std::size_t limit);
  [[nodiscard]] Result<void> remove(const Tenant& tenant, std::string_view id);
  [[nodiscard]] Result<Tags> tags(const Tenant& tenant, std::string_view id);
  /// Adds, and replaces values. Errors: too_large (more than `max_tags` in all; nothing is changed).
  [[nodiscard]] Result<void> tag(const Tenant& tenant, std::string_view id, const Tags& tags,
                                 std::size_t max_tags);
  [[nodiscard]] Result<void> untag(const Tenant& tenant, std::string_view id,
                                   std::span<const std::string> keys);

  // --- faces: faces.cpp
  /// All or none. Errors: unsupported (the collection holds vectors of another model), invalid_argument (a
  /// vector that is none).
  [[nodiscard]] Result<std::vector<Face>> add(const Tenant& tenant, std::string_view id,
                                              const VectorModel& model, std::span<const NewFace> faces);
  /// In the order in which they were added. `limit`: at least 1. Errors: invalid_argument (the token).
  [[nodiscard]] Result<Page<Face>> faces(const Tenant& tenant, std::string_view id,
                                         std::optional<std::string_view> token, std::size_t limit);
  /// The same of only those among `faces`.
  [[nodiscard]] Result<Page<Face>> faces(const Tenant& tenant, std::string_view id, std::vector<Uuid> faces,
                                         std::optional<std::string_view> token, std::size_t limit);
  /// Returns those that were there, by rising ids. Long lists take several transactions: after an error some
  /// may be gone.
  [[nodiscard]] Result<std::vector<Uuid>> remove_faces(const Tenant& tenant, std::string_view id,
                                                       std::vector<Uuid> faces);

  // --- searches: faces.cpp
  /// Nearest first. Errors: unsupported (another model).
  [[nodiscard]] Result<std::vector<Match>> search(const Tenant& tenant, std::string_view id,
                                                  const VectorModel& model, std::span<const float> vector,
                                                  const SearchOptions& options);
  /// The others of its collection that are like this face; nullopt when it is not there.
  [[nodiscard]] Result<std::optional<std::vector<Match>>> search_face(const Tenant& tenant,
                                                                      std::string_view id, const Uuid& face,
                                                                      const SearchOptions& options);

  /// Waits for the vectors. Errors: what kept them from being read.
  [[nodiscard]] Result<void> wait_until_loaded();
  /// Waits until nothing deleted is left in the file or its journal.
  void wait_until_erased();
  /// Of the vectors in memory.
  [[nodiscard]] std::size_t memory_bytes();

 private:
  /// A collection's row. `number` distinguishes collections that had one id one after the other.
  struct Known {
    std::int64_t number = 0;
    Collection collection;
  };

  FaceCollections(store::Database& database, const Clock& clock, Random& random);
  void load();
  [[nodiscard]] Result<Known> find(store::Transaction& transaction, const Tenant& tenant,
                                   std::string_view id) const;
  [[nodiscard]] Result<Known> find(const Tenant& tenant, std::string_view id);
  [[nodiscard]] std::shared_ptr<VectorIndex> index(std::int64_t number);
  [[nodiscard]] Result<Uuid> place_of(const std::string& list, std::optional<std::string_view> token) const;
  [[nodiscard]] Result<void> remove_some(const Tenant& tenant, std::string_view id,
                                         std::span<const Uuid> faces, std::vector<Uuid>& removed);
  [[nodiscard]] Result<std::vector<Match>> search_index(const Tenant& tenant, std::int64_t number,
                                                        const VectorIndex& index,
                                                        const NeighbourQuery& query);

  store::Database& database_;
  const Clock& clock_;
  RisingIds face_ids_;
  PageTokens tokens_;
  VectorSlots slots_;

  std::mutex mutex_;
  std::condition_variable loaded_changed_;
  std::optional<Result<void>> loaded_;
  /// By number. Shared with the searches under way: a collection may be deleted meanwhile.
  std::map<std::int64_t, std::shared_ptr<VectorIndex>> indices_;
  std::unique_ptr<Eraser> eraser_;
  std::jthread loader_;
};

}  // namespace sightline::collections
