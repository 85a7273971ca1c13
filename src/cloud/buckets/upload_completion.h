#pragma once
// What an upload becomes when it is completed: which of its pieces, and what object they make.

#include <vector>

#include "cloud/buckets/failure.h"
#include "cloud/buckets/upload_tables.h"

namespace sightline::buckets {

/// Of pieces in the order of their numbers; null where there is none with this one.
[[nodiscard]] const Piece* find_piece(const std::vector<Piece>& pieces, int number);

/// The pieces that the client chose, in its order. `pieces` are those of the upload, in the order of their
/// numbers; all but the last chosen one have `min_part` bytes at least. Problems: no_parts,
/// other_checksum_type, invalid_part_order, invalid_part, other_part_checksum, part_checksum_missing,
/// part_too_small.
[[nodiscard]] Answer<std::vector<Piece>> choose_pieces(const UploadRow& upload,
                                                       const std::vector<Piece>& pieces,
                                                       const std::vector<ChosenPart>& parts,
                                                       const CompleteOptions& options,
                                                       std::uint64_t min_part);

/// The object that chosen pieces make; the time of its change is left to the caller. Problems: size_mismatch,
/// bad_whole_checksum, key_not_xml.
[[nodiscard]] Answer<ObjectRow> assemble(const UploadRow& upload, const std::vector<Piece>& chosen,
                                         const CompleteOptions& options);

}  // namespace sightline::buckets
