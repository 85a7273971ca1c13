// bench_anonymity: how many painted faces the project's own detector finds again, for each style.
//
// Pictures: the annotated ones of wider-dev in their true shape, as JPEGs of quality 90, through
// anonymize_picture(). Clips: frames painted with the tracker's boxes, every n-th looked at; or, with
// --painted, the frames of a clip that `sightline blur` wrote, against the tracker's boxes of its input.
// A painted face counts as found again when a detection overlaps its box with an IoU of 0.5 (strict: 0.3).

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <boost/json.hpp>
#include <ctime>
#include <filesystem>
#include <map>
#include <string>

#include "base/file.h"
#include "sight/analysis/picture_sources.h"
#include "sight/anonymize/painter.h"
#include "sight/anonymize/picture_job.h"
#include "sight/media/frame_factory.h"
#include "sight/tracking/face_tracker.h"
#include "sight/tracking/frame_detection.h"

using namespace sightline;
namespace json = boost::json;

namespace {

struct Settings {
  std::string data = "../shared/data", models = "models", weights, cache, painted;
  std::vector<std::string> styles = {"blur", "pixelate", "solid"};
  std::vector<std::string> clips;
  int pictures = 100;
  int every = 6;
  int threads = 2;
  bool speed = false;
  float strength = 1;
  float margin = anonymize::Style{}.margin;
  std::string mask = "ellipse";
};

/// What one style left over. Faces come in four classes of height: under 20, 40, 80 pixels, and above.
struct Tally {
  std::array<int, 4> painted{};
  std::array<int, 4> again{};       ///< IoU 0.5, raw score 0.3
  std::array<int, 4> again_low{};   ///< IoU 0.5, raw score 0.2
  std::array<int, 4> strict{};      ///< IoU 0.3, raw score 0.3
  std::array<int, 4> strict_low{};  ///< IoU 0.3, raw score 0.2
};

std::size_t height_class(const media::Box& box) {
  return box.height < 20 ? 0 : box.height < 40 ? 1 : box.height < 80 ? 2 : 3;
}

void count(std::span<const media::Box> painted, std::span<const analysis::Face> found, Tally& tally) {
  for (const media::Box& box : painted) {
    const std::size_t bin = height_class(box);
    ++tally.painted[bin];
    bool hits[4] = {};
    for (const analysis::Face& face : found) {
      const float overlap = media::iou(box, face.box);
      if (overlap >= 0.3F) hits[0] = true;
      if (overlap >= 0.3F && face.score >= 0.3F) hits[1] = true;
      if (overlap >= 0.5F) hits[2] = true;
      if (overlap >= 0.5F && face.score >= 0.3F) hits[3] = true;
    }
    tally.strict_low[bin] += hits[0] ? 1 : 0;
    tally.strict[bin] += hits[1] ? 1 : 0;
    tally.again_low[bin] += hits[2] ? 1 : 0;
    tally.again[bin] += hits[3] ? 1 : 0;
  }
}

void print_header() {
  fmt::print("{:<22} {:>7} | {:>15} {:>15} | {:>15} {:>15} | again by height <20 <40 <80 >=80 (of)\n",
             "style", "painted", "again at 0.3", "at 0.2", "IoU 0.3: at 0.3", "at 0.2");
}

void print(const std::string& name, const Tally& tally) {
  const auto sum = [](const std::array<int, 4>& a) { return a[0] + a[1] + a[2] + a[3]; };
  const int painted = sum(tally.painted);
  const auto share = [&](const std::array<int, 4>& a) {
    return fmt::format("{} ({:.2f}%)", sum(a), 100.0 * sum(a) / std::max(1, painted));
  };
  fmt::print("{:<22} {:>7} | {:>15} {:>15} | {:>15} {:>15} | {} (of {})\n", name, painted, share(tally.again),
             share(tally.again_low), share(tally.strict), share(tally.strict_low),
             fmt::join(tally.again, " "), fmt::join(tally.painted, " "));
}

/// Says again what was found before.
class Recall : public analysis::FaceDetector {
 public:
  explicit Recall(std::vector<analysis::Face> faces) : faces_(std::move(faces)) {}
  Result<std::vector<analysis::Face>> detect(const analysis::PictureSource&,
                                             const analysis::DetectorOptions&) override {
    return faces_;
  }
  [[nodiscard]] std::string identity() const override { return "recall"; }

