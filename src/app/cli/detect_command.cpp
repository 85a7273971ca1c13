#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/drawing.h"
#include "app/cli/exit_codes.h"
#include "app/cli/input_file.h"
#include "app/cli/progress.h"
#include "app/cli/vision.h"
#include "base/file.h"
#include "base/utf8.h"
#include "base/words.h"
#include "sight/anonymize/clip_job.h"
#include "sight/anonymize/picture_job.h"
#include "sight/media/file_kind.h"
#include "sight/media/picture.h"

namespace sightline::cli {
namespace {

namespace json = boost::json;

constexpr const char* kDetectFooter = R"(Examples:
  sightline detect group.jpg                       one line a face
  sightline detect group.jpg --json | jq .faces[0].box
  sightline detect group.jpg --draw marked.png --scope thorough
  sightline detect clip.mp4                        one line a frame with faces
  cat clip.mp4 | sightline detect - --json         a JSON object for every frame)";

struct DetectFlags {
  std::string input;
  std::string draw;
  std::string scope = "balanced";
  double threshold = 0.2;
  int video_track = 0;  // 0: all
  bool json = false;
  bool force = false;
  VisionOptions vision;
};

/// Boost.JSON writes every double with an exponent; people read these.
std::string number(float value) {
  return fmt::format("{:.2f}", value);
}

std::string box_json(const media::Box& box) {
  return fmt::format("[{}, {}, {}, {}]", number(box.x), number(box.y), number(box.width), number(box.height));
}

std::string face_json(const analysis::Face& face) {
  std::string landmarks;
  for (const media::Point& point : face.landmarks) {
    landmarks += fmt::format("{}[{}, {}]", landmarks.empty() ? "" : ", ", number(point.x), number(point.y));
  }
  return fmt::format(R"({{"box": {}, "confidence": {:.4f}, "score": {:.4f}, "landmarks": [{}]}})",
                     box_json(face.box), face.confidence, face.score, landmarks);
}

void print_faces(const std::string& input, media::Size size, const std::vector<analysis::Face>& faces,
                 bool as_json) {
  if (as_json) {
    std::string list;
    for (const analysis::Face& face : faces) list += (list.empty() ? "" : ", ") + face_json(face);
    fmt::print("{{\"file\": {}, \"width\": {}, \"height\": {}, \"faces\": [{}]}}\n",
               json::serialize(json::string(as_utf8(input))), size.width, size.height, list);
    return;
  }
  fmt::print("{}: {}x{}, {}\n", printable(input), size.width, size.height, counted(faces.size(), "face"));
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const media::Box& box = faces[i].box;
    fmt::print("{:4}  x {:.0f}  y {:.0f}  {:.0f}x{:.0f}  confidence {:.1f}%\n", i + 1, box.x, box.y,
               box.width, box.height, 100 * faces[i].confidence);
  }
}

/// The drawing is what its name says; checked before the work is done.
Result<media::PictureFormat> drawing_format(const std::string& name) {
  if (const auto format = media::picture_format_of(std::filesystem::path(name))) return *format;
  return fail(ErrorKind::invalid_argument,
              fmt::format("--draw '{}': end the name in .png, .jpg or .webp", name));
}

Result<void> write_drawing(const DetectFlags& flags, media::RgbImage image,
                           const std::vector<analysis::Face>& faces) {
  draw_faces(image, faces);
  const media::PictureFormat format = TRY(drawing_format(flags.draw));
  const Bytes bytes = TRY(media::Picture::from_rgb(image).encode_as(format));
  return write_file_atomically(flags.draw, bytes, flags.force);
}

Result<void> detect_picture(const InputFile& input, const DetectFlags& flags, analysis::Scope scope,
                            models::ModelSet& models) {
  const Bytes bytes = TRY(read_file(input.path(), kMaxPictureFile));
  const media::Picture picture = TRY(media::Picture::decode(bytes, input.name()));
  analysis::DetectorOptions options = analysis::picture_options(scope);
  options.min_score = static_cast<float>(flags.threshold);
  const auto faces = TRY(anonymize::find_faces(picture, *TRY(models.picture_detector()), options));
  if (!flags.draw.empty()) TRY(write_drawing(flags, picture.to_rgb(picture.displayed_size()), faces));
  print_faces(input.name(), picture.displayed_size(), faces, flags.json);
  return {};
}

std::string frame_json(const media::VideoInfo& info, std::int64_t pts, double seconds,
                       const std::vector<tracking::TrackedBox>& boxes) {
  std::string list;
  for (const tracking::TrackedBox& box : boxes) {
    list += fmt::format(R"({}{{"track": {}, "box": {}, "confidence": {:.4f}}})", list.empty() ? "" : ", ",
                        box.track, box_json(box.box), box.score);
  }
  const std::string video = info.tracks > 1 ? fmt::format(R"("video": {}, )", info.track) : "";
  return fmt::format(R"({{{}"pts": {}, "seconds": {:.3f}, "faces": [{}]}})", video, pts, seconds, list);
}

/// The frame with the most faces, kept for --draw.
struct BestFrame {
  media::VideoInfo info;
  media::VideoFrame frame;
  std::vector<analysis::Face> faces;
};

