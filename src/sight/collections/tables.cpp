#include "sight/collections/tables.h"

#include "sight/collections/face_collections.h"

namespace sightline::collections {
namespace {

constexpr std::string_view kMigrations[] = {
    R"(CREATE TABLE collections (
         account TEXT NOT NULL,
         region TEXT NOT NULL,
         id TEXT NOT NULL,
         number BIGINT NOT NULL,
         created BIGINT NOT NULL,
         model TEXT NOT NULL,
         normalisation TEXT NOT NULL,
         PRIMARY KEY (account, region, id));
       CREATE UNIQUE INDEX collections_by_number ON collections (account, region, number);
       CREATE TABLE collection_tags (
         account TEXT NOT NULL,
         region TEXT NOT NULL,
         number BIGINT NOT NULL,
         name TEXT NOT NULL,
         value TEXT NOT NULL,
         PRIMARY KEY (account, region, number, name));
       CREATE TABLE faces (
         account TEXT NOT NULL,
         region TEXT NOT NULL,
         number BIGINT NOT NULL,
         id BLOB NOT NULL,
         slot BIGINT NOT NULL,
         model TEXT NOT NULL,
         normalisation TEXT NOT NULL,
         image BLOB NOT NULL,
         external_image_id TEXT,
         box_left DOUBLE PRECISION NOT NULL,
         box_top DOUBLE PRECISION NOT NULL,
         box_width DOUBLE PRECISION NOT NULL,
         box_height DOUBLE PRECISION NOT NULL,
         confidence DOUBLE PRECISION NOT NULL,
         PRIMARY KEY (account, region, number, id));
       CREATE TABLE vector_slots (
         account TEXT NOT NULL,
         region TEXT NOT NULL,
         slot BIGINT NOT NULL,
         content BLOB NOT NULL,
         PRIMARY KEY (account, region, slot));
       CREATE TABLE doomed_collections (
         account TEXT NOT NULL,
         region TEXT NOT NULL,
         number BIGINT NOT NULL,
         PRIMARY KEY (account, region, number));
       CREATE TABLE collection_counter (one BIGINT NOT NULL PRIMARY KEY, last BIGINT NOT NULL);
       INSERT INTO collection_counter (one, last) VALUES (1, 0);
       CREATE TABLE collection_secret (one BIGINT NOT NULL PRIMARY KEY, secret BLOB NOT NULL);)",
};

constexpr std::string_view kStatements[] = {
    sql::kNextNumber, sql::kSecret,     sql::kKeepSecret, sql::kCreate, sql::kFind,
    sql::kList,       sql::kAllNumbers, sql::kRemove,     sql::kTags,   sql::kTag,
    sql::kUntag,      sql::kRemoveTags, sql::kAddFace,    sql::kFace,   sql::kFaces,
    sql::kRemoveFace, sql::kNewSlot,    sql::kSetSlot,    sql::kSlots,  sql::kDoom,
    sql::kDoomed,     sql::kErased,     sql::kBatchEnd,   sql::kErase,  sql::kFaceSlots,
};

}  // namespace

const store::Schema kCollectionsSchema{"collections", kMigrations, kStatements};

Result<std::unique_ptr<store::Database>> open_tables(store::Stores& stores) {
  return stores.open({"collections", {kCollectionsSchema}, store::Erasure::secure});
}

}  // namespace sightline::collections
