#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/cli/blur_clip.h"
#include "app/cli/commands.h"
#include "app/cli/demo_clip.h"
#include "app/cli/exit_codes.h"
#include "base/words.h"

namespace sightline::cli {
namespace fs = std::filesystem;
namespace {

struct DemoFlags {
  std::string folder = "sightline-demo";
  bool quiet = false;
};

Result<void> run(const DemoFlags& flags, Program& program) {
  const fs::path folder = flags.folder;
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return std::unexpected(system_error("create the folder", folder, failed.value()));
  const fs::path clip = folder / "demo.mp4";
  const fs::path blurred = folder / "demo.blurred.mp4";
  const fs::path review = folder / "review.html";
  const ProgressStyle style = flags.quiet ? ProgressStyle::quiet : default_progress_style();
  {
    constexpr std::int64_t kSteps = 1000;
    ProgressMeter meter(style, "filming the demo clip", "");
    TRY(make_demo_clip(program.locations.demo_pictures, clip, program.stop, [&](double share) {
      meter.update(static_cast<std::int64_t>(share * static_cast<double>(kSteps)), kSteps);
    }));
  }
  BlurFlags blur;
  blur.force = true;
  blur.quiet = flags.quiet;
  blur.review = review.string();
  const anonymize::ClipOptions options = TRY(clip_options(blur));
  const auto models = TRY(open_models(program.locations, blur.vision));
  analysis::FaceDetector* const detector = TRY(models->clip_detector());
  ProgressMeter meter(style, "blurring it");
  const BlurOutcome outcome =
      TRY(blur_clip({clip, blurred, clip.string()}, blur, options, detector, nullptr, meter, program.stop));
  meter.clear();
  fmt::print(
      "{}, {}.\n\nLook at these two side by side:\n  {}\n  {}\nand at what was covered, "
      "strip by strip:\n  {}\n",
      counted(outcome.entry.frames, "frame"), counted(outcome.entry.tracks.size(), "face track"),
      fs::absolute(clip).string(), fs::absolute(blurred).string(), fs::absolute(review).string());
  return {};
}

}  // namespace

void add_demo_command(CLI::App& app, Program& program) {
  auto flags = std::make_shared<DemoFlags>();
  CLI::App* command =
      app.add_subcommand("demo", "Make a clip of public-domain photographs, blur it and say where to look");
  command->add_option("folder", flags->folder, "where to put it (sightline-demo)")->type_name("FOLDER");
  command->add_flag("-q,--quiet", flags->quiet, "no progress");
  command->footer("Example:\n  sightline demo /tmp/demo");
  command->callback([flags, &program] {
    if (auto done = run(*flags, program); !done) {
      print_error(done.error());
      program.exit_code = exit_code(done.error().kind);
    }
  });
}

}  // namespace sightline::cli