Result<void> detect_clip(const InputFile& input, const DetectFlags& flags, analysis::Scope scope,
                         models::ModelSet& models, Program& program) {
  anonymize::ClipOptions options;
  options.tracker = tracking::tracker_options(scope);
  options.tracker.start_score = static_cast<float>(flags.threshold);
  options.tracker.keep_score = std::min(options.tracker.keep_score, options.tracker.start_score);
  options.video_track = flags.video_track;
  media::VideoInfo info;  // of the video track that is under way
  BestFrame best;
  ProgressMeter meter(flags.json ? ProgressStyle::quiet : default_progress_style(), input.name());
  anonymize::ClipObserver observer;
  observer.progress = [&](const anonymize::Progress& progress) {
    meter.update(progress.done, progress.total);
  };
  observer.video = [&](const media::VideoInfo& video) -> Result<void> {
    info = video;
    if (info.tracks > 1 && !flags.json) fmt::print("video track {}\n", info.track);
    return {};
  };
  observer.frame = [&](const tracking::CoveredFrame& covered) -> Result<void> {
    const auto& boxes = covered.tracks.boxes;
    const double seconds = static_cast<double>(covered.tracks.pts) * info.time_base.value();
    if (flags.json) {
      fmt::print("{}\n", frame_json(info, covered.tracks.pts, seconds, boxes));
    } else if (!boxes.empty()) {
      meter.clear();
      fmt::print("{:9.3f} s  {}:", seconds, counted(boxes.size(), "face"));
      for (const auto& box : boxes)
        fmt::print("  #{} {:.0f},{:.0f} {:.0f}x{:.0f}", box.track, box.box.x, box.box.y, box.box.width,
                   box.box.height);
      fmt::print("\n");
    }
    if (!flags.draw.empty() && (best.frame.empty() || boxes.size() > best.faces.size())) {
      best.info = info;
      best.frame = covered.frame;
      best.faces.clear();
      for (const auto& box : boxes) best.faces.push_back({box.box, box.score, box.score, {}});
    }
    return {};
  };
  const auto result =
      TRY(anonymize::track_clip(input.path(), TRY(models.clip_detector()), options, observer, program.stop));
  meter.clear();
  if (!flags.draw.empty()) {
    media::FrameConverter converter;
    TRY(write_drawing(flags,
                      TRY(converter.to_rgb(best.frame, best.info.orientation, best.info.displayed_size())),
                      best.faces));
  }
  if (result.damage.empty()) return {};
  program.exit_code = kExitDamagedInput;
  print_line(fmt::format("sightline: '{}': {}", input.name(), input.relabelled(result.damage)));
  return {};
}

Result<void> run(const DetectFlags& flags, Program& program) {
  const analysis::Scope scope = TRY(analysis::parse_scope(flags.scope));
  if (!flags.draw.empty()) TRY(drawing_format(flags.draw));
  const InputFile input = TRY(InputFile::open(flags.input, program.locations.temporary, program.stop));
  const auto detect = [&]() -> Result<void> {
    const Bytes head = TRY(read_head(input.path()));
    const media::FileKind kind = TRY(kind_to_read(head, input.name()));
    const auto models = TRY(open_models(program.locations, flags.vision));
    return kind == media::FileKind::picture ? detect_picture(input, flags, scope, *models)
                                            : detect_clip(input, flags, scope, *models, program);
  };
  const auto done = detect();
  if (!done) return fail(done.error().kind, input.relabelled(done.error().message));
  return {};
}

}  // namespace

void add_detect_command(CLI::App& app, Program& program) {
  auto flags = std::make_shared<DetectFlags>();
  CLI::App* command =
      app.add_subcommand("detect", "Find faces in a picture or a clip and say where they are");
  command->add_option("input", flags->input, "picture or clip; '-' is standard input")
      ->required()
      ->type_name("INPUT");
  command->add_flag("--json", flags->json,
                    "a JSON object (clips: one for each frame, a line each) on standard output");
  command
      ->add_option(
          "--draw", flags->draw,
          "write the picture (clips: the frame with most faces) with the faces marked, as .png, .jpg or "
          ".webp")
      ->type_name("FILE");
  command->add_flag("-f,--force", flags->force, "replace an existing drawing");
  command->add_option("--scope", flags->scope, "fast, balanced (default) or thorough")->type_name("NAME");
  command->add_option("--threshold,--thresh", flags->threshold, "raw score that makes a face, 0 to 1 (0.2)")
      ->check(CLI::Range(0.01, 0.99))
      ->type_name("SCORE");
  command
      ->add_option("--video-track", flags->video_track,
                   "only this video track of a clip with several, from 1 (default: all)")
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  command->add_option("--model", flags->vision.model, "one of `sightline models list` (centerface)")
      ->type_name("NAME");
  command->add_option("--precision", flags->vision.precision, "auto (default), fp32, bf16 or int8")
      ->type_name("NAME");
  command->add_option("--threads", flags->vision.threads, "for one detection")
      ->check(CLI::Range(0, 256))
      ->type_name("N");
  command->footer(kDetectFooter);
  command->callback([flags, &program] {
    if (auto done = run(*flags, program); !done) {
      print_error(done.error());
      program.exit_code = exit_code(done.error().kind);
    }
  });
}

}  // namespace sightline::cli
