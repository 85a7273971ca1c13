#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "app/cli/blur_clip.h"
#include "app/cli/blur_options.h"
#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "base/ascii.h"
#include "base/sha256.h"
#include "sight/anonymize/batch.h"
#include "sight/anonymize/picture_job.h"

namespace sightline::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMaxPictureFile = 512U << 20;

/// A picture is written in its own format: a name that says another would lie.
Result<void> check_picture_name(const Bytes& bytes, const anonymize::BatchJob& job) {
  const std::string ending = to_lower(job.output.extension().string());
  if (ending == to_lower(job.input.extension().string())) return {};
  const bool png = bytes.size() > 1 && bytes[0] == 0x89;
  const bool webp = bytes.size() > 1 && bytes[0] == 'R';
  const bool fits = png    ? ending == ".png"
                    : webp ? ending == ".webp"
                           : ending == ".jpg" || ending == ".jpeg" || ending == ".jpe";
  if (fits) return {};
  return fail(
      ErrorKind::invalid_argument,
      fmt::format("'{}' is a {} picture and stays one; give the output '{}' that ending", job.input.string(),
                  png    ? "PNG"
                  : webp ? "WebP"
                         : "JPEG",
                  job.output.string()));
}

/// "3 faces, 1 of them doubtful"
std::string picture_summary(const anonymize::ReportEntry& entry) {
  const auto doubted = std::ranges::count_if(entry.faces, &anonymize::ReportFace::is_doubted);
  return fmt::format("{} face{}{}", entry.faces.size(), entry.faces.size() == 1 ? "" : "s",
                     doubted > 0 ? fmt::format(", {} of them doubtful", doubted) : "");
}

class BlurRun {
 public:
  BlurRun(const BlurFlags& flags, Program& program) : flags_(flags), program_(program) {}
  Result<void> run();

 private:
  [[nodiscard]] Result<void> check_flags(std::size_t jobs) const;
  [[nodiscard]] Result<BlurOutcome> process(const anonymize::BatchJob& job);
  [[nodiscard]] Result<BlurOutcome> process_picture(const anonymize::BatchJob& job);
  [[nodiscard]] Result<Vision*> vision();
  // nullptr where the faces are known already.
  [[nodiscard]] Result<analysis::FaceDetector*> clip_detector();
  [[nodiscard]] Result<analysis::FaceDetector*> picture_detector();
  void note_detector(const analysis::FaceDetector& detector);
  [[nodiscard]] Result<const anonymize::KeptPeople*> kept();
  [[nodiscard]] Result<void> pipe_picture();
  [[nodiscard]] Result<anonymize::PictureOptions> picture_options();
  [[nodiscard]] float picture_threshold() const {
    return flags_.threshold > 0 ? static_cast<float>(flags_.threshold)
                                : analysis::picture_options(options_.tracker.scope).min_score;
  }
  [[nodiscard]] bool writes() const { return options_.style.kind != anonymize::StyleKind::none; }
  void tell(const anonymize::BatchJob& job, const BlurOutcome& outcome);
  Result<void> write_report();

  const BlurFlags& flags_;
  Program& program_;
  anonymize::ClipOptions options_;
  std::unique_ptr<Vision> vision_;  // opened when the first input needs it
  std::optional<anonymize::KeptPeople> kept_;
  anonymize::Report report_;
  std::size_t failed_ = 0;
  ExitCode worst_ = kExitOk;
};

Result<Vision*> BlurRun::vision() {
  if (!vision_) {
    vision_ = TRY(Vision::open(program_.locations, flags_.vision));
    report_.runtime = vision_->runtime().version();
  }
  return vision_.get();
}

Result<analysis::FaceDetector*> BlurRun::clip_detector() {
  if (!flags_.use_tracks.empty()) return nullptr;
  analysis::FaceDetector* const faces = TRY(TRY(vision())->clip_detector());
  note_detector(*faces);
  return faces;
}

Result<analysis::FaceDetector*> BlurRun::picture_detector() {
  if (!flags_.use_tracks.empty()) return nullptr;
  analysis::FaceDetector* const faces = TRY(TRY(vision())->picture_detector());
  note_detector(*faces);
  return faces;
}

/// The report names each detector that looked at something.
void BlurRun::note_detector(const analysis::FaceDetector& detector) {
  const std::string identity = detector.identity();
  if (report_.detector.find(identity) != std::string::npos) return;
  report_.detector += (report_.detector.empty() ? "" : "; ") + identity;
}