 private:
  std::vector<analysis::Face> faces_;
};

Result<anonymize::Style> style_of(const std::string& name, const Settings& settings) {
  anonymize::Style style;
  style.kind = TRY(anonymize::parse_style(name));
  style.shape = TRY(anonymize::parse_mask_shape(settings.mask));
  style.strength = settings.strength;
  style.margin = settings.margin;
  TRY(anonymize::check_style(style));
  return style;
}

Result<void> measure_pictures(const Settings& settings, analysis::FaceDetector& detector) {
  const std::filesystem::path folder = std::filesystem::path(settings.data) / "wider-dev";
  const Bytes text = TRY(read_file(folder / "gt_416.json", 64 << 20));
  const json::value truth =
      json::parse(std::string_view(reinterpret_cast<const char*>(text.data()), text.size()));
  std::map<std::string, Tally> tallies;
  int done = 0;
  for (const auto& [name, value] : truth.as_object()) {
    if (done++ == settings.pictures) break;
    const json::array& shape = value.at("orig").as_array();
    const media::Size size{shape[0].to_number<int>(), shape[1].to_number<int>()};
    const Bytes file = TRY(read_file(folder / "images" / std::string(name), 64 << 20));
    const media::Picture squeezed = TRY(media::Picture::decode(file, std::string(name)));
    const media::Picture stretched = media::Picture::from_rgb(squeezed.to_rgb(size));
    const Bytes photo = TRY(stretched.encode_as(media::PictureFormat::jpeg, 90));
    const media::Picture picture = TRY(media::Picture::decode(photo, std::string(name)));
    const anonymize::PictureOptions usual;
    Recall recall(TRY(anonymize::find_faces(picture, detector, usual.detector)));
    for (const std::string& style : settings.styles) {
      anonymize::PictureOptions options;
      options.style = TRY(style_of(style, settings));
      const auto result = TRY(anonymize::anonymize_picture(photo, std::string(name), &recall, options));
      const media::Picture painted = TRY(media::Picture::decode(result.output, std::string(name)));
      const auto found = TRY(anonymize::find_faces(painted, detector, usual.detector));
      std::vector<media::Box> boxes;
      boxes.reserve(result.faces.size());
      for (const analysis::Face& face : result.faces) boxes.push_back(face.box);
      count(boxes, found, tallies[style]);
    }
  }
  fmt::print("\nwider-dev, {} pictures, faces of raw score >= 0.2 painted\n",
             std::min(done, settings.pictures));
  print_header();
  for (const std::string& style : settings.styles) print(style, tallies[style]);
  return {};
}

/// The tracker's boxes are painted; frames to look at are compared with them.
class ClipMeasure {
 public:
  ClipMeasure(const Settings& settings, analysis::FaceDetector& detector, const media::VideoInfo& info)
      : settings_(settings),
        info_(info),
        look_(tracking::bind_detector(detector, info, analysis::Scope::balanced, 0.2F)) {}

  Result<void> add(const tracking::CoveredFrame& covered, media::VideoReader* painted_clip) {
    std::vector<media::Box> boxes;
    std::vector<anonymize::PaintArea> areas;
    for (const tracking::TrackedBox& box : covered.tracks.boxes) {
      boxes.push_back(box.box);
      areas.push_back({box.box, false});
    }
    std::optional<media::VideoFrame> written;
    if (painted_clip != nullptr) written = TRY(painted_clip->next());
    if (covered.index % settings_.every != 0 || boxes.empty()) return {};
    if (painted_clip != nullptr) {
      if (!written) return fail(ErrorKind::invalid_argument, "the painted clip is shorter than its input");
      count(boxes, TRY(look_(*written, covered.index, tracking::Pass::normal)), tallies["as written"]);
      return {};
    }
    for (const std::string& name : settings_.styles) {
      media::VideoFrame frame = covered.frame;
      TRY(anonymize::paint(frame, info_.orientation, areas, {}, TRY(style_of(name, settings_))));
      count(boxes, TRY(look_(frame, covered.index, tracking::Pass::normal)), tallies[name]);
    }
    return {};
  }

  std::map<std::string, Tally> tallies;

