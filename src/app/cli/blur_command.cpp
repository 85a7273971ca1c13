#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <list>
#include <optional>
#include <span>

#include "app/cli/blur_file.h"
#include "app/cli/blur_models.h"
#include "app/cli/blur_options.h"
#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "app/cli/input_file.h"
#include "app/cli/output_target.h"
#include "base/words.h"
#include "sight/anonymize/batch.h"
#include "sight/tracking/tracks_file.h"

namespace sightline::cli {
namespace fs = std::filesystem;
namespace {

/// "3 faces, 1 of them doubtful", "250 frames, 2 face tracks; faces from 20 px of height on are found as a
/// rule"
std::string summary_of(const anonymize::ReportEntry& entry) {
  if (entry.kind == media::FileKind::picture) {
    const auto doubted = std::ranges::count_if(entry.faces, &anonymize::ReportFace::is_doubted);
    return counted(entry.faces.size(), "face") +
           (doubted > 0 ? fmt::format(", {} of them doubtful", doubted) : "");
  }
  return counted(entry.frames, "frame") + ", " + counted(entry.tracks.size(), "face track") +
         (entry.smallest_face > 0
              ? fmt::format("; faces from {} px of height on are found as a rule", entry.smallest_face)
              : "");
}

class BlurRun {
 public:
  BlurRun(const BlurFlags& flags, Program& program)
      : flags_(flags), program_(program), models_(flags_, program.locations) {}
  Result<void> run();

 private:
  [[nodiscard]] Result<anonymize::Batch> plan() const;
  [[nodiscard]] Result<void> check_flags(std::size_t jobs) const;
  void add(anonymize::ReportEntry entry);
  void add_failed(const fs::path& input, media::FileKind kind, const Error& error);
  void announce(const std::string& name, const BlurOutcome& outcome);
  struct Copy {
    std::string typed;
    InputFile file;
  };
  Result<void> read_pipes();
  [[nodiscard]] std::string relabelled(std::string text) const;
  [[nodiscard]] Result<BlurOutcome> process(BlurFile& file, const anonymize::BatchJob& job) const;
  void warn_of_unseen_photos();
  Result<void> write_report();

