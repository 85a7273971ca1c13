#include "app/cli/blur_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "app/cli/output_target.h"
#include "app/cli/progress.h"
#include "base/paths.h"
#include "sight/anonymize/area_check.h"

namespace sightline::cli {
namespace fs = std::filesystem;
namespace {

/// The nearest folder above it that is there.
fs::path existing_folder(const fs::path& path) {
  std::error_code ignored;
  fs::path folder = folder_of(path);
  while (!fs::is_directory(folder, ignored) && folder.has_parent_path() && folder != folder.parent_path()) {
    folder = folder_of(folder);
  }
  return fs::is_directory(folder, ignored) ? folder : fs::path(".");
}

/// Whether a file was asked for and is not there.
bool is_missing(const std::string& file) {
  std::error_code ignored;
  return !file.empty() && !fs::exists(file, ignored);
}

}  // namespace

bool writes_output(const BlurFlags& flags, const anonymize::ClipOptions& options) {
  return options.style.kind != anonymize::StyleKind::none && !flags.tracks_only;
}

float picture_threshold(const BlurFlags& flags, const anonymize::ClipOptions& options) {
  return flags.threshold > 0 ? static_cast<float>(flags.threshold)
                             : analysis::picture_options(options.tracker.scope).min_score;
}

Result<anonymize::PictureOptions> BlurFile::picture_options() {
  anonymize::PictureOptions options;
  options.kept = TRY(models_.kept());
  options.style = options_.style;
  options.detector = analysis::picture_options(options_.tracker.scope);
  options.detector.min_score = picture_threshold(flags_, options_);
  options.detector.max_side = options_.detection_side;
  for (const anonymize::Region& region : options_.regions) options.regions.push_back(region.box);
  for (const anonymize::Region& region : options_.exclusions) options.exclusions.push_back(region.box);
  options.metadata = options_.metadata;
  return options;
}

Result<void> BlurFile::write_picture(const fs::path& output, const anonymize::PictureResult& result) {
  PendingFile file = TRY(PendingFile::create(output));
  TRY(file.write(result.output));
  note_done(file.temporary_path(), result.input_sha256, "");
  return file.commit(flags_.force);
}

/// One that cannot be noted is done all the same; the next run will ask what it is.
void BlurFile::note_done(const fs::path& made, const std::string& sha256, const std::string& damage) {
  if (record_ == nullptr) return;
  source_.sha256 = sha256;
  source_.damage = damage;
  if (const auto noted = record_->add(made, output_, source_); !noted) {
    warnings_.push_back(fmt::format("'{}' is written, but the next run will not know it for done: {}",
                                    output_.string(), noted.error().message));
  }
}

Result<BlurOutcome> BlurFile::process_picture(const InputFile& input, const fs::path& output) {
  if (!flags_.tracks.empty() || !flags_.use_tracks.empty() || !flags_.review.empty() || flags_.tracks_only) {
    return fail(
        ErrorKind::invalid_argument,
        fmt::format("'{}' is a picture; --tracks, --tracks-only, --use-tracks and --review are for clips",
                    input.name()));
  }
  if (only_input_ && (options_.span.from || options_.span.to)) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("'{}' is a picture; --from and --to are for clips", input.name()));
  }
  const bool streams = writes_output(flags_, options_) && is_stream(output.string());
  std::optional<OutputStream> stream;
  if (streams) stream.emplace(TRY(OutputStream::open(output.string())));
  const Bytes bytes = TRY(read_file(input.path(), kMaxPictureFile));
  if (const auto format = media::picture_format_of(bytes);
      format && writes_output(flags_, options_) && !streams) {
    TRY(media::check_picture_ending(output, *format, input.name()));
  }
  const auto result = TRY(anonymize::anonymize_picture(bytes, input.name(), TRY(models_.picture_detector()),
                                                       TRY(picture_options())));
  BlurOutcome outcome;
  const auto missing = anonymize::areas_outside({&result.size, 1}, options_.regions, options_.exclusions);
  TRY(report_missing(input.name(), only_input_, missing, outcome.warnings));
  if (only_input_ && !flags_.keep.empty() && !TRY(models_.kept())->any_seen()) {
    return std::unexpected(nobody_stays(input.name()));
  }
  outcome.entry = anonymize::picture_entry(result);
  const auto excluded = std::ranges::count_if(result.faces, [&](const analysis::Face& face) {
    return anonymize::is_excluded(face.box, options_.exclusions, std::nullopt);
  });
  anonymize::note_excluded(outcome.entry, static_cast<std::size_t>(excluded),
                           writes_output(flags_, options_));
  outcome.entry.input = {input.name(), bytes.size(), result.input_sha256};
  if (!writes_output(flags_, options_)) return outcome;
  if (stream) {
    TRY(stream->write(result.output, program_.stop));
  } else {
    TRY(write_picture(output, result));
  }
  outcome.entry.output = {output.string(), result.output.size(), result.output_sha256};
  return outcome;
}

