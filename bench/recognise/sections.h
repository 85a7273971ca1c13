#pragma once
// The parts of the measurement, each printing a table of its own.

#include "recognise/gallery.h"

namespace sightline::bench {

/// A line a photo: person, number, 128 values.
[[nodiscard]] Result<void> save_vectors(const Gallery& gallery, const std::string& path);
/// Accuracy of the pairs by tenfold cross-validation of the threshold, AUC, true matches at low false match
/// rates.
void print_verification(const Gallery& gallery);
/// False matches and false non-matches of each similarity, over all pairs of the photos.
void print_similarity(const Gallery& gallery, const faces::FaceRecogniser& recogniser);
/// How often a person who is not enrolled is taken for one who is, by the number of those enrolled.
void print_identification(const Gallery& gallery, const faces::FaceRecogniser& recogniser);

/// How far one look of the mesh and the five points are from two looks of the mesh.
[[nodiscard]] Result<void> print_poses(const std::filesystem::path& folder, analysis::FaceDetector& detector,
                                       faces::FaceMesher& mesher);

}  // namespace sightline::bench
