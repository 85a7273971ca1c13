#include "detect/scoring.h"

#include <algorithm>
#include <cmath>

namespace sightline::bench {
namespace {

constexpr float kSameFace = 0.5F;
constexpr float kWeak = 0.12F;
constexpr double kSurest = 0.995;  ///< what a sample of this size can vouch for

media::Box clipped(const media::Box& box, media::Size size) {
  return media::intersection(box, {0, 0, static_cast<float>(size.width), static_cast<float>(size.height)});
}

bool counts(const TrueFace& face, float min_height) {
  return !face.ignored && face.box.height >= min_height;
}

/// Index of the best of the true faces that `wanted` allows, or -1.
template <typename Wanted>
int best_match(const std::vector<TrueFace>& faces, const media::Box& box, const Wanted& wanted) {
  int best = -1;
  float best_iou = kSameFace;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (!wanted(i)) continue;
    const float overlap = media::iou(faces[i].box, box);
    if (overlap >= best_iou) {
      best_iou = overlap;
      best = static_cast<int>(i);
    }
  }
  return best;
}

struct Step {
  double right;
  double count;
  double score_sum;
  [[nodiscard]] double share() const { return right / count; }
};

}  // namespace

std::vector<Judged> judge(const TestPicture& picture, const std::vector<analysis::Face>& found,
                          float min_height) {
  std::vector<Judged> judged;
  std::vector<bool> taken(picture.faces.size(), false);
  for (const analysis::Face& face : found) {  // best first, as the detector gives them
    const media::Box box = clipped(face.box, picture.image.size);
    const int match = best_match(
        picture.faces, box, [&](std::size_t i) { return !taken[i] && counts(picture.faces[i], min_height); });
    if (match >= 0) {
      taken[static_cast<std::size_t>(match)] = true;
      judged.push_back({face.score, true});
      continue;
    }
    const int other =
        best_match(picture.faces, box, [&](std::size_t i) { return !counts(picture.faces[i], min_height); });
    if (other < 0 && box.height >= min_height) judged.push_back({face.score, false});
  }
  return judged;
}

std::size_t count_faces(const TestPicture& picture, float min_height) {
  return static_cast<std::size_t>(
      std::ranges::count_if(picture.faces, [&](const TrueFace& face) { return counts(face, min_height); }));
}

JudgedSet judge_all(const std::vector<TestPicture>& pictures,
                    const std::vector<std::vector<analysis::Face>>& found, float min_height) {
  JudgedSet all;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto more = judge(pictures[i], found[i], min_height);
    all.judged.insert(all.judged.end(), more.begin(), more.end());
    all.faces += count_faces(pictures[i], min_height);
  }
  return all;
}

Accuracy accuracy(std::vector<Judged> judged, std::size_t true_faces, float at_score) {
  std::ranges::stable_sort(judged, std::ranges::greater{}, &Judged::score);
  Accuracy result;
  std::vector<double> precisions, recalls;
  double right = 0;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    right += judged[i].right ? 1 : 0;
    precisions.push_back(right / static_cast<double>(i + 1));
    recalls.push_back(right / static_cast<double>(true_faces));
    if (judged[i].score >= at_score) {
      result.precision = precisions.back();
      result.recall = recalls.back();
    }
  }
  double envelope = 0;
  for (std::size_t i = judged.size(); i-- > 0;) {
    envelope = std::max(envelope, precisions[i]);
    result.average_precision += envelope * (recalls[i] - (i == 0 ? 0 : recalls[i - 1]));
  }
  return result;
}

int find_match(const std::vector<analysis::Face>& found, const media::Box& truth, float min_iou) {
  int best = -1;
  float best_iou = min_iou;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const float overlap = media::iou(found[i].box, truth);
    if (overlap >= best_iou) {
      best_iou = overlap;
      best = static_cast<int>(i);
    }
  }
  return best;
}

std::vector<std::pair<float, float>> fit_calibration(std::vector<Judged> judged) {
  std::ranges::stable_sort(judged, std::ranges::less{}, &Judged::score);
  // Nearly all detections lie below the scores that anybody uses: there one step is enough.
  const auto weak = std::ranges::lower_bound(judged, kWeak, {}, &Judged::score);
  const auto right = std::count_if(judged.begin(), weak, [](const Judged& one) { return one.right; });
  const auto weak_count = static_cast<double>(weak - judged.begin());
  std::vector<Step> steps;
  if (weak_count > 0)
    steps.push_back({static_cast<double>(right), weak_count, weak_count * double{kWeak} / 2});
  judged.erase(judged.begin(), weak);
  // Equal-count bins keep single detections from making steps; pooling of neighbours that fall makes them
  // rise.
  const std::size_t bin = std::max<std::size_t>(judged.size() / 16, 20);
  for (std::size_t i = 0; i < judged.size(); ++i) {
    if (steps.empty() || (i % bin == 0 && (i == 0 || judged.size() - i >= bin))) steps.push_back({0, 0, 0});
    Step& step = steps.back();
    step.right += judged[i].right ? 1 : 0;
    step.count += 1;
    step.score_sum += static_cast<double>(judged[i].score);
  }
  std::vector<Step> rising;
  for (const Step& step : steps) {
    rising.push_back(step);
    while (rising.size() > 1 && rising[rising.size() - 2].share() >= rising.back().share()) {
      const Step last = rising.back();
      rising.pop_back();
      rising.back() = {rising.back().right + last.right, rising.back().count + last.count,
                       rising.back().score_sum + last.score_sum};
    }
  }
  std::vector<std::pair<float, float>> knots;
  for (const Step& step : rising) {
    const auto raw = static_cast<float>(std::round(step.score_sum / step.count * 1000) / 1000);
    const auto share = static_cast<float>(std::round(std::min(step.share(), kSurest) * 1000) / 1000);
    // Knots closer than this would follow the sample, not the detector.
    if (!knots.empty() && raw - knots.back().first < 0.03F) continue;
    knots.emplace_back(raw, share);
  }
  return knots;
}

}  // namespace sightline::bench
