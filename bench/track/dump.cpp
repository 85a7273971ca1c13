// bench_track_dump CLIP OUT.json: what the tracker makes of a clip, for bench/track/track.py.
//
// OUT: {"width","height","frames":[{"pts","boxes":[[track,x,y,w,h,score,origin],...]},...]} and on standard
// output the number of detections and the CPU time of each stage. --every-frame writes plain detections.

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <limits>
#include <map>
#include <string>

#include "sight/tracking/face_tracker.h"
#include "sight/tracking/frame_detection.h"

using namespace sightline;
namespace json = boost::json;

namespace {

struct Settings {
  std::string clip, out, scope = "balanced", models = "models", weights, cache, remembered;
  bool every_frame = false;
  bool verbose = false;
  int threads = 1;
  int step = 1;
  std::int64_t from = 0, until = std::numeric_limits<std::int64_t>::max();
  float min_score = 0.2F;
};

constexpr const char* kPassNames[] = {" ", " deep ", " coarse "};
constexpr const char* kPassMarks[] = {"", "D", "g"};

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

json::array box_of(const media::Box& box) {
  return {box.x, box.y, box.width, box.height};
}

/// Detections of earlier runs, so that the tracker's settings can be compared without the detector's time.
class Memory {
 public:
  explicit Memory(std::string path) : path_(std::move(path)) {
    std::ifstream file(path_);
    if (path_.empty() || !file) return;
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    known_ = json::parse(text).as_object();
  }
  Result<std::vector<analysis::Face>> get(const std::string& key,
                                          const std::function<Result<std::vector<analysis::Face>>()>& look) {
    if (const json::value* value = known_.if_contains(key)) {
      std::vector<analysis::Face> faces;
      for (const json::value& item : value->as_array()) {
        const json::array& a = item.as_array();
        const auto at = [&](std::size_t i) { return static_cast<float>(a[i].to_number<double>()); };
        analysis::Face face;
        face.box = {at(0), at(1), at(2), at(3)};
        face.score = at(4);
        face.confidence = at(5);
        faces.push_back(face);
      }
      return faces;
    }
    auto faces = TRY(look());
    json::array list;
    for (const analysis::Face& face : faces) {
      json::array item = box_of(face.box);
      item.push_back(face.score);
      item.push_back(face.confidence);
      list.push_back(std::move(item));
    }
    known_[key] = std::move(list);
    return faces;
  }
  void save() const {
    if (!path_.empty()) std::ofstream(path_) << json::serialize(known_);
  }

