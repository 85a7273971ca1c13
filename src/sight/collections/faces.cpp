#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sight/collections/eraser.h"
#include "sight/collections/face_collections.h"
#include "sight/collections/rows.h"
#include "sight/collections/tables.h"

namespace sightline::collections {
namespace {

/// Of a long list, in one transaction: others wait for as long as it takes.
constexpr std::size_t kRemovedTogether = 500;

Face face_of(const store::Row& row) {
  Face face;
  face.id = uuid_of(row.bytes(0));
  face.image = uuid_of(row.bytes(1));
  if (!row.is_null(2)) face.external_image_id = std::string(row.text(2));
  face.box = {row.real(3), row.real(4), row.real(5), row.real(6)};
  face.confidence = row.real(7);
  face.model = {std::string(row.text(8)), std::string(row.text(9))};
  return face;
}

Result<std::optional<Face>> read_face(store::Transaction& transaction, const Tenant& tenant,
                                      std::int64_t number, const Uuid& id) {
  std::optional<Face> face;
  TRY(transaction.query(sql::kFace, {tenant.account, tenant.region, number, id.bytes},
                        [&](const store::Row& row) { face = face_of(row); }));
  return face;
}

void sort_once(std::vector<Uuid>& faces) {
  std::ranges::sort(faces);
  const auto again = std::ranges::unique(faces);
  faces.erase(again.begin(), again.end());
}

Error other_model(const VectorModel& theirs, const VectorModel& ours) {
  return {ErrorKind::unsupported,
          fmt::format("the collection holds vectors of {} ({}), which cannot be compared with those of {} "
                      "({}): make a new collection",
                      theirs.id, theirs.normalisation, ours.id, ours.normalisation)};
}

struct Coded {
  Face face;
  CodedVector vector;
};

Result<void> insert(store::Transaction& transaction, const Tenant& tenant, std::int64_t number,
                    std::int64_t slot, const Face& face) {
  const auto external =
      face.external_image_id ? store::Value(std::string_view(*face.external_image_id)) : store::Value();
  TRY(transaction.execute(sql::kAddFace,
                          {tenant.account, tenant.region, number, face.id.bytes, slot, face.model.id,
                           face.model.normalisation, face.image.bytes, external, face.box.left, face.box.top,
                           face.box.width, face.box.height, face.confidence}));
  return {};
}

}  // namespace

Result<std::vector<Face>> FaceCollections::add(const Tenant& tenant, std::string_view id,
                                               const VectorModel& model, std::span<const NewFace> faces) {
  TRY(wait_until_loaded());
  std::vector<Coded> coded;
  for (const NewFace& face : faces)
    coded.push_back({{{}, face.image, face.external_image_id, face.box, face.confidence, model},
                     TRY(encode_vector(face.vector))});
  std::vector<std::int64_t> slots;
  const auto written = database_.write([&](store::Transaction& transaction) -> Result<void> {
    // Of a run that was undone.
    slots_.release(tenant, std::exchange(slots, {}));
    const Known known = TRY(find(transaction, tenant, id));
    if (known.collection.model != model) return std::unexpected(other_model(known.collection.model, model));
    for (Coded& one : coded) {
      // Here, where the writes stand in line: ids rise in the order of commits.
      one.face.id = face_ids_.make();
      slots.push_back(TRY(slots_.fill(transaction, tenant, known.number, one.face.id, one.vector)));
      TRY(insert(transaction, tenant, known.number, slots.back(), one.face));
    }
    transaction.after_commit([this, &coded, number = known.number] {
      if (coded.empty()) return;
      std::shared_ptr<VectorIndex> vectors;
      {
        std::lock_guard lock(mutex_);
        auto& place = indices_[number];
        if (!place) place = std::make_shared<VectorIndex>();
        vectors = place;
      }
      for (const Coded& one : coded) vectors->append(one.face.id, one.vector);
    });
    return {};
  });
  if (!written) {
    slots_.release(tenant, slots);
    return std::unexpected(written.error());
  }
  std::vector<Face> added;
  added.reserve(coded.size());
  for (Coded& one : coded) added.push_back(std::move(one.face));
  return added;
}

Result<Uuid> FaceCollections::place_of(const std::string& list, std::optional<std::string_view> token) const {
  Uuid place;
  if (!token) return place;
  const auto read = tokens_.read(list, *token);
  if (!read || read->size() != sizeof(place))
    return fail(ErrorKind::invalid_argument, "the token was not made for this list");
  std::ranges::copy(store::bytes(*read), place.bytes.begin());
  return place;
}

Result<Page<Face>> FaceCollections::faces(const Tenant& tenant, std::string_view id,
                                          std::optional<std::string_view> token, std::size_t limit) {
  Page<Face> page;
  TRY(database_.read([&](store::Transaction& transaction) -> Result<void> {
    const Known known = TRY(find(transaction, tenant, id));
    const std::string list = list_name("faces", tenant, std::to_string(known.number));
    const Uuid after = TRY(place_of(list, token));
    TRY(transaction.query(
        sql::kFaces,
        {tenant.account, tenant.region, known.number, after.bytes, static_cast<std::int64_t>(limit) + 1},
        [&](const store::Row& row) { page.items.push_back(face_of(row)); }));
    if (page.items.size() > limit) {
      page.items.resize(limit);
      page.next = tokens_.make(list, store::text(page.items.back().id.bytes));
    }
    return {};
  }));
  return page;
}

Result<Page<Face>> FaceCollections::faces(const Tenant& tenant, std::string_view id, std::vector<Uuid> faces,
                                          std::optional<std::string_view> token, std::size_t limit) {
  sort_once(faces);
  Page<Face> page;
  TRY(database_.read([&](store::Transaction& transaction) -> Result<void> {
    const Known known = TRY(find(transaction, tenant, id));
    const std::string list = list_name("some faces", tenant, std::to_string(known.number));
    const Uuid after = TRY(place_of(list, token));
    for (auto face = std::ranges::upper_bound(faces, after); face != faces.end(); ++face) {
      auto one = TRY(read_face(transaction, tenant, known.number, *face));
      if (!one) continue;
      if (page.items.size() == limit) {
        page.next = tokens_.make(list, store::text(page.items.back().id.bytes));
        break;
      }
      page.items.push_back(std::move(*one));
    }
    return {};
  }));
  return page;
}

Result<std::vector<Uuid>> FaceCollections::remove_faces(const Tenant& tenant, std::string_view id,
                                                        std::vector<Uuid> faces) {
  TRY(wait_until_loaded());
  sort_once(faces);
  std::vector<Uuid> removed;
  std::size_t done = 0;
  do {
    const std::size_t count = std::min(kRemovedTogether, faces.size() - done);
    TRY(remove_some(tenant, id, std::span(faces).subspan(done, count), removed));
    done += count;
  } while (done < faces.size());
  return removed;
}

Result<void> FaceCollections::remove_some(const Tenant& tenant, std::string_view id,
                                          std::span<const Uuid> faces, std::vector<Uuid>& removed) {
  std::vector<Uuid> found;
  std::vector<std::int64_t> slots;
  TRY(database_.write([&](store::Transaction& transaction) -> Result<void> {
    found.clear();
    slots.clear();
    const Known known = TRY(find(transaction, tenant, id));
    for (const Uuid& face : faces) {
      TRY(transaction.query(sql::kRemoveFace, {tenant.account, tenant.region, known.number, face.bytes},
                            [&](const store::Row& row) {
                              found.push_back(face);
                              slots.push_back(row.integer(0));
                            }));
    }
    if (found.empty()) return {};
    TRY(slots_.clear(transaction, tenant, slots));
    transaction.after_commit([this, &found, number = known.number] {
      if (const auto vectors = index(number))
        for (const Uuid& face : found) vectors->remove(face);
      eraser_->wake();
    });
    return {};
  }));
  slots_.release(tenant, slots);
  removed.insert(removed.end(), found.begin(), found.end());
  return {};
}

Result<std::vector<Match>> FaceCollections::search_index(const Tenant& tenant, std::int64_t number,
                                                         const VectorIndex& index,
                                                         const NeighbourQuery& query) {
  const auto neighbours = index.search(query);
  std::vector<Match> matches;
  TRY(database_.read([&](store::Transaction& transaction) -> Result<void> {
    for (const Neighbour& neighbour : neighbours) {
      // Not there: it was deleted during the search.
      auto face = TRY(read_face(transaction, tenant, number, neighbour.id));
      if (face) matches.push_back({std::move(*face), neighbour.distance});
    }
    return {};
  }));
  return matches;
}

Result<std::vector<Match>> FaceCollections::search(const Tenant& tenant, std::string_view id,
                                                   const VectorModel& model, std::span<const float> vector,
                                                   const SearchOptions& options) {
  TRY(wait_until_loaded());
  const NeighbourQuery query{TRY(encode_vector(vector)), options.max_results, options.max_distance, {}};
  const Known known = TRY(find(tenant, id));
  if (known.collection.model != model) return std::unexpected(other_model(known.collection.model, model));
  const auto vectors = index(known.number);
  if (!vectors) return std::vector<Match>();
  return search_index(tenant, known.number, *vectors, query);
}

Result<std::optional<std::vector<Match>>> FaceCollections::search_face(const Tenant& tenant,
                                                                       std::string_view id, const Uuid& face,
                                                                       const SearchOptions& options) {
  TRY(wait_until_loaded());
  const Known known = TRY(find(tenant, id));
  const auto vectors = index(known.number);
  const auto vector = vectors ? vectors->find(face) : std::nullopt;
  if (!vector) return std::optional<std::vector<Match>>();
  const NeighbourQuery query{*vector, options.max_results, options.max_distance, face};
  return std::optional(TRY(search_index(tenant, known.number, *vectors, query)));
}

}  // namespace sightline::collections