Result<const anonymize::KeptPeople*> BlurRun::kept() {
  if (flags_.keep.empty()) return nullptr;
  if (kept_) return &*kept_;
  analysis::FaceDetector* const faces = TRY(picture_detector());
  // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): --keep is refused where this is null
  kept_.emplace(*faces, *TRY(vision_->recogniser()));
  for (const std::string& photo : flags_.keep) {
    TRY(kept_->add_photo(TRY(read_file(photo, kMaxPictureFile)), photo));
  }
  return &*kept_;
}

Result<anonymize::PictureOptions> BlurRun::picture_options() {
  anonymize::PictureOptions options;
  options.kept = TRY(kept());
  options.style = options_.style;
  options.detector = analysis::picture_options(options_.tracker.scope);
  options.detector.min_score = picture_threshold();
  options.detector.max_side = options_.detection_side;
  for (const anonymize::Region& region : options_.regions) options.regions.push_back(region.box);
  for (const anonymize::Region& region : options_.exclusions) options.exclusions.push_back(region.box);
  options.metadata = options_.metadata;
  return options;
}

Result<void> BlurRun::check_flags(std::size_t jobs) const {
  const auto one_only = [&](const std::string& value, const char* flag) -> Result<void> {
    if (value.empty() || jobs == 1) return {};
    return fail(ErrorKind::invalid_argument,
                fmt::format("{} is for one clip; there are {} inputs", flag, jobs));
  };
  TRY(one_only(flags_.tracks, "--tracks"));
  TRY(one_only(flags_.use_tracks, "--use-tracks"));
  TRY(one_only(flags_.review, "--review"));
  if (!flags_.keep.empty() && !flags_.use_tracks.empty()) {
    return fail(
        ErrorKind::invalid_argument,
        "--keep chooses among the faces that are found, --use-tracks names the boxes: give one of them");
  }
  if (flags_.tracks_only && flags_.tracks.empty() && flags_.review.empty() && flags_.report.empty() &&
      !flags_.json) {
    return fail(ErrorKind::invalid_argument, "--tracks-only writes nothing by itself; add --tracks FILE");
  }
  return {};
}

Result<BlurOutcome> BlurRun::process_picture(const anonymize::BatchJob& job) {
  if (!flags_.tracks.empty() || !flags_.use_tracks.empty() || !flags_.review.empty() || flags_.tracks_only) {
    return fail(
        ErrorKind::invalid_argument,
        fmt::format("'{}' is a picture; --tracks, --tracks-only, --use-tracks and --review are for clips",
                    job.input.string()));
  }
  const Bytes bytes = TRY(read_file(job.input, kMaxPictureFile));
  if (writes()) TRY(check_picture_name(bytes, job));
  const auto result = TRY(anonymize::anonymize_picture(bytes, job.input.string(), TRY(picture_detector()),
                                                       TRY(picture_options())));
  if (writes()) TRY(write_file_atomically(job.output, result.output, flags_.force));
  BlurOutcome outcome;
  outcome.entry = anonymize::picture_entry(result);
  outcome.entry.input = {job.input.string(), bytes.size(), result.input_sha256};
  if (writes()) outcome.entry.output = {job.output.string(), result.output.size(), result.output_sha256};
  return outcome;
}

Result<BlurOutcome> BlurRun::process(const anonymize::BatchJob& job) {
  const bool is_picture = TRY(is_picture_file(job.input));
  if (writes() && !flags_.tracks_only) TRY(anonymize::check_output(job.input, job.output, flags_.force));
  if (writes() && job.output.has_parent_path()) {
    std::error_code failed;
    fs::create_directories(job.output.parent_path(), failed);
    if (failed)
      return std::unexpected(system_error("create the folder", job.output.parent_path(), failed.value()));
  }
  if (is_picture) return process_picture(job);
  ProgressMeter meter(flags_.quiet ? ProgressStyle::quiet : default_progress_style(),
                      job.input.filename().string());
  analysis::FaceDetector* const faces = TRY(clip_detector());
  return blur_clip(job.input, job.output, flags_, options_, faces, TRY(kept()), meter, program_.stop);
}

