#pragma once
// Faces of a job's results as bytes: in a worker's records, and as they are kept.

#include <span>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "sight/jobs/coding.h"
#include "sight/jobs/types.h"

namespace sightline::jobs {

inline constexpr std::size_t kLeastFaceBytes = sizeof(std::int64_t) + 5 * sizeof(float) + 1;

void put_face(Writer& out, const SampledFace& face);
[[nodiscard]] SampledFace get_face(Reader& in);

/// A face as it is kept with the results.
[[nodiscard]] Bytes encode_face(const SampledFace& face);
/// Errors: corrupt.
[[nodiscard]] Result<SampledFace> decode_face(std::span<const std::uint8_t> bytes);

/// Whom a track is like, as it is kept. They hold no vectors.
[[nodiscard]] Bytes encode_matches(const std::vector<FaceMatch>& matches);
/// Errors: corrupt.
[[nodiscard]] Result<std::vector<FaceMatch>> decode_matches(std::span<const std::uint8_t> bytes);

}  // namespace sightline::jobs