 private:
  const Settings& settings_;
  media::VideoInfo info_;
  tracking::DetectFunction look_;
};

Result<void> measure_clip(const std::string& clip, const Settings& settings,
                          analysis::FaceDetector& detector) {
  auto reader = TRY(media::VideoReader::open(clip, settings.threads));
  std::optional<media::VideoReader> painted;
  if (!settings.painted.empty()) painted = TRY(media::VideoReader::open(settings.painted, settings.threads));
  const media::VideoInfo info = reader.info();
  const tracking::TrackerOptions options = tracking::tracker_options(analysis::Scope::balanced);
  auto tracker = tracking::FaceTracker::create(
      options, info.orientation,
      tracking::bind_detector(detector, info, analysis::Scope::balanced, options.keep_score));
  ClipMeasure measure(settings, detector, info);
  const auto take = [&](const std::vector<tracking::CoveredFrame>& done) -> Result<void> {
    for (const tracking::CoveredFrame& frame : done) TRY(measure.add(frame, painted ? &*painted : nullptr));
    return {};
  };
  for (;;) {
    std::optional<media::VideoFrame> frame = TRY(reader.next());
    if (!frame) break;
    TRY(take(TRY(tracker->push(std::move(*frame)))));
  }
  TRY(take(TRY(tracker->finish())));
  fmt::print("\n{}, every {}th frame, the tracker's boxes painted\n",
             std::filesystem::path(clip).filename().string(), settings.every);
  print_header();
  for (const auto& [name, tally] : measure.tallies) print(name, tally);
  return {};
}

/// CPU time of painting one face of 100x130 pixels on a 1080p frame that nobody else holds.
Result<void> measure_speed(const Settings& settings) {
  constexpr int kRuns = 1000;
  media::VideoFrame frame = TRY(media::make_frame({1920, 1080}, 8, 1, 1, 0));
  const std::array<anonymize::PaintArea, 1> areas = {{{{500, 400, 100, 130}, false}}};
  fmt::print("\none face of 100x130 on a 1080p frame, CPU time\n");
  for (const std::string& name : settings.styles) {
    const anonymize::Style style = TRY(style_of(name, settings));
    const std::clock_t start = std::clock();
    for (int i = 0; i < kRuns; ++i) TRY(anonymize::paint(frame, {}, areas, {}, style));
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    fmt::print("{:<10} {:.3f} ms\n", name, 1000 * seconds / kRuns);
  }
  return {};
}

Result<void> run(const Settings& settings) {
  if (settings.speed) return measure_speed(settings);
  auto runtime =
      TRY(inference::Runtime::create({inference::Precision::automatic, settings.threads, 2, settings.cache}));
  const auto models = TRY(inference::ModelStore::open({settings.models}, {settings.weights}));
  auto detector = TRY(analysis::FaceDetector::create(*runtime, models));
  if (settings.pictures > 0) TRY(measure_pictures(settings, *detector));
  for (const std::string& clip : settings.clips) TRY(measure_clip(clip, settings, *detector));
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app{"Counts the painted faces that the detector finds again"};
  app.add_option("--data", settings.data, "folder of measurement data");
  app.add_option("--models", settings.models, "folder of model manifests");
  app.add_option("--weights", settings.weights, "folder of weights; not needed for --speed");
  app.add_option("--cache", settings.cache, "folder of compiled models");
  app.add_option("--styles", settings.styles)->delimiter(',');
  app.add_option("--pictures", settings.pictures, "how many of wider-dev; 0 for none");
  app.add_option("--clip", settings.clips, "a clip to track, paint and look at; may be given again");
  app.add_option("--painted", settings.painted, "what `sightline blur` made of that one clip");
  app.add_option("--every", settings.every, "of a clip, look at each n-th frame")->check(CLI::PositiveNumber);
  app.add_option("--strength", settings.strength);
  app.add_option("--margin", settings.margin);
  app.add_option("--mask", settings.mask);
  app.add_option("--threads", settings.threads);
  app.add_flag("--speed", settings.speed, "only what painting costs");
  CLI11_PARSE(app, argc, argv);
  const Result<void> result = run(settings);
  if (!result) fmt::print(stderr, "bench_anonymity: {}\n", result.error().message);
  return result ? 0 : 1;
}