void BlurRun::tell(const anonymize::BatchJob& job, const BlurOutcome& outcome) {
  const anonymize::ReportEntry& entry = outcome.entry;
  if (!outcome.damage.empty()) {
    fmt::print(stderr, "sightline: '{}': {}; what could be read was processed\n", job.input.string(),
               outcome.damage);
    if (worst_ == kExitOk) worst_ = kExitDamagedInput;
  }
  if (flags_.quiet) return;
  for (const std::string& note : entry.notes) fmt::print(stderr, "{}: note: {}\n", job.input.string(), note);
  const std::string found =
      entry.kind == anonymize::ReportEntry::Kind::picture
          ? picture_summary(entry)
          : fmt::format("{} frames, {} face track{}{}", entry.frames, entry.tracks.size(),
                        entry.tracks.size() == 1 ? "" : "s",
                        entry.smallest_face > 0
                            ? fmt::format("; faces from {} px of height on are covered", entry.smallest_face)
                            : "");
  const std::string where = entry.output ? fmt::format(" -> {}", entry.output->path) : "";
  fmt::print(stderr, "{}{}: {}\n", job.input.string(), where, found);
}

Result<void> BlurRun::pipe_picture() {
  const Bytes bytes = TRY(read_file("/dev/stdin", kMaxPictureFile));
  if (bytes.empty()) return fail(ErrorKind::corrupt, "standard input is empty; pipe a picture into it");
  const auto result = TRY(
      anonymize::anonymize_picture(bytes, "standard input", TRY(picture_detector()), TRY(picture_options())));
  if (!writes()) return {};
  if (!flags_.output.empty() && flags_.output != "-") {
    return write_file_atomically(flags_.output, result.output, flags_.force);
  }
  if (std::fwrite(result.output.data(), 1, result.output.size(), stdout) != result.output.size() ||
      std::fflush(stdout) != 0) {
    return std::unexpected(system_error("write", "standard output", errno));
  }
  return {};
}

Result<void> BlurRun::write_report() {
  if (flags_.report.empty() && !flags_.json) return {};
  report_.tool_version = SIGHTLINE_VERSION;
  report_.style = options_.style;
  report_.scope = options_.tracker.scope;
  report_.threshold = options_.tracker.start_score;
  report_.settings.emplace_back("picture_threshold", fmt::format("{}", picture_threshold()));
  report_.settings.emplace_back("metadata", flags_.metadata);
  const std::string text = anonymize::report_json(report_);
  if (flags_.json) fmt::print("{}", text);
  if (flags_.report.empty()) return {};
  const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  return write_file_atomically(flags_.report, bytes, true);
}

Result<void> BlurRun::run() {
  options_ = TRY(clip_options(flags_));
  if (flags_.inputs == std::vector<std::string>{"-"}) return pipe_picture();
  const anonymize::Batch batch = TRY(anonymize::plan_batch(
      flags_.inputs, flags_.output, flags_.force ? anonymize::Finished::redo : anonymize::Finished::skip));
  TRY(check_flags(batch.jobs.size() + batch.done.size()));
  for (const anonymize::BatchJob& job : batch.jobs) {
    if (program_.stop.stop_requested()) return fail(ErrorKind::cancelled, "stopped on request");
    auto outcome = process(job);
    if (outcome) {
      tell(job, *outcome);
      report_.entries.push_back(std::move(outcome->entry));
      continue;
    }
    if (outcome.error().kind == ErrorKind::cancelled) return std::unexpected(std::move(outcome).error());
    print_error(outcome.error());
    ++failed_;
    worst_ = exit_code(outcome.error().kind);
    anonymize::ReportEntry entry;
    entry.input.path = job.input.string();
    entry.error = outcome.error().message;
    report_.entries.push_back(std::move(entry));
  }
  TRY(write_report());
  if (batch.several && !flags_.quiet) {
    fmt::print(stderr, "{} done, {} done before, {} failed\n", batch.jobs.size() - failed_, batch.done.size(),
               failed_);
  }
  program_.exit_code = failed_ > 0 && batch.several ? kExitSomeFailed : worst_;
  return {};
}

}  // namespace

void add_blur_command(CLI::App& app, Program& program) {
  auto flags = std::make_shared<BlurFlags>();
  CLI::App* command = app.add_subcommand("blur", "Make the faces in pictures and clips unrecognisable");
  add_blur_flags(*command, *flags);
  command->callback([flags, &program] {
    BlurRun run(*flags, program);
    const auto done = run.run();
    if (done) return;
    if (done.error().kind == ErrorKind::cancelled) {
      const std::string_view kept = flags->no_resume
                                        ? "nothing was written"
                                        : "what is finished is kept: the same command goes on from there";
      fmt::print(stderr, "\nsightline: stopped; {}\n", kept);
    } else {
      print_error(done.error());
    }
    program.exit_code = exit_code(done.error().kind);
  });
}

}  // namespace sightline::cli
