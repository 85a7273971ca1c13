#include "recognise/gallery.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "base/file.h"
#include "sight/analysis/picture_sources.h"
#include "sight/media/picture.h"

namespace sightline::bench {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMaxPicture = 16U << 20;

float from_middle(const analysis::Face& face, media::Size size) {
  const media::Point center = face.box.center();
  return std::hypot(center.x - static_cast<float>(size.width) / 2,
                    center.y - static_cast<float>(size.height) / 2);
}

struct Portrait {
  media::RgbImage image;
  std::optional<analysis::Face> face;  ///< the one nearest to the middle
};

Result<Portrait> portrait_of(const fs::path& path, analysis::FaceDetector& detector) {
  const Bytes bytes = TRY(read_file(path, kMaxPicture));
  Portrait portrait{TRY(media::decode_rgb(bytes, path.string())), std::nullopt};
  const auto found = TRY(detector.detect(analysis::RgbSource(portrait.image),
                                         analysis::picture_options(analysis::Scope::balanced)));
  if (found.empty()) return portrait;
  portrait.face = *std::ranges::min_element(
      found, {}, [&](const analysis::Face& face) { return from_middle(face, portrait.image.size); });
  return portrait;
}

Result<std::vector<fs::path>> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    entries.push_back(it->path());
  if (error) return fail(ErrorKind::io, fmt::format("{}: {}", folder.string(), error.message()));
  std::ranges::sort(entries);
  return entries;
}

Result<void> load_person(const fs::path& folder, analysis::FaceDetector& detector,
                         faces::FaceRecogniser& recogniser, Gallery& gallery) {
  for (const fs::path& file : TRY(sorted_entries(folder))) {
    const std::string stem = file.stem().string();
    const Portrait portrait = TRY(portrait_of(file, detector));
    if (!portrait.face) {
      ++gallery.without_face;
      continue;
    }
    const auto vector = TRY(recogniser.embed(portrait.image, portrait.face->landmarks));
    gallery.photos.push_back(
        {folder.filename().string(), std::stoi(stem.substr(stem.rfind('_') + 1)), vector});
  }
  return {};
}

std::optional<std::size_t> find(const Gallery& gallery, const std::string& person, int number) {
  const auto found = std::ranges::find_if(
      gallery.photos, [&](const Photo& photo) { return photo.number == number && photo.person == person; });
  if (found == gallery.photos.end()) return std::nullopt;
  return static_cast<std::size_t>(found - gallery.photos.begin());
}

/// "Name 1 2" is a pair of one person, "Name 1 Other 2" of two; the first line counts the pairs of each kind.
Result<void> load_pairs(const fs::path& path, Gallery& gallery) {
  std::ifstream file(path);
  if (!file) return fail(ErrorKind::io, fmt::format("{}: cannot be read", path.string()));
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::vector<std::string> fields;
    for (std::string word; words >> word;) fields.push_back(word);
    if (fields.size() != 3 && fields.size() != 4) continue;
    const bool same = fields.size() == 3;
    const auto first = find(gallery, fields[0], std::stoi(fields[1]));
    const auto second = find(gallery, same ? fields[0] : fields[2], std::stoi(fields.back()));
    if (first && second)
      gallery.pairs.push_back({*first, *second, same});
    else
      ++gallery.absent_pairs;
  }
  return {};
}

}  // namespace

Result<Gallery> load_lfw(const fs::path& folder, analysis::FaceDetector& detector,
                         faces::FaceRecogniser& recogniser) {
  Gallery gallery;
  for (const fs::path& person : TRY(sorted_entries(folder / "images")))
    TRY(load_person(person, detector, recogniser, gallery));
  TRY(load_pairs(folder / "pairsDevTest.txt", gallery));
  return gallery;
}

Result<void> for_each_portrait(
    const fs::path& folder, analysis::FaceDetector& detector,
    const std::function<Result<void>(const media::RgbImage& picture, const analysis::Face& face)>& look) {
  for (const fs::path& person : TRY(sorted_entries(folder / "images"))) {
    for (const fs::path& file : TRY(sorted_entries(person))) {
      const Portrait portrait = TRY(portrait_of(file, detector));
      if (portrait.face) TRY(look(portrait.image, *portrait.face));
    }
  }
  return {};
}

Result<void> save_attributes(const fs::path& folder, analysis::FaceDetector& detector,
                             const faces::FaceAnalyser& analyser, const std::string& path) {
  std::ofstream out(path);
  for (const fs::path& person : TRY(sorted_entries(folder / "images"))) {
    for (const fs::path& file : TRY(sorted_entries(person))) {
      const Portrait portrait = TRY(portrait_of(file, detector));
      if (!portrait.face) continue;
      const auto seen =
          TRY(analyser.describe(portrait.image, *portrait.face, {true, true, true, true, true, true}));
      const auto share = [](const std::optional<faces::Judgement>& judgement) {
        return judgement ? (judgement->value ? judgement->confidence : 1 - judgement->confidence) : -1.0F;
      };
      const faces::Pose pose = seen.pose.value_or(faces::Pose{});
      const faces::Quality quality = seen.quality.value_or(faces::Quality{});
      const faces::EyeDirection gaze = seen.eye_direction.value_or(faces::EyeDirection{});
      out << fmt::format("{} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.3f} {:.3f} {:.1f} {:.1f} {:.2f}",
                         file.string(), pose.roll, pose.yaw, pose.pitch, quality.brightness,
                         quality.sharpness, share(seen.eyes_open), share(seen.mouth_open), gaze.yaw,
                         gaze.pitch, gaze.confidence);
      for (const faces::Landmark& landmark : seen.landmarks)
        out << fmt::format(" {}:{:.1f},{:.1f}", landmark.name, landmark.place.x, landmark.place.y);
      out << '\n';
    }
  }
  if (!out.flush()) return fail(ErrorKind::io, fmt::format("{}: cannot be written", path));
  return {};
}

}  // namespace sightline::bench
