#pragma once
// The measuring pictures with their true objects, and how detections are judged.

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "detect/scoring.h"
#include "sight/objects/object_detector.h"

namespace sightline::bench {

struct TrueObject {
  int kind = 0;  ///< index of objects::kClassNames
  media::Box box;
};

struct Scene {
  std::string name;
  media::RgbImage image;
  std::vector<TrueObject> truth;
};

/// coco-dev: pictures and their labels (class cx cy w h in fractions).
[[nodiscard]] Result<std::vector<Scene>> load_coco(const std::filesystem::path& folder);
/// phones-dev: one phone each, of which the centre alone is known: a box of kPhoneSide around it.
[[nodiscard]] Result<std::vector<Scene>> load_phones(const std::filesystem::path& folder);

/// The part around the phone in which it is about 55 pixels of 480.
[[nodiscard]] Scene zoomed(const Scene& scene);

inline constexpr float kPhoneSide = 25;

using Found = std::vector<objects::Object>;

/// Detections of one kind (all kinds: -1) against the truth, IoU >= 0.5, the best score first; each true
/// object is found once.
[[nodiscard]] std::vector<Judged> judge_kind(const Scene& scene, const Found& found, int kind);
/// Phones where only centres are known: right when the box holds the centre and is no more than three times
/// kPhoneSide (times `zoom`) on either side.
[[nodiscard]] std::vector<Judged> judge_phone(const Scene& scene, const Found& found, float zoom);

}  // namespace sightline::bench
