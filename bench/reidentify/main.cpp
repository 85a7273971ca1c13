// bench_reidentify: how many painted faces a recogniser still names, for each style. Figures:
// docs/anonymity.md.
//
// Pictures of lfw-dev. The gallery is the first picture of every person; the probes are second pictures,
// painted by anonymize_picture() as `sightline blur` does at each style's default and written as JPEG. The
// attacker knows where the eyes, nose and mouth were in the clear picture, and searches the gallery as it is,
// and a gallery that he painted in the same way. Rank 1: the nearest of all people is the right one.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "sight/anonymize/picture_job.h"
#include "sight/faces/face_recogniser.h"
#include "vision_arguments.h"

namespace sightline::bench {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMaxPicture = 16U << 20;

struct Arguments : VisionArguments {
  int people = 0;  // 0: all
};

/// Says again what was found before.
class Recall : public analysis::FaceDetector {
 public:
  explicit Recall(analysis::Face face) : faces_{face} {}
  Result<std::vector<analysis::Face>> detect(const analysis::PictureSource&,
                                             const analysis::DetectorOptions&) override {
    return faces_;
  }
  [[nodiscard]] std::string identity() const override { return "recall"; }

 private:
  std::vector<analysis::Face> faces_;
};

struct Photo {
  Bytes file;
  std::string name;
  analysis::Face face;
};

struct Person {
  Photo gallery;
  std::optional<Photo> probe;
};

/// The picture with the face nearest to its middle; nothing where none is found.
Result<std::optional<Photo>> load(const fs::path& path, analysis::FaceDetector& detector) {
  Bytes bytes = TRY(read_file(path, kMaxPicture));
  const media::Picture picture = TRY(media::Picture::decode(bytes, path.string()));
  const auto found = TRY(anonymize::find_faces(picture, detector, anonymize::PictureOptions{}.detector));
  if (found.empty()) return std::optional<Photo>{};
  const media::Size size = picture.displayed_size();
  const auto from_middle = [&](const analysis::Face& face) {
    return std::hypot(face.box.center().x - static_cast<float>(size.width) / 2,
                      face.box.center().y - static_cast<float>(size.height) / 2);
  };
  return Photo{std::move(bytes), path.string(), *std::ranges::min_element(found, {}, from_middle)};
}

Result<std::vector<Person>> load_people(const Arguments& arguments, analysis::FaceDetector& detector) {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(arguments.data / "lfw-dev" / "images")) {
    folders.push_back(entry.path());
  }
  std::ranges::sort(folders);
  std::vector<Person> people;
  for (const fs::path& folder : folders) {
    if (arguments.people > 0 && static_cast<int>(people.size()) == arguments.people) break;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
    std::ranges::sort(files);
    std::vector<Photo> photos;
    for (const fs::path& file : files) {
      if (photos.size() == 2) break;
      if (auto photo = TRY(load(file, detector))) photos.push_back(std::move(*photo));
    }
    if (photos.empty()) continue;
    Person person{std::move(photos[0]), std::nullopt};
    if (photos.size() == 2) person.probe = std::move(photos[1]);
    people.push_back(std::move(person));
  }
  return people;
}

/// The vector that an attacker gets of a picture, painted or not, with the points of the clear one.
Result<faces::FaceVector> vector_of(const Photo& photo, const anonymize::Style& style,
                                    faces::FaceRecogniser& recogniser) {
  Bytes painted;
  if (style.kind != anonymize::StyleKind::none) {
    Recall recall(photo.face);
    anonymize::PictureOptions options;
    options.style = style;
    painted = TRY(anonymize::anonymize_picture(photo.file, photo.name, &recall, options)).output;
  }
  const media::RgbImage seen = TRY(media::decode_rgb(painted.empty() ? photo.file : painted, photo.name));
  return recogniser.embed(seen, photo.face.landmarks);
}

int rank_one(const std::vector<faces::FaceVector>& gallery,
             const std::vector<std::pair<std::size_t, faces::FaceVector>>& probes) {
  int right = 0;
  for (const auto& probe : probes) {
    const auto nearest = std::ranges::max_element(
        gallery, {}, [&](const faces::FaceVector& other) { return faces::cosine(other, probe.second); });
    if (static_cast<std::size_t>(nearest - gallery.begin()) == probe.first) ++right;
  }
  return right;
}

std::vector<std::pair<std::string, anonymize::Style>> styles() {
  std::vector<std::pair<std::string, anonymize::Style>> all;
  for (const auto kind :
       {anonymize::StyleKind::none, anonymize::StyleKind::blur, anonymize::StyleKind::pixelate,
        anonymize::StyleKind::solid, anonymize::StyleKind::image}) {
    anonymize::Style style;
    style.kind = kind;
    if (kind == anonymize::StyleKind::image) {
      auto image = std::make_shared<media::RgbImage>(media::RgbImage{{64, 64}, {}});
      for (int i = 0; i < 64 * 64; ++i)
        image->pixels.insert(image->pixels.end(), 3, static_cast<std::uint8_t>(i / 16));
      style.image = std::move(image);
    }
    all.emplace_back(kind == anonymize::StyleKind::none ? "(clear)" : anonymize::style_name(kind), style);
  }
  return all;
}

Result<void> run(const Arguments& arguments) {
  const Models models = TRY(open_models(arguments));
  const auto detector = TRY(analysis::FaceDetector::create(*models.runtime, models.store));
  const auto recogniser = TRY(faces::FaceRecogniser::create(*models.runtime, models.store));
  const std::vector<Person> people = TRY(load_people(arguments, *detector));
  anonymize::Style untouched;
  untouched.kind = anonymize::StyleKind::none;
  std::vector<faces::FaceVector> clear;
  for (const Person& person : people) {
    clear.push_back(TRY(vector_of(person.gallery, untouched, *recogniser)));
  }
  const auto probes =
      std::ranges::count_if(people, [](const Person& person) { return person.probe.has_value(); });
  fmt::print("{}: gallery of {} people, {} probes; by chance {:.2f}% are named\n", recogniser->model_id(),
             people.size(), probes, 100.0 / static_cast<double>(people.size()));
  fmt::print("{:<10} {:>22} {:>28}\n", "style", "clear gallery", "gallery painted alike");
  for (const auto& [name, style] : styles()) {
    std::vector<faces::FaceVector> alike;
    std::vector<std::pair<std::size_t, faces::FaceVector>> seen;
    for (std::size_t i = 0; i < people.size(); ++i) {
      alike.push_back(TRY(vector_of(people[i].gallery, style, *recogniser)));
      if (people[i].probe) seen.emplace_back(i, TRY(vector_of(*people[i].probe, style, *recogniser)));
    }
    const auto share = [&](int right) {
      return fmt::format("{} ({:.2f}%)", right,
                         100.0 * right / static_cast<double>(std::max<std::size_t>(1, seen.size())));
    };
    fmt::print("{:<10} {:>22} {:>28}\n", name, share(rank_one(clear, seen)), share(rank_one(alike, seen)));
  }
  return {};
}

}  // namespace
}  // namespace sightline::bench

int main(int argc, char** argv) {
  using namespace sightline;
  bench::Arguments arguments;
  CLI::App app{"Measures how many painted faces a recogniser names"};
  bench::add_options(app, arguments);
  app.add_option("--people", arguments.people, "At most so many; 0 = all");
  CLI11_PARSE(app, argc, argv);
  return bench::exit_status("bench_reidentify", bench::run(arguments));
}
