#pragma once
// `sightline blur` for one clip: runs the job and writes what was asked for besides the clip.

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/cli/blur_options.h"
#include "app/cli/progress.h"
#include "sight/anonymize/kept_people.h"
#include "sight/anonymize/report.h"

namespace sightline::cli {

/// A clip to blur.
struct ClipTask {
  std::filesystem::path input;
  std::filesystem::path output;
  std::string name;  ///< of the input, for people
  /// What was named by area, time or photo and is not in the clip: an error, else a warning (there are other
  /// inputs that may have it).
  bool only_input = true;
  /// Called when the output is whole and about to appear, with its present name, the input's SHA-256 and what
  /// could not be read of it; may be empty.
  std::function<void(const std::filesystem::path& made, const std::string& sha256, const std::string& damage)>
      finished = nullptr;
};

/// What happened to one input.
struct BlurOutcome {
  anonymize::ReportEntry entry;
  std::string damage;  ///< empty, or what could not be read of the input
  std::vector<std::string>
      warnings;  ///< what was asked for and could not be done, with the name of the input
};

/// Of what was named and is not in the input `name`: an error that lists it where that is the only input,
/// else one warning each, added to `warnings`.
[[nodiscard]] Result<void> report_missing(const std::string& name, bool only_input,
                                          const std::vector<std::string>& missing,
                                          std::vector<std::string>& warnings);

/// The error for --keep where nobody in the input `name` is surely on one of its photos.
[[nodiscard]] Error nobody_stays(const std::string& name);

/// Writes task.output unless flags.tracks_only or style none; and the tracks file and review page that the
/// flags name. `detector` may be null when flags.use_tracks is set, `kept` when everybody is to be painted.
[[nodiscard]] Result<BlurOutcome> blur_clip(const ClipTask& task, const BlurFlags& flags,
                                            anonymize::ClipOptions options, analysis::FaceDetector* detector,
                                            const anonymize::KeptPeople* kept, ProgressMeter& meter,
                                            std::stop_token stop);

}  // namespace sightline::cli
