#pragma once
// The measuring faces as vectors.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sight/analysis/face_detector.h"
#include "sight/faces/face_analyser.h"
#include "sight/faces/face_recogniser.h"

namespace sightline::bench {

struct Photo {
  std::string person;
  int number = 0;  ///< of the person's photos
  faces::FaceVector vector{};
};

struct Pair {
  std::size_t first = 0;
  std::size_t second = 0;
  bool same = false;
};

struct Gallery {
  std::vector<Photo> photos;  ///< by person, then number
  std::vector<Pair> pairs;    ///< of the development test
  int without_face = 0;       ///< photos in which the detector finds none
  int absent_pairs = 0;       ///< pairs with a photo that is not there or shows no face
};

/// lfw-dev: the face nearest to the middle of each picture.
[[nodiscard]] Result<Gallery> load_lfw(const std::filesystem::path& folder, analysis::FaceDetector& detector,
                                       faces::FaceRecogniser& recogniser);

/// The face nearest to the middle of each picture.
[[nodiscard]] Result<void> for_each_portrait(
    const std::filesystem::path& folder, analysis::FaceDetector& detector,
    const std::function<Result<void>(const media::RgbImage& picture, const analysis::Face& face)>& look);

/// A line a photo: path, pose, quality, eyes, mouth; for a look at the photos beside it.
[[nodiscard]] Result<void> save_attributes(const std::filesystem::path& folder,
                                           analysis::FaceDetector& detector,
                                           const faces::FaceAnalyser& analyser, const std::string& path);

}  // namespace sightline::bench
