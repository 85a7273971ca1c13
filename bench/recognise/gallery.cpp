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

Result<std::optional<faces::FaceVector>> vector_of(const fs::path& path, analysis::FaceDetector& detector,
                                                   faces::FaceRecogniser& recogniser) {
  const Bytes bytes = TRY(read_file(path, kMaxPicture));
  const media::RgbImage image = TRY(media::decode_rgb(bytes, path.string()));
  const auto found =
      TRY(detector.detect(analysis::RgbSource(image), analysis::picture_options(analysis::Scope::balanced)));
  if (found.empty()) return std::optional<faces::FaceVector>{};
  const auto nearest = std::ranges::min_element(
      found, {}, [&](const analysis::Face& face) { return from_middle(face, image.size); });
  return std::optional{TRY(recogniser.embed(image, nearest->landmarks))};
}

Result<void> load_person(const fs::path& folder, analysis::FaceDetector& detector,
                         faces::FaceRecogniser& recogniser, Gallery& gallery) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    const std::string stem = file.stem().string();
    const auto vector = TRY(vector_of(file, detector, recogniser));
    if (!vector) {
      ++gallery.without_face;
      continue;
    }
    gallery.photos.push_back(
        {folder.filename().string(), std::stoi(stem.substr(stem.rfind('_') + 1)), *vector});
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
  std::vector<fs::path> people;
  std::error_code error;
  for (fs::directory_iterator it(folder / "images", error), end; !error && it != end; it.increment(error))
    people.push_back(it->path());
  if (error) return fail(ErrorKind::io, fmt::format("{}: {}", folder.string(), error.message()));
  std::ranges::sort(people);
  Gallery gallery;
  for (const fs::path& person : people) TRY(load_person(person, detector, recogniser, gallery));
  TRY(load_pairs(folder / "pairsDevTest.txt", gallery));
  return gallery;
}

}  // namespace sightline::bench