  BlurFlags flags_;
  std::list<Copy> copies_;  ///< of what flags name and can be read only once
  Program& program_;
  BlurModels models_;
  anonymize::ClipOptions options_;
  anonymize::Report report_;
  bool several_ = false;
  std::size_t failed_ = 0;
  ExitCode worst_ = kExitOk;
};

Result<void> BlurRun::check_flags(std::size_t jobs) const {
  const auto one_only = [&](const std::string& value, const char* flag) -> Result<void> {
    if (value.empty() || jobs == 1) return {};
    return fail(ErrorKind::invalid_argument,
                fmt::format("{} is for one clip; there are {}", flag, counted(jobs, "input")));
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

/// What comes through a pipe for --keep and --use-tracks is read more than once: the flags name a copy from
/// here on.
Result<void> BlurRun::read_pipes() {
  const auto copy = [&](std::string& name, std::uint64_t most) -> Result<void> {
    if (name.empty() || name == "-" || !is_pipe(name)) return {};
    auto known = std::ranges::find(copies_, name, &Copy::typed);
    if (known == copies_.end()) {
      InputFile file = TRY(InputFile::open(name, program_.locations.temporary, program_.stop, most));
      known = copies_.insert(known, Copy{name, std::move(file)});
    }
    name = known->file.path().string();
    return {};
  };
  for (std::string& photo : flags_.keep) TRY(copy(photo, kMaxPictureFile));
  return copy(flags_.use_tracks, tracking::TracksLimits().bytes);
}

/// A message with the pipes' names as they were typed.
std::string BlurRun::relabelled(std::string text) const {
  for (const Copy& copy : copies_) text = replaced(std::move(text), copy.file.path().string(), copy.typed);
  return text;
}

Result<BlurOutcome> BlurRun::process(BlurFile& file, const anonymize::BatchJob& job) const {
  auto outcome = file.process(job);
  if (!outcome) return fail(outcome.error().kind, relabelled(outcome.error().message));
  for (std::string& note : outcome->entry.notes) note = relabelled(note);
  return outcome;
}

/// Files, folders and patterns; or one input that comes through a pipe, or whose output is a stream.
Result<anonymize::Batch> BlurRun::plan() const {
  const bool piped = std::ranges::any_of(flags_.inputs, is_pipe);
  const std::string output = piped && flags_.output.empty() ? "-" : flags_.output;
  const bool streams = !output.empty() && is_stream(output);
  if (!piped && !streams) {
    return anonymize::plan_batch(flags_.inputs, output);
  }
  std::error_code ignored;
  const bool one = flags_.inputs.size() == 1 && !fs::is_directory(flags_.inputs.front(), ignored);
  if (!one) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("{} carries one picture or clip: name one input, and no folder",
                            piped ? "a pipe" : fmt::format("the output '{}'", output)));
  }
  if (output.ends_with('/') || fs::is_directory(output, ignored)) {
    return fail(
        ErrorKind::invalid_argument,
        fmt::format("'{}' is a folder, and what comes through a pipe has no name to bear in it; name a file "
                    "with -o",
                    output));
  }
  if (streams && flags_.json && writes_output(flags_, options_)) {
    return fail(ErrorKind::invalid_argument,
                "--json and the output would both go to standard output; use --report FILE");
  }
  return anonymize::Batch{{{flags_.inputs.front(), output}}, {}, false, false};
}

void BlurRun::add(anonymize::ReportEntry entry) {
  if (flags_.json) {
    fmt::print("{}", anonymize::entry_line(entry));
    std::fflush(stdout);
  }
  report_.entries.push_back(std::move(entry));
}

void BlurRun::add_failed(const fs::path& input, media::FileKind kind, const Error& error) {
  print_error(error);
  ++failed_;
  worst_ = exit_code(error.kind);
  anonymize::ReportEntry entry;
  entry.status = anonymize::ReportEntry::Status::failed;
  entry.kind = kind;
  entry.input.path = input.string();
  entry.error = error.message;
  add(std::move(entry));
}

/// Damage always, also of what was done before; warnings; what was done unless --quiet.
void BlurRun::announce(const std::string& name, const BlurOutcome& outcome) {
  const anonymize::ReportEntry& entry = outcome.entry;
  if (!outcome.damage.empty()) {
    print_line(fmt::format("sightline: '{}': {}; what could be read was processed", name, outcome.damage));
    if (worst_ == kExitOk) worst_ = kExitDamagedInput;
  }
  if (entry.status == anonymize::ReportEntry::Status::done_before) {
    if (!several_ && !flags_.quiet) {
      print_line(fmt::format("{} -> {}: done before; --force makes it anew", name, entry.output->path));
    }
    return;
  }
  for (const std::string& warning : outcome.warnings) print_line("sightline: warning: " + warning);
  if (flags_.quiet) return;
  for (const std::string& note : entry.notes) print_line(fmt::format("{}: note: {}", name, note));
  const std::string where = entry.output ? fmt::format(" -> {}", entry.output->path) : "";
  print_line(fmt::format("{}{}: {}", name, where, summary_of(entry)));
}

/// A photo that matched nobody in any of the inputs is likely a mistake.
void BlurRun::warn_of_unseen_photos() {
  if (flags_.keep.empty()) return;
  const auto kept = models_.kept();
  if (!kept) return;
  for (const std::string& photo : (*kept)->never_seen()) {
    print_line(relabelled(
        fmt::format("sightline: warning: --keep '{}': whoever is on it was surely seen nowhere", photo)));
  }
}

Result<void> BlurRun::write_report() {
  if (flags_.report.empty()) return {};
  report_.tool_version = SIGHTLINE_VERSION;
  report_.detector = models_.detectors();
  report_.runtime = models_.runtime();
  report_.style = options_.style;
  report_.scope = options_.tracker.scope;
  report_.threshold = options_.tracker.start_score;
  report_.picture_threshold = picture_threshold(flags_, options_);
  report_.metadata = flags_.metadata;
  report_.regions = options_.regions;
  report_.exclusions = options_.exclusions;
  report_.keep = flags_.keep;
  report_.use_tracks = flags_.use_tracks;
  report_.span = options_.span;
  const std::string text = anonymize::report_json(report_);
  const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  return write_file_atomically(flags_.report, bytes, true);
}

Result<void> BlurRun::run() {
  options_ = TRY(clip_options(flags_));
  if (options_.style.kind == anonymize::StyleKind::pixelate && writes_output(flags_, options_) &&
      !flags_.quiet) {
    print_line(
        "sightline: note: people who know somebody may still recognise them in a pixelated face; solid and "
        "blur leave nothing of it (docs/anonymity.md)");
  }
  const anonymize::Batch batch = TRY(plan());
  several_ = batch.several;
  TRY(check_flags(batch.jobs.size() + batch.left_out.size()));
  TRY(read_pipes());
  std::optional<anonymize::DoneRecord> record;
  if (batch.into_folders && writes_output(flags_, options_))
    record.emplace(TRY(settings_digest(flags_, options_)));
  BlurFile file(flags_, options_, program_, models_, !several_, record ? &*record : nullptr);
  for (const anonymize::LeftOut& left_out : batch.left_out) {
    add_failed(left_out.path, left_out.kind, {ErrorKind::unsupported, left_out.why});
  }
  std::size_t before = 0;  // done
  for (const anonymize::BatchJob& job : batch.jobs) {
    if (program_.stop.stop_requested()) return fail(ErrorKind::cancelled, "stopped on request");
    auto outcome = process(file, job);
    if (record) {
      for (const std::string& warning : record->take_warnings()) print_line("sightline: warning: " + warning);
    }
    if (outcome) {
      announce(outcome->entry.input.path, *outcome);
      before += outcome->entry.status == anonymize::ReportEntry::Status::done_before ? 1 : 0;
      add(std::move(outcome->entry));
      continue;
    }
    if (outcome.error().kind == ErrorKind::cancelled) return std::unexpected(std::move(outcome).error());
    add_failed(job.input, job.kind, outcome.error());
  }
  // Whom only what was done before shows was not looked for in this run.
  if (before == 0 && batch.jobs.size() + batch.left_out.size() > failed_) warn_of_unseen_photos();
  TRY(write_report());
  if (several_ && !flags_.quiet) {
    const std::size_t all = batch.jobs.size() + batch.left_out.size();
    fmt::print(stderr, "{} done, {} done before, {} failed\n", all - before - failed_, before, failed_);
  }
  program_.exit_code = failed_ > 0 && several_ ? kExitSomeFailed : worst_;
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
      // What passes through a pipe is not there for a second run.
      const bool pipes =
          std::ranges::any_of(flags->inputs, is_pipe) || (!flags->output.empty() && is_stream(flags->output));
      const std::string_view kept = flags->no_resume ? "nothing was written"
                                    : pipes          ? "nothing is kept of what comes or goes through a pipe"
                                            : "what is finished is kept: the same command goes on from there";
      fmt::print(stderr, "\nsightline: stopped; {}\n", kept);
    } else {
      print_error(done.error());
    }
    program.exit_code = exit_code(done.error().kind);
  });
}

}  // namespace sightline::cli