Result<BlurOutcome> BlurFile::process_clip(const InputFile& input, const fs::path& output,
                                           anonymize::ClipOptions options) {
  options.replace_output = options.replace_output || replaces_;
  ProgressMeter meter(flags_.quiet ? ProgressStyle::quiet : default_progress_style(),
                      fs::path(input.name()).filename().string());
  analysis::FaceDetector* const faces = TRY(models_.clip_detector());
  const auto finished = [this](const fs::path& made, const std::string& sha256, const std::string& damage) {
    note_done(made, sha256, damage);
  };
  return blur_clip({input.path(), output, input.name(), only_input_, finished}, flags_, std::move(options),
                   faces, TRY(models_.kept()), meter, program_.stop);
}

/// A container is written with seeking: into a file first, whose bytes then follow.
Result<BlurOutcome> BlurFile::stream_clip(const InputFile& input, const fs::path& output,
                                          const std::string& ending) {
  OutputStream stream = TRY(OutputStream::open(output.string()));
  const PrivateFolder folder = TRY(PrivateFolder::create(program_.locations.temporary));
  const fs::path file = folder.path() / ("output" + ending);
  anonymize::ClipOptions options = options_;
  options.resume = false;  // nobody could name the folder to go on in
  BlurOutcome outcome = TRY(process_clip(input, file, std::move(options)));
  TRY(stream.write_file(file, program_.stop));
  if (outcome.entry.output) outcome.entry.output->path = output.string();
  return outcome;
}

Result<BlurOutcome> BlurFile::process_file(const InputFile& input, const fs::path& output) {
  const Bytes head = TRY(read_head(input.path()));
  const bool streams = is_stream(output.string());
  if (writes_output(flags_, options_) && !streams) {
    std::error_code failed;
    fs::create_directories(folder_of(output), failed);
    if (failed) return std::unexpected(system_error("create the folder", folder_of(output), failed.value()));
  }
  if (TRY(kind_to_read(head, input.name())) == media::FileKind::picture)
    return process_picture(input, output);
  const std::string ending = media::output_ending(fs::path(input.name()).filename(), head);
  BlurOutcome outcome =
      TRY(writes_output(flags_, options_) && streams ? stream_clip(input, output, ending)
                                                     : process_clip(input, output, options_));
  outcome.entry.input.path = input.name();
  return outcome;
}

Result<std::optional<BlurOutcome>> BlurFile::done_before(const anonymize::BatchJob& job) {
  auto free = anonymize::check_output(job.input, job.output, flags_.force);
  if (free) return std::nullopt;
  if (record_ == nullptr || free.error().kind != ErrorKind::already_exists) {
    return std::unexpected(std::move(free).error());
  }
  const anonymize::OutputSource source = TRY(record_->find(job.input, job.output));
  // Asked for later, or a run was stopped before it was written: it is made with the same output once more.
  replaces_ = is_missing(flags_.tracks) || is_missing(flags_.review);
  if (replaces_) return std::nullopt;
  BlurOutcome outcome;
  outcome.damage = source.damage;
  outcome.entry.status = anonymize::ReportEntry::Status::done_before;
  outcome.entry.kind = job.kind;
  outcome.entry.input = {job.input.string(), 0, ""};
  outcome.entry.output = anonymize::ReportFile{job.output.string(), 0, ""};
  return outcome;
}

Result<BlurOutcome> BlurFile::process(const anonymize::BatchJob& job) {
  const bool to_file = writes_output(flags_, options_) && !is_stream(job.output.string());
  replaces_ = false;
  if (to_file) {
    if (auto before = TRY(done_before(job))) return std::move(*before);
  }
  const fs::path spool = to_file ? existing_folder(job.output) : program_.locations.temporary;
  const InputFile input = TRY(InputFile::open(job.input.string(), spool, program_.stop));
  warnings_.clear();
  if (record_ != nullptr) {
    output_ = job.output;
    source_ = {job.input, TRY(anonymize::FileStamp::of(job.input)), "", ""};
  }
  auto outcome = process_file(input, job.output);
  if (!outcome) return fail(outcome.error().kind, input.relabelled(outcome.error().message));
  outcome->damage = input.relabelled(outcome->damage);
  for (std::string& note : outcome->entry.notes) note = input.relabelled(note);
  outcome->warnings.insert(outcome->warnings.end(), warnings_.begin(), warnings_.end());
  return outcome;
}

}  // namespace sightline::cli
