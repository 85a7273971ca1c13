#pragma once
// The flags of `sightline blur`, as typed and as understood.

#include <filesystem>
#include <string>
#include <vector>

#include "app/cli/vision.h"
#include "base/result.h"
#include "sight/anonymize/clip_job.h"

namespace CLI {
class App;
}

namespace sightline::cli {

/// As typed; defaults are what an absent flag means.
struct BlurFlags {
  std::vector<std::string> inputs;
  std::string output;
  bool force = false;

  std::string style;  // empty: blur
  std::string shape = "ellipse";
  double margin = -1;  // negative: the style's own
  double strength = 1;
  int blocks = 0;  // 0: the style's own
  std::string color = "000000";
  std::string image;
  bool boxes = false;
  double mask_scale = 0;
  int mosaic_size = 0;

  std::string scope = "balanced";
  double threshold = -1;  // negative: the scope's own
  std::string scale;
  std::vector<std::string> regions;
  std::vector<std::string> exclusions;
  std::vector<std::string> keep;
  int video_track = 0;  // 0: all
  std::string from;
  std::string to;

  std::string codec;
  int crf = -1;
  std::string encoder_preset;
  bool no_audio = false;
  bool keep_audio = false;
  std::string metadata = "safe";

  std::string tracks;
  bool tracks_only = false;
  std::string use_tracks;
  std::string review;
  std::string report;

  bool no_resume = false;
  int chunk_frames = 250;
  bool json = false;
  bool quiet = false;
  bool times = false;
  VisionOptions vision;
};

void add_blur_flags(CLI::App& command, BlurFlags& flags);

/// Checks the values and turns them into the options of a clip; pictures take their share of the same.
/// Errors: invalid_argument, naming flag, value and remedy; and those of reading --image.
[[nodiscard]] Result<anonymize::ClipOptions> clip_options(const BlurFlags& flags);

/// A digest of all that decides what an output looks like, the content of --keep and --use-tracks included;
/// `options` come of `flags`. Errors: those of reading these files.
[[nodiscard]] Result<std::string> settings_digest(const BlurFlags& flags,
                                                  const anonymize::ClipOptions& options);

}  // namespace sightline::cli
