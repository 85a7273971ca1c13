#include "objects/scenes.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/file.h"
#include "sight/analysis/picture_sources.h"
#include "sight/media/picture.h"

namespace sightline::bench {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMaxFile = std::size_t{16} << 20;
constexpr float kSameObject = 0.5F;
constexpr float kZoomedSide = 55;
constexpr int kZoomedHeight = 480;

Result<media::RgbImage> load_rgb(const fs::path& path) {
  const Bytes bytes = TRY(read_file(path, kMaxFile));
  return media::decode_rgb(bytes, path.string());
}

bool counts(int wanted, int kind) {
  return wanted < 0 || wanted == kind;
}

}  // namespace

Result<std::vector<Scene>> load_coco(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator it(folder / "images", error), end; !error && it != end; it.increment(error))
    files.push_back(it->path());
  if (error) return fail(ErrorKind::io, fmt::format("{}: {}", folder.string(), error.message()));
  std::ranges::sort(files);
  std::vector<Scene> scenes;
  for (const fs::path& file : files) {
    Scene scene{file.stem().string(), TRY(load_rgb(file)), {}};
    const auto width = static_cast<float>(scene.image.size.width);
    const auto height = static_cast<float>(scene.image.size.height);
    std::ifstream lines(folder / "labels" / (scene.name + ".txt"));
    int kind = 0;
    for (float x = 0, y = 0, w = 0, h = 0; lines >> kind >> x >> y >> w >> h;)
      scene.truth.push_back({kind, {(x - w / 2) * width, (y - h / 2) * height, w * width, h * height}});
    scenes.push_back(std::move(scene));
  }
  return scenes;
}

Result<std::vector<Scene>> load_phones(const fs::path& folder) {
  std::vector<Scene> scenes;
  std::ifstream lines(folder / "labels.txt");
  std::string name;
  for (float x = 0, y = 0; lines >> name >> x >> y;) {
    Scene scene{name, TRY(load_rgb(folder / name)), {}};
    x *= static_cast<float>(scene.image.size.width);
    y *= static_cast<float>(scene.image.size.height);
    scene.truth.push_back(
        {objects::kCellPhone, {x - kPhoneSide / 2, y - kPhoneSide / 2, kPhoneSide, kPhoneSide}});
    scenes.push_back(std::move(scene));
  }
  if (scenes.empty())
    return fail(ErrorKind::not_found, fmt::format("{}: no labels.txt there", folder.string()));
  return scenes;
}

Scene zoomed(const Scene& scene) {
  const float zoom = kZoomedSide / kPhoneSide;
  media::Box area;
  area.height = kZoomedHeight / zoom;
  area.width = area.height * 4 / 3;
  const media::Box& phone = scene.truth.front().box;
  const auto within = [](float center, float side, int all) {
    return std::clamp(center - side / 2, 0.0F, static_cast<float>(all) - side);
  };
  area.x = within(phone.center().x, area.width, scene.image.size.width);
  area.y = within(phone.center().y, area.height, scene.image.size.height);
  const media::Box box{(phone.x - area.x) * zoom, (phone.y - area.y) * zoom, phone.width * zoom,
                       phone.height * zoom};
  return {scene.name,
          analysis::cropped(scene.image, area, {kZoomedHeight * 4 / 3, kZoomedHeight}),
          {{objects::kCellPhone, box}}};
}

std::vector<Judged> judge_kind(const Scene& scene, const Found& found, int kind) {
  std::vector<Judged> judged;
  std::vector<bool> taken(scene.truth.size(), false);
  for (const objects::Object& object : found) {
    if (!counts(kind, object.kind)) continue;
    int best = -1;
    float best_iou = kSameObject;
    for (std::size_t i = 0; i < scene.truth.size(); ++i) {
      if (taken[i] || scene.truth[i].kind != object.kind) continue;
      const float overlap = media::iou(scene.truth[i].box, object.box);
      if (overlap < best_iou) continue;
      best_iou = overlap;
      best = static_cast<int>(i);
    }
    if (best >= 0) taken[static_cast<std::size_t>(best)] = true;
    judged.push_back({object.score, best >= 0});
  }
  return judged;
}

std::vector<Judged> judge_phone(const Scene& scene, const Found& found, float zoom) {
  std::vector<Judged> judged;
  bool taken = false;
  const media::Point center = scene.truth.front().box.center();
  for (const objects::Object& object : found) {
    if (object.kind != objects::kCellPhone) continue;
    const media::Box& box = object.box;
    const bool holds =
        center.x >= box.x && center.x < box.right() && center.y >= box.y && center.y < box.bottom();
    const bool right = holds && std::max(box.width, box.height) <= 3 * kPhoneSide * zoom;
    // A second box on the phone is no second phone, but no false alarm either.
    if (right && taken) continue;
    taken = taken || right;
    judged.push_back({object.score, right});
  }
  return judged;
}

}  // namespace sightline::bench
