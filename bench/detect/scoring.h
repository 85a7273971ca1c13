#pragma once
// From detections and true boxes to average precision and to calibration.

#include <utility>
#include <vector>

#include "detect/dataset.h"
#include "sight/analysis/face_detector.h"

namespace sightline::bench {

/// A detection that counts.
struct Judged {
  float score = 0;
  bool right = false;
};

struct Accuracy {
  double average_precision = 0;  ///< area under the precision envelope over recall
  double recall = 0;             ///< at the given score
  double precision = 0;          ///< at the given score
};

/// Detections in a picture against its true faces of at least `min_height` pixels, IoU >= 0.5, the best score
/// first; each true face is found once. Neither right nor wrong: what matches an ignored or smaller true
/// face, and unmatched detections below `min_height`.
[[nodiscard]] std::vector<Judged> judge(const TestPicture& picture, const std::vector<analysis::Face>& found,
                                        float min_height);

[[nodiscard]] std::size_t count_faces(const TestPicture& picture, float min_height);

/// The same over several pictures, found[i] being in pictures[i], and how many true faces there are.
struct JudgedSet {
  std::vector<Judged> judged;
  std::size_t faces = 0;
};
[[nodiscard]] JudgedSet judge_all(const std::vector<TestPicture>& pictures,
                                  const std::vector<std::vector<analysis::Face>>& found, float min_height);

[[nodiscard]] Accuracy accuracy(std::vector<Judged> judged, std::size_t true_faces, float at_score);

/// The index of the face that covers `truth` best with an IoU of at least `min_iou`, or -1.
[[nodiscard]] int find_match(const std::vector<analysis::Face>& found, const media::Box& truth,
                             float min_iou);

/// A rising map from score to the share that is right: isotonic regression, then few knots.
[[nodiscard]] std::vector<std::pair<float, float>> fit_calibration(std::vector<Judged> judged);

}  // namespace sightline::bench
