#pragma once
// `sightline blur` for one clip: runs the job and writes what was asked for besides the clip.

#include <filesystem>
#include <stop_token>
#include <string>

#include "app/cli/blur_options.h"
#include "app/cli/progress.h"
#include "sight/anonymize/kept_people.h"
#include "sight/anonymize/report.h"

namespace sightline::cli {

/// What happened to one input.
struct BlurOutcome {
  anonymize::ReportEntry entry;
  std::string damage;  ///< empty, or what could not be read of the input
  std::string extra;   ///< for the user: "resumed after 3 finished chunks", stage times, ...
};

/// Writes `output` unless flags.tracks_only or style none; and the tracks file and review page that the flags
/// name. `detector` may be null when flags.use_tracks is set, `kept` when everybody is to be painted.
[[nodiscard]] Result<BlurOutcome> blur_clip(const std::filesystem::path& input,
                                            const std::filesystem::path& output, const BlurFlags& flags,
                                            anonymize::ClipOptions options, analysis::FaceDetector* detector,
                                            const anonymize::KeptPeople* kept, ProgressMeter& meter,
                                            std::stop_token stop);

}  // namespace sightline::cli
