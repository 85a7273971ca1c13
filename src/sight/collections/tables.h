#pragma once
// The tables' statements, by name. Private to this module.

#include <string_view>

namespace sightline::collections::sql {

// Collections are listed in the order of their numbers, in which they were created: an id is too long for a
// token.
inline constexpr std::string_view kNextNumber =
    "UPDATE collection_counter SET last = last + 1 WHERE one = 1 RETURNING last";
inline constexpr std::string_view kSecret = "SELECT secret FROM collection_secret WHERE one = 1";
inline constexpr std::string_view kKeepSecret =
    "INSERT INTO collection_secret (one, secret) VALUES (1, $1) ON CONFLICT (one) DO NOTHING";

inline constexpr std::string_view kCreate =
    "INSERT INTO collections (account, region, id, number, created, model, normalisation) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7)";
inline constexpr std::string_view kFind =
    "SELECT id, number, created, model, normalisation FROM collections "
    "WHERE account = $1 AND region = $2 AND id = $3";
inline constexpr std::string_view kList =
    "SELECT id, number, created, model, normalisation FROM collections "
    "WHERE account = $1 AND region = $2 AND number > $3 ORDER BY number LIMIT $4";
inline constexpr std::string_view kAllNumbers = "SELECT number, normalisation FROM collections";
inline constexpr std::string_view kRemove =
    "DELETE FROM collections WHERE account = $1 AND region = $2 AND id = $3";

inline constexpr std::string_view kTags =
    "SELECT name, value FROM collection_tags WHERE account = $1 AND region = $2 AND number = $3";
inline constexpr std::string_view kTag =
    "INSERT INTO collection_tags (account, region, number, name, value) VALUES ($1, $2, $3, $4, $5) "
    "ON CONFLICT (account, region, number, name) DO UPDATE SET value = excluded.value";
inline constexpr std::string_view kUntag =
    "DELETE FROM collection_tags WHERE account = $1 AND region = $2 AND number = $3 AND name = $4";
inline constexpr std::string_view kRemoveTags =
    "DELETE FROM collection_tags WHERE account = $1 AND region = $2 AND number = $3";

inline constexpr std::string_view kAddFace =
    "INSERT INTO faces (account, region, number, id, slot, model, normalisation, image, external_image_id, "
    "box_left, box_top, box_width, box_height, confidence) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
inline constexpr std::string_view kFace =
    "SELECT id, image, external_image_id, box_left, box_top, box_width, box_height, confidence, model, "
    "normalisation FROM faces WHERE account = $1 AND region = $2 AND number = $3 AND id = $4";
inline constexpr std::string_view kFaces =
    "SELECT id, image, external_image_id, box_left, box_top, box_width, box_height, confidence, model, "
    "normalisation FROM faces WHERE account = $1 AND region = $2 AND number = $3 AND id > $4 "
    "ORDER BY id LIMIT $5";
inline constexpr std::string_view kFaceSlots = "SELECT number, id, slot FROM faces";
inline constexpr std::string_view kRemoveFace =
    "DELETE FROM faces WHERE account = $1 AND region = $2 AND number = $3 AND id = $4 RETURNING slot";

inline constexpr std::string_view kNewSlot =
    "INSERT INTO vector_slots (account, region, slot, content) VALUES ($1, $2, $3, $4)";
inline constexpr std::string_view kSetSlot =
    "UPDATE vector_slots SET content = $1 WHERE account = $2 AND region = $3 AND slot = $4";
inline constexpr std::string_view kSlots = "SELECT account, region, slot, content FROM vector_slots";

inline constexpr std::string_view kDoom =
    "INSERT INTO doomed_collections (account, region, number) VALUES ($1, $2, $3)";
inline constexpr std::string_view kDoomed = "SELECT account, region, number FROM doomed_collections LIMIT 1";
inline constexpr std::string_view kErased =
    "DELETE FROM doomed_collections WHERE account = $1 AND region = $2 AND number = $3";
// The last face of a batch; none when fewer are left.
inline constexpr std::string_view kBatchEnd =
    "SELECT id FROM faces WHERE account = $1 AND region = $2 AND number = $3 ORDER BY id LIMIT 1 OFFSET $4";
inline constexpr std::string_view kErase =
    "DELETE FROM faces WHERE account = $1 AND region = $2 AND number = $3 AND id <= $4 "
    "RETURNING slot";

}  // namespace sightline::collections::sql
