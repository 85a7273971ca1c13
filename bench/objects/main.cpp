// bench_objects: how well and how fast objects are found. Figures: docs/accuracy/labels.md.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <map>
#include <set>

#include "objects/scenes.h"
#include "sight/analysis/calibration.h"
#include "sight/analysis/picture_sources.h"
#include "sight/media/video_reader.h"
#include "sight/objects/unsafe_content.h"
#include "vision_arguments.h"

namespace sightline::bench {
namespace {

using objects::kCellPhone;
using objects::kPerson;
using objects::Look;
using objects::ObjectOptions;
using objects::PhoneLook;

constexpr float kSure = 0.4F;  ///< of a phone: the raw score that means a confidence of 0.85

struct Arguments : VisionArguments {
  float min_score = 0.05F;
  std::vector<std::string> what{"accuracy", "phones", "calibration", "unsafe", "clip"};
};

struct Bench {
  objects::ObjectDetector& detector;
  std::vector<Scene> coco;
  std::vector<Scene> phones;
  std::vector<Scene> close_phones;
  std::vector<Scene> without;  ///< pictures of other sets, without any phone
  float min_score;
};

struct Way {
  const char* name;
  ObjectOptions options;
};

std::vector<Way> ways(float min_score) {
  const Look small{{300, 300}, 1};
  const Look middle{{640, 480}, 1};
  const Look large{{800, 600}, 1};
  Look middle_half = middle;
  middle_half.max_side = 0.5F;
  std::vector<Way> all{{"300x300", {min_score, PhoneLook::none, {small}, {}}},
                       {"640x480", {min_score, PhoneLook::none, {middle}, {}}},
                       {"800x600", {min_score, PhoneLook::none, {large}, {}}},
                       {"300x300 and 640x480", {min_score, PhoneLook::none, {small, middle}, {}}},
                       {"300x300, and 640x480 for what takes less than half",
                        {min_score, PhoneLook::none, {small, middle_half}, {}}},
                       {"default: that, and 800x600 for phones", {}}};
  all.back().options.min_score = min_score;
  return all;
}

double cpu_ms() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

/// What is found in every scene; `ms`: median processor time, compilation left out.
Result<std::vector<Found>> found_in(Bench& bench, const std::vector<Scene>& scenes,
                                    const ObjectOptions& options, double* ms = nullptr) {
  std::vector<Found> all;
  std::vector<double> times;
  if (ms != nullptr) TRY(bench.detector.detect(analysis::RgbSource(scenes.front().image), options));
  for (const Scene& scene : scenes) {
    const double start = cpu_ms();
    all.push_back(TRY(bench.detector.detect(analysis::RgbSource(scene.image), options)));
    times.push_back(cpu_ms() - start);
  }
  std::ranges::sort(times);
  if (ms != nullptr) *ms = times[times.size() / 2];
  return all;
}

void append(std::vector<Judged>& to, const std::vector<Judged>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

std::size_t count_truth(const std::vector<Scene>& scenes, int kind) {
  std::size_t count = 0;
  for (const Scene& scene : scenes)
    count += static_cast<std::size_t>(
        std::ranges::count_if(scene.truth, [&](const TrueObject& object) { return object.kind == kind; }));
  return count;
}

Result<void> print_accuracy(Bench& bench) {
  fmt::print("\n## Average precision (IoU 0.5) on {} pictures of coco-dev\n\n", bench.coco.size());
  fmt::print(
      "| looks | mAP50 | person | recall/precision of people at raw 0.3 | ms CPU |\n|---|---|---|---|---|\n");
  for (const Way& way : ways(bench.min_score)) {
    double ms = 0;
    const auto found = TRY(found_in(bench, bench.coco, way.options, &ms));
    double sum = 0;
    int kinds = 0;
    Accuracy people;
    for (int kind = 0; kind < static_cast<int>(objects::kClasses); ++kind) {
      const std::size_t truth = count_truth(bench.coco, kind);
      if (truth == 0) continue;
      std::vector<Judged> judged;
      for (std::size_t i = 0; i < found.size(); ++i)
        append(judged, judge_kind(bench.coco[i], found[i], kind));
      const Accuracy result = accuracy(std::move(judged), truth, 0.3F);
      sum += result.average_precision;
      ++kinds;
      if (kind == kPerson) people = result;
    }
    fmt::print("| {} | {:.3f} ({} kinds) | {:.3f} | {:.2f}/{:.2f} | {:.0f} |\n", way.name, sum / kinds, kinds,
               people.average_precision, people.recall, people.precision, ms);
    std::fflush(stdout);
  }
  return {};
}

bool has_phone(const Scene& scene) {
  return std::ranges::any_of(scene.truth, [](const TrueObject& o) { return o.kind == kCellPhone; });
}

float best_phone(const Found& found) {
  float best = 0;
  for (const objects::Object& object : found)
    if (object.kind == kCellPhone) best = std::max(best, object.score);
  return best;
}

Result<void> print_phones(Bench& bench) {
  constexpr std::array kScores{0.15F, 0.3F, kSure, 0.5F};
  fmt::print(
      "\n## Mobile phones: recall at raw score 0.15, 0.3, 0.4 (a confidence of 85), 0.5; pictures with a "
      "false one\n\n");
  fmt::print(
      "| looks | {} pictures, whole | zoomed (phone 55 of 480) | false, {} of coco-dev | false, {} others |\n"
      "|---|---|---|---|---|\n",
      bench.phones.size(), std::ranges::count_if(bench.coco, [](const Scene& s) { return !has_phone(s); }),
      bench.without.size());
  for (const Way& way : ways(bench.min_score)) {
    fmt::print("| {} |", way.name);
    for (const bool close : {false, true}) {
      const auto& scenes = close ? bench.close_phones : bench.phones;
      const auto found = TRY(found_in(bench, scenes, way.options));
      for (const float least : kScores) {
        int hits = 0;
        for (std::size_t i = 0; i < scenes.size(); ++i)
          hits += std::ranges::any_of(judge_phone(scenes[i], found[i], close ? 2.2F : 1.0F),
                                      [&](const Judged& one) { return one.right && one.score >= least; });
        fmt::print(" {:.2f}", static_cast<double>(hits) / static_cast<double>(scenes.size()));
      }
      fmt::print(" |");
    }
    for (const auto* scenes : {&bench.coco, &bench.without}) {
      const auto found = TRY(found_in(bench, *scenes, way.options));
      for (const float least : kScores) {
        int wrong = 0;
        for (std::size_t i = 0; i < scenes->size(); ++i)
          wrong += !has_phone((*scenes)[i]) && best_phone(found[i]) >= least ? 1 : 0;
        fmt::print(" {}", wrong);
      }
      fmt::print(" |");
    }
    fmt::print("\n");
    std::fflush(stdout);
  }
  return {};
}

struct Bin {
  int count = 0;
  int right = 0;
  double confidence = 0;
};

constexpr std::array kEdges{0.0F, 0.1F, 0.25F, 0.4F, 0.55F, 0.7F, 0.85F, 0.95F, 1.01F};
using Bins = std::array<Bin, kEdges.size() - 1>;

void fill(Bins& bins, const std::vector<Judged>& judged, const inference::Calibration& knots) {
  for (const Judged& one : judged) {
    const float confidence = analysis::calibrated(knots, one.score);
    for (std::size_t i = 0; i < bins.size(); ++i) {
      if (confidence < kEdges[i] || confidence >= kEdges[i + 1]) continue;
      ++bins[i].count;
      bins[i].right += one.right ? 1 : 0;
      bins[i].confidence += static_cast<double>(confidence);
    }
  }
}

std::vector<Judged> joined(const std::vector<std::vector<Judged>>& all, std::size_t first, std::size_t step) {
  std::vector<Judged> result;
  for (std::size_t i = first; i < all.size(); i += step) append(result, all[i]);
  return result;
}

/// `judged`: one list a picture. Each half of the pictures is judged by the map that the other half gives.
void print_map(const char* name, const std::vector<std::vector<Judged>>& judged) {
  const auto knots = fit_calibration(joined(judged, 0, 1));
  fmt::print("\n### {}\n\ncalibration = [", name);
  for (std::size_t i = 0; i < knots.size(); ++i)
    fmt::print("{}[{:.3f}, {:.3f}]", i == 0 ? "" : ", ", knots[i].first, knots[i].second);
  fmt::print("]\n\n| confidence | detections | mean confidence | share right |\n|---|---|---|---|\n");
  Bins bins;
  fill(bins, joined(judged, 0, 2), fit_calibration(joined(judged, 1, 2)));
  fill(bins, joined(judged, 1, 2), fit_calibration(joined(judged, 0, 2)));
  for (std::size_t i = 0; i < bins.size(); ++i)
    if (bins[i].count > 0)
      fmt::print("| {:.2f} to {:.2f} | {} | {:.3f} | {:.3f} |\n", kEdges[i], std::min(1.0F, kEdges[i + 1]),
                 bins[i].count, bins[i].confidence / bins[i].count,
                 static_cast<double>(bins[i].right) / bins[i].count);
}

/// Of the best detection of every kind in every picture: whether the picture holds that kind.
std::vector<std::vector<Judged>> judge_presence(const Bench& bench, const std::vector<Found>& found,
                                                bool people) {
  std::vector<std::vector<Judged>> all;
  for (std::size_t i = 0; i < found.size(); ++i) {
    auto& judged = all.emplace_back();
    std::set<int> seen;
    for (const objects::Object& object : found[i]) {  // best first
      if ((object.kind == kPerson) != people || object.kind == kCellPhone || !seen.insert(object.kind).second)
        continue;
      const bool there = std::ranges::any_of(bench.coco[i].truth,
                                             [&](const TrueObject& o) { return o.kind == object.kind; });
      judged.push_back({object.score, there});
    }
  }
  return all;
}

Result<void> print_calibration(Bench& bench) {
  ObjectOptions options;
  options.min_score = bench.min_score;
  const auto found = TRY(found_in(bench, bench.coco, options));
  std::vector<std::vector<Judged>> people, phones, others;
  for (std::size_t i = 0; i < found.size(); ++i) {
    people.push_back(judge_kind(bench.coco[i], found[i], kPerson));
    phones.push_back(judge_kind(bench.coco[i], found[i], kCellPhone));
    Found rest = found[i];
    std::erase_if(rest, [](const auto& o) { return o.kind == kPerson || o.kind == kCellPhone; });
    others.push_back(judge_kind(bench.coco[i], rest, -1));
  }
  for (const auto* scenes : {&bench.phones, &bench.close_phones, &bench.without}) {
    const auto more = TRY(found_in(bench, *scenes, options));
    for (std::size_t i = 0; i < more.size(); ++i)
      phones.push_back(scenes == &bench.without
                           ? judge_kind((*scenes)[i], more[i], kCellPhone)
                           : judge_phone((*scenes)[i], more[i], scenes == &bench.phones ? 1.0F : 2.2F));
  }
  fmt::print("\n## Calibration\n");
  print_map("person: coco-dev", people);
  print_map("cell phone: coco-dev, phones-dev whole and zoomed, wider-dev, photos", phones);
  print_map("every other kind: coco-dev", others);
  print_map("pictures with a person: coco-dev", judge_presence(bench, found, true));
  print_map("pictures with any other kind but phones: coco-dev", judge_presence(bench, found, false));
  return {};
}

/// A man stands with a phone in his hand: in how many frames is it found?
Result<void> print_clip(Bench& bench, const std::filesystem::path& clip) {
  auto reader = TRY(media::VideoReader::open(clip));
  media::FrameConverter converter;
  ObjectOptions options;
  options.min_score = bench.min_score;
  int frames = 0;
  int phones = 0;
  int people = 0;
  while (const auto frame = TRY(reader.next())) {
    const auto image =
        TRY(converter.to_rgb(*frame, reader.info().orientation, reader.info().displayed_size()));
    const Found found = TRY(bench.detector.detect(analysis::RgbSource(image), options));
    ++frames;
    phones += best_phone(found) >= kSure ? 1 : 0;
    people += std::ranges::any_of(
        found, [](const objects::Object& o) { return o.kind == kPerson && o.presence >= 0.85F; });
  }
  fmt::print("\n## {}\n\n{} frames; a phone with a confidence of 85 in {}, a person in {}\n",
             clip.filename().string(), frames, phones, people);
  return {};
}

/// Scores of pictures that are all safe: there are none of the other kind to measure with.
Result<void> print_unsafe(Bench& bench, objects::UnsafeContentDetector& detector,
                          const std::filesystem::path& data) {
  fmt::print(
      "\n## Unsafe content: scores of safe pictures\n\n| pictures | count | median | 99 of 100 below | "
      "highest | >= 0.5 |\n"
      "|---|---|---|---|---|---|\n");
  std::vector<const media::RgbImage*> coco, others;
  for (const Scene& scene : bench.coco) coco.push_back(&scene.image);
  for (const Scene& scene : bench.without) others.push_back(&scene.image);
  std::vector<TestPicture> faces;
  std::error_code error;
  for (std::filesystem::directory_iterator it(data / "lfw-dev" / "images", error), end; !error && it != end;
       it.increment(error))
    for (TestPicture& picture : TRY(load_plain(it->path()))) faces.push_back(std::move(picture));
  std::vector<const media::RgbImage*> portraits;
  for (const TestPicture& picture : faces) portraits.push_back(&picture.image);
  double ms = 0;
  const std::array sets{std::pair{"coco-dev", &coco}, std::pair{"wider-dev and photos", &others},
                        std::pair{"lfw-dev: faces", &portraits}};
  for (const auto& [name, images] : sets) {
    std::vector<float> scores;
    const double start = cpu_ms();
    for (const media::RgbImage* image : *images)
      scores.push_back(TRY(detector.score(analysis::RgbSource(*image))));
    ms = (cpu_ms() - start) / static_cast<double>(images->size());
    std::ranges::sort(scores);
    fmt::print("| {} | {} | {:.4f} | {:.3f} | {:.3f} | {} |\n", name, scores.size(),
               scores[scores.size() / 2], scores[scores.size() * 99 / 100], scores.back(),
               std::ranges::count_if(scores, [](float score) { return score >= 0.5F; }));
  }
  fmt::print("\n{:.0f} ms CPU a picture\n", ms);
  return {};
}

Result<void> run(const Arguments& arguments) {
  const Models models = TRY(open_models(arguments));
  const auto detector = TRY(objects::ObjectDetector::create(*models.runtime, models.store));
  const auto unsafe = TRY(objects::UnsafeContentDetector::create(*models.runtime, models.store));
  Bench bench{*detector,
              TRY(load_coco(arguments.data / "coco-dev")),
              TRY(load_phones(arguments.data / "phones-dev")),
              {},
              {},
              arguments.min_score};
  for (const Scene& scene : bench.phones) bench.close_phones.push_back(zoomed(scene));
  for (TestPicture& picture : TRY(load_wider(arguments.data / "wider-dev")))
    bench.without.push_back({picture.name, std::move(picture.image), {}});
  for (TestPicture& picture : TRY(load_plain(arguments.data / "photos")))
    bench.without.push_back({picture.name, std::move(picture.image), {}});
  fmt::print("{}, {} thread(s), OpenVINO {}\n", detector->identity(), models.runtime->threads(),
             models.runtime->version());
  for (const std::string& part : arguments.what) {
    if (part == "accuracy") TRY(print_accuracy(bench));
    if (part == "phones") TRY(print_phones(bench));
    if (part == "calibration") TRY(print_calibration(bench));
    if (part == "clip") TRY(print_clip(bench, arguments.data / "video" / "street-640x360.mp4"));
    if (part == "unsafe") TRY(print_unsafe(bench, *unsafe, arguments.data));
  }
  return {};
}

}  // namespace
}  // namespace sightline::bench

int main(int argc, char** argv) {
  using namespace sightline;
  bench::Arguments arguments;
  CLI::App app{"Measures object detection"};
  bench::add_options(app, arguments);
  app.add_option("--min-score", arguments.min_score, "Raw score down to which detections count");
  app.add_option("--what", arguments.what, "accuracy, phones, calibration, unsafe, clip")
      ->check(CLI::IsMember({"accuracy", "phones", "calibration", "unsafe", "clip"}));
  CLI11_PARSE(app, argc, argv);
  return bench::exit_status("bench_objects", bench::run(arguments));
}