 private:
  std::string path_;
  json::object known_;
};

Result<void> run(const Settings& settings) {
  const analysis::Scope scope = TRY(analysis::parse_scope(settings.scope));
  auto runtime =
      TRY(inference::Runtime::create({inference::Precision::automatic, settings.threads, 2, settings.cache}));
  const auto models = TRY(inference::ModelStore::open({settings.models}, {settings.weights}));
  auto detector = TRY(analysis::FaceDetector::create(*runtime, models));
  auto reader = TRY(media::VideoReader::open(settings.clip, settings.threads));
  const media::VideoInfo info = reader.info();
  tracking::TrackerOptions options = tracking::tracker_options(scope);
  const float least = settings.every_frame ? settings.min_score : options.keep_score;
  const tracking::DetectFunction detect = tracking::bind_detector(*detector, info, scope, least);
  Memory memory(settings.remembered);
  int counts[3] = {0, 0, 0};
  double detecting = 0;
  const auto remembered = [&](const media::VideoFrame& frame, std::int64_t index, tracking::Pass pass) {
    ++counts[static_cast<int>(pass)];
    if (settings.verbose) std::printf("%s%d ", kPassMarks[static_cast<int>(pass)], static_cast<int>(index));
    const double start = cpu_seconds();
    auto faces = memory.get(
        settings.scope + kPassNames[static_cast<int>(pass)] + std::to_string(settings.from + index),
        [&] { return detect(frame, index, pass); });
    detecting += cpu_seconds() - start;
    return faces;
  };
  auto tracker = tracking::FaceTracker::create(options, info.orientation, remembered);
  json::array frames;
  const auto keep = [&](const std::vector<tracking::CoveredFrame>& done) {
    for (const tracking::CoveredFrame& covered : done) {
      json::array boxes;
      for (const tracking::TrackedBox& box : covered.tracks.boxes) {
        json::array item = {box.track};
        for (const json::value& side : box_of(box.box)) item.push_back(side);
        item.push_back(box.score);
        item.push_back(static_cast<int>(box.origin));
        boxes.push_back(std::move(item));
      }
      frames.push_back(json::object{{"pts", covered.tracks.pts}, {"boxes", std::move(boxes)}});
    }
  };
  double decoding = 0;
  double tracking_time = 0;
  for (std::int64_t place = 0; place < settings.until; ++place) {
    const double start = cpu_seconds();
    std::optional<media::VideoFrame> frame = TRY(reader.next());
    decoding += cpu_seconds() - start;
    if (!frame) break;
    if (place < settings.from) continue;
    const std::int64_t index = place - settings.from;
    if (settings.every_frame) {
      json::array boxes;
      std::vector<analysis::Face> faces;
      if (index % settings.step == 0) faces = TRY(remembered(*frame, index, tracking::Pass::normal));
      for (const analysis::Face& face : faces) {
        json::array item = {0};
        for (const json::value& side : box_of(face.box)) item.push_back(side);
        item.push_back(face.score);
        item.push_back(0);
        boxes.push_back(std::move(item));
      }
      frames.push_back(json::object{{"pts", frame->pts()}, {"boxes", std::move(boxes)}});
      continue;
    }
    const double pushed = cpu_seconds();
    keep(TRY(tracker->push(std::move(*frame))));
    tracking_time += cpu_seconds() - pushed;
  }
  const double pushed = cpu_seconds();
  if (!settings.every_frame) keep(TRY(tracker->finish()));
  tracking_time += cpu_seconds() - pushed - detecting;
  memory.save();
  const auto count = static_cast<double>(frames.size());
  const media::Size size = info.displayed_size();
  std::ofstream(settings.out) << json::serialize(
      json::object{{"width", size.width}, {"height", size.height}, {"frames", std::move(frames)}});
  std::printf(
      "%.0f frames, %d normal, %d deep and %d coarse detections; CPU s: decode %.2f, detect %.2f, track %.2f "
      "(%.2f ms a "
      "frame)\n",
      count, counts[0], counts[1], counts[2], decoding, detecting, std::max(0.0, tracking_time),
      1000 * std::max(0.0, tracking_time) / std::max(1.0, count));
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app{"Writes what the tracker makes of a clip"};
  app.add_option("clip", settings.clip)->required();
  app.add_option("out", settings.out)->required();
  app.add_option("--scope", settings.scope);
  app.add_option("--models", settings.models, "folder of model manifests");
  app.add_option("--weights", settings.weights, "folder of weights")->required();
  app.add_option("--cache", settings.cache, "folder of compiled models");
  app.add_option("--remember", settings.remembered, "file of detections to reuse and to add to");
  app.add_option("--min-score", settings.min_score, "raw score of --every-frame");
  app.add_option("--step", settings.step, "of --every-frame: only every n-th")->check(CLI::PositiveNumber);
  app.add_option("--from", settings.from, "first frame of the clip to look at, as if the clip began there");
  app.add_option("--until", settings.until, "frame before which the clip is taken to end");
  app.add_option("--threads", settings.threads);
  app.add_flag("--every-frame", settings.every_frame, "plain detections of every frame, no tracking");
  app.add_flag("--verbose", settings.verbose, "print the frames looked at");
  CLI11_PARSE(app, argc, argv);
  const Result<void> result = run(settings);
  if (!result) std::fprintf(stderr, "bench_track_dump: %s\n", result.error().message.c_str());
  return result ? 0 : 1;
}
