#pragma once
// `sightline blur` for one input: a picture or a clip, from a file or a pipe, into a file or a stream.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/blur_clip.h"
#include "app/cli/blur_models.h"
#include "app/cli/blur_options.h"
#include "app/cli/commands.h"
#include "app/cli/input_file.h"
#include "sight/anonymize/batch.h"
#include "sight/anonymize/done_record.h"
#include "sight/anonymize/picture_job.h"

namespace sightline::cli {

/// Whether a picture or clip is written: not with --style none and --tracks-only.
[[nodiscard]] bool writes_output(const BlurFlags& flags, const anonymize::ClipOptions& options);
/// The raw score that makes a face in a picture.
[[nodiscard]] float picture_threshold(const BlurFlags& flags, const anonymize::ClipOptions& options);

/// Processes inputs one by one. What it refers to outlives it. Not thread-safe.
class BlurFile {
 public:
  /// `options` come of `flags`. `only_input`: what it does not have of what was named is an error, else a
  /// warning. `record`: null where outputs are not named after their inputs; one that is there is an error
  /// then.
  BlurFile(const BlurFlags& flags, const anonymize::ClipOptions& options, Program& program,
           BlurModels& models, bool only_input, anonymize::DoneRecord* record)
      : flags_(flags),
        options_(options),
        program_(program),
        models_(models),
        only_input_(only_input),
        record_(record) {}

  /// The outcome's entry is complete. Messages name a pipe as it was named, never the file that it was copied
  /// into.
  [[nodiscard]] Result<BlurOutcome> process(const anonymize::BatchJob& job);

 private:
  /// What there is to say of an output that a run before made of this very input; nothing where none is
  /// there, or where a file that was asked for beside it is not: then it may be replaced.
  [[nodiscard]] Result<std::optional<BlurOutcome>> done_before(const anonymize::BatchJob& job);
  void note_done(const std::filesystem::path& made, const std::string& sha256, const std::string& damage);
  [[nodiscard]] Result<void> write_picture(const std::filesystem::path& output,
                                           const anonymize::PictureResult& result);
  [[nodiscard]] Result<BlurOutcome> process_file(const InputFile& input, const std::filesystem::path& output);
  [[nodiscard]] Result<BlurOutcome> process_picture(const InputFile& input,
                                                    const std::filesystem::path& output);
  [[nodiscard]] Result<BlurOutcome> process_clip(const InputFile& input, const std::filesystem::path& output,
                                                 anonymize::ClipOptions options);
  [[nodiscard]] Result<BlurOutcome> stream_clip(const InputFile& input, const std::filesystem::path& output,
                                                const std::string& ending);
  [[nodiscard]] Result<anonymize::PictureOptions> picture_options();

  const BlurFlags& flags_;
  const anonymize::ClipOptions& options_;
  Program& program_;
  BlurModels& models_;
  bool only_input_;
  anonymize::DoneRecord* record_;
  /// The job that is under way, for the record.
  std::filesystem::path output_;
  anonymize::OutputSource source_;
  bool replaces_ = false;  ///< an output of this very job that is there
  std::vector<std::string> warnings_;
};

}  // namespace sightline::cli
