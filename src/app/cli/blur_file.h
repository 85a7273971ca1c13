#pragma once
// `sightline blur` for one input: a picture or a clip, from a file or a pipe, into a file or a stream.

#include <filesystem>
#include <string>

#include "app/cli/blur_clip.h"
#include "app/cli/blur_models.h"
#include "app/cli/blur_options.h"
#include "app/cli/commands.h"
#include "app/cli/input_file.h"
#include "sight/anonymize/batch.h"
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
  /// warning.
  BlurFile(const BlurFlags& flags, const anonymize::ClipOptions& options, Program& program,
           BlurModels& models, bool only_input)
      : flags_(flags), options_(options), program_(program), models_(models), only_input_(only_input) {}

  /// The outcome's entry is complete. Messages name a pipe as it was named, never the file that it was copied
  /// into.
  [[nodiscard]] Result<BlurOutcome> process(const anonymize::BatchJob& job);

 private:
  [[nodiscard]] Result<BlurOutcome> process_file(const InputFile& input, const std::filesystem::path& output);
  [[nodiscard]] Result<BlurOutcome> process_picture(const InputFile& input,
                                                    const std::filesystem::path& output);
  [[nodiscard]] Result<BlurOutcome> process_clip(const InputFile& input, const std::filesystem::path& output,
                                                 const anonymize::ClipOptions& options);
  [[nodiscard]] Result<BlurOutcome> stream_clip(const InputFile& input, const std::filesystem::path& output,
                                                const std::string& ending);
  [[nodiscard]] Result<anonymize::PictureOptions> picture_options();

  const BlurFlags& flags_;
  const anonymize::ClipOptions& options_;
  Program& program_;
  BlurModels& models_;
  bool only_input_;
};

}  // namespace sightline::cli
