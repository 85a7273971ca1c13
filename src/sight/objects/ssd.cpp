#include "sight/objects/ssd.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "sight/objects/coco_classes.h"

namespace sightline::objects {
namespace {

constexpr float kLearnedSide = 300;    ///< pixels of the input that the network learned with
constexpr int kOutputCategories = 91;  ///< with background
constexpr int kBoxNumbers = 4;
constexpr float kCenterVariance = 0.1F;
constexpr float kSizeVariance = 0.2F;
constexpr float kMaxSizeLog = 4;  ///< an object is never 50 times its anchor

/// Height and width of an anchor, in pixels.
struct Anchor {
  float height;
  float width;
};

Anchor anchor(float scale, float ratio) {
  return {scale * kLearnedSide / std::sqrt(ratio), scale * kLearnedSide * std::sqrt(ratio)};
}

std::vector<Anchor> anchors_of(std::size_t level) {
  constexpr std::array<float, kLevels + 1> kScales{0.2F, 0.35F, 0.5F, 0.65F, 0.8F, 0.95F, 1.0F};
  const float scale = kScales.at(level);
  if (level == 0) return {anchor(0.1F, 1), anchor(scale, 2), anchor(scale, 0.5F)};
  return {anchor(scale, 1), anchor(scale, 2),        anchor(scale, 0.5F),
          anchor(scale, 3), anchor(scale, 1.0F / 3), anchor(std::sqrt(scale * kScales.at(level + 1)), 1)};
}

/// One level's maps and how its cells lie in the input.
struct Level {
  std::span<const float> boxes;
  std::span<const float> scores;
  std::size_t rows = 0;
  std::size_t columns = 0;
  media::Size input;

  [[nodiscard]] std::size_t cells() const { return rows * columns; }

  [[nodiscard]] media::Box box(std::size_t index, const Anchor& anchor, std::size_t cell) const {
    const auto number = [&](std::size_t k) { return boxes[(index * kBoxNumbers + k) * cells() + cell]; };
    const auto center = [&](std::size_t at, std::size_t count, int side) {
      return (static_cast<float>(at) + 0.5F) / static_cast<float>(count) * static_cast<float>(side);
    };
    const float y = number(0) * kCenterVariance * anchor.height + center(cell / columns, rows, input.height);
    const float x = number(1) * kCenterVariance * anchor.width + center(cell % columns, columns, input.width);
    const float height = std::exp(std::min(number(2) * kSizeVariance, kMaxSizeLog)) * anchor.height;
    const float width = std::exp(std::min(number(3) * kSizeVariance, kMaxSizeLog)) * anchor.width;
    return {x - width / 2, y - height / 2, width, height};
  }
};

bool fits(const inference::Tensor& boxes, const inference::Tensor& scores, std::size_t anchors) {
  const auto& b = boxes.shape;
  const auto& s = scores.shape;
  if (b.size() != 4 || s.size() != 4 || b[0] != 1 || s[0] != 1 || b[2] < 1 || b[3] < 1) return false;
  const auto count = static_cast<std::int64_t>(anchors);
  return b[1] == count * kBoxNumbers && s[1] == count * kOutputCategories && b[2] == s[2] && b[3] == s[3];
}

void collect(const Level& level, const std::vector<Anchor>& anchors, float min_score,
             std::vector<RawObject>& objects) {
  // Logits are compared as they are: the exponential is for the few that count.
  const float least = std::log(min_score / (1 - min_score));
  for (std::size_t a = 0; a < anchors.size(); ++a) {
    for (int category = 1; category < kOutputCategories; ++category) {
      const auto kind = class_of_category(category);
      if (!kind) continue;
      const auto plane = level.scores.subspan(
          (a * kOutputCategories + static_cast<std::size_t>(category)) * level.cells(), level.cells());
      for (std::size_t cell = 0; cell < plane.size(); ++cell) {
        if (!(plane[cell] > least)) continue;
        const media::Box box = level.box(a, anchors[a], cell);
        if (std::isfinite(box.x) && std::isfinite(box.y) && box.area() > 0)
          objects.push_back({*kind, box, 1 / (1 + std::exp(-plane[cell]))});
      }
    }
  }
}

bool better(const RawObject& a, const RawObject& b) {
  const auto key = [](const RawObject& o) {
    return std::tuple(-o.score, o.kind, o.box.x, o.box.y, o.box.width);
  };
  return key(a) < key(b);
}

}  // namespace

Result<std::vector<RawObject>> decode_ssd(std::span<const inference::Tensor> maps, media::Size input,
                                          float min_score) {
  if (maps.size() != 2 * kLevels)
    return fail(ErrorKind::unavailable,
                fmt::format("a network with {} outputs is no SSDLite of {} levels", maps.size(), kLevels));
  min_score = std::clamp(min_score, 0.001F, 0.999F);
  std::vector<RawObject> objects;
  for (std::size_t i = 0; i < kLevels; ++i) {
    const auto anchors = anchors_of(i);
    const auto& boxes = maps[2 * i];
    const auto& scores = maps[2 * i + 1];
    if (!fits(boxes, scores, anchors.size()))
      return fail(ErrorKind::unavailable, fmt::format("the maps of level {} are not those of SSDLite", i));
    collect({boxes.data, scores.data, static_cast<std::size_t>(boxes.shape[2]),
             static_cast<std::size_t>(boxes.shape[3]), input},
            anchors, min_score, objects);
  }
  if (objects.size() > kMaxCandidates) {
    std::ranges::nth_element(objects, objects.begin() + kMaxCandidates, better);
    objects.resize(kMaxCandidates);
  }
  return objects;
}

std::vector<RawObject> suppress_overlaps(std::vector<RawObject> objects, float max_iou) {
  std::ranges::sort(objects, better);
  std::vector<RawObject> kept;
  for (const RawObject& object : objects) {
    const bool hidden = std::ranges::any_of(kept, [&](const RawObject& other) {
      return other.kind == object.kind && media::iou(other.box, object.box) >= max_iou;
    });
    if (!hidden) kept.push_back(object);
  }
  return kept;
}

}  // namespace sightline::objects
