#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

#include "sight/media/clip_container.h"
#include "sight/media/encoder_table.h"
#include "sight/media/libav.h"
#include "sight/media/video_encoder.h"

namespace sightline::media {
namespace {

using Names = std::array<std::string_view, 10>;
constexpr Names kX26xPresets = {"ultrafast", "superfast", "veryfast", "faster",   "fast",
                                "medium",    "slow",      "slower",   "veryslow", "placebo"};
// The numbered ones: 0 is the slowest.
constexpr std::array<std::string_view, 6> kVpxPresets = {"5", "4", "3", "2", "1", "0"};
constexpr std::array<std::string_view, 9> kAomPresets = {"8", "7", "6", "5", "4", "3", "2", "1", "0"};
constexpr std::array<std::string_view, 13> kSvtPresets = {"12", "11", "10", "9", "8", "7", "6",
                                                          "5",  "4",  "3",  "2", "1", "0"};

constexpr std::array kEncoders = {
    EncoderTraits{"libx264", "h264", 1, 51, 20, kX26xPresets, "medium", false, true, true, 1, 16384},
    EncoderTraits{"libx265", "hevc", 1, 51, 22, kX26xPresets, "medium", false, true, true, 16, 16384},
    EncoderTraits{"libvpx-vp9", "vp9", 1, 63, 28, kVpxPresets, "4", true, true, true, 1, 16384},
    EncoderTraits{"libvpx", "vp8", 4, 63, 28, kVpxPresets, "4", true, false, false, 1, 16383},
    // SVT-AV1 takes even sizes from 64x64 on, only 4:2:0; libaom is slower and takes the rest.
    EncoderTraits{"libsvtav1", "av1", 1, 63, 28, kSvtPresets, "8", false, true, false, 64, 8192},
    EncoderTraits{"libaom-av1", "av1", 1, 63, 28, kAomPresets, "6", true, true, true, 1, 16384},
    EncoderTraits{"mpeg4", "mpeg4", 1, 31, 4, {}, "", true, false, false, 1, 8191},
};

// Tried in this order where the input's own codec cannot be written.
constexpr std::array<std::string_view, 4> kSubstitutes = {"h264", "mpeg4", "vp9", "av1"};

Result<std::string> codec_name(const std::string& wanted) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kAliases = {{{"avc", "h264"},
                                                                                      {"x264", "h264"},
                                                                                      {"h265", "hevc"},
                                                                                      {"x265", "hevc"},
                                                                                      {"h.264", "h264"},
                                                                                      {"h.265", "hevc"}}};
  for (const auto& [alias, name] : kAliases) {
    if (wanted == alias) return std::string(name);
  }
  for (const EncoderTraits& traits : kEncoders) {
    if (wanted == traits.codec || wanted == traits.encoder) return std::string(traits.codec);
  }
  return fail(ErrorKind::invalid_argument,
              fmt::format("codec '{}' cannot be written; choose h264, hevc, vp9, vp8, av1 or mpeg4", wanted));
}

/// Why this encoder cannot write that clip; empty when it can.
std::string obstacle(const EncoderTraits& traits, const VideoInfo& info, const std::string& container) {
  if (avcodec_find_encoder_by_name(std::string(traits.encoder).c_str()) == nullptr) {
    return fmt::format("libav was built without {}", traits.encoder);
  }
  if (!container_takes_video(container, traits.codec)) {
    return fmt::format("{} files cannot hold {}", container_name(container), traits.codec);
  }
  if (traits.codec == "mpeg4" && container == "mpegts" && info.colour.matter()) {
    return fmt::format("{} files with mpeg4 cannot say what the colours mean", container_name(container));
  }
  const auto [width, height] = info.stored_size;
  const bool half_height = info.chroma_shift_y > 0;
  if (!traits.odd_sizes && (width % 2 != 0 || (half_height && height % 2 != 0))) {
    return fmt::format("{} cannot have the odd picture size {}x{}", traits.codec, width, height);
  }
  if (!traits.ten_bit && info.bit_depth > 8) return fmt::format("{} has 8 bits a sample", traits.codec);
  if (!traits.chroma_422 && !half_height) return fmt::format("{} writes only 4:2:0", traits.encoder);
  if (std::min(width, height) < traits.min_side || std::max(width, height) > traits.max_side) {
    return fmt::format("{} cannot have the picture size {}x{}", traits.encoder, width, height);
  }
  return {};
}

/// The first encoder of `codec` that can write the clip; else null, and `why` says what stood in the way.
const EncoderTraits* encoder_for(std::string_view codec, const VideoInfo& info, const std::string& container,
                                 std::string& why) {
  for (const EncoderTraits& traits : kEncoders) {
    if (traits.codec != codec) continue;
    std::string reason = obstacle(traits, info, container);
    if (reason.empty()) return &traits;
    if (why.empty()) why = std::move(reason);
  }
  return nullptr;
}

std::vector<std::string_view> codecs_that_can(const VideoInfo& info, const std::string& container) {
  std::vector<std::string_view> codecs;
  for (const EncoderTraits& traits : kEncoders) {
    const bool listed = std::ranges::find(codecs, traits.codec) != codecs.end();
    if (!listed && obstacle(traits, info, container).empty()) codecs.push_back(traits.codec);
  }
  return codecs;
}

Result<const EncoderTraits*> pick(const VideoInfo& info, const EncoderSettings& settings,
                                  const std::string& container) {
  std::string why;
  if (!settings.codec.empty()) {
    const std::string codec = TRY(codec_name(settings.codec));
    if (const EncoderTraits* traits = encoder_for(codec, info, container, why)) return traits;
    const auto others = codecs_that_can(info, container);
    const std::string remedy = others.empty() ? "choose another output file type"
                                              : fmt::format("choose {}", fmt::join(others, " or "));
    return fail(ErrorKind::invalid_argument,
                fmt::format("this clip cannot be written as {}: {}; {}", codec, why, remedy));
  }
  if (const EncoderTraits* traits = encoder_for(info.codec, info, container, why)) return traits;
  for (const std::string_view codec : kSubstitutes) {
    if (const EncoderTraits* traits = encoder_for(codec, info, container, why)) return traits;
  }
  return fail(ErrorKind::unavailable,
              fmt::format("no encoder here can write this clip ({}x{}, {} bit) as {}: {}; choose another "
                          "output file type, such as .mkv",
                          info.stored_size.width, info.stored_size.height, info.bit_depth,
                          container_name(container), why));
}

std::string preset_list(const EncoderTraits& traits) {
  if (traits.presets.data() == kX26xPresets.data()) return fmt::format("{}", fmt::join(traits.presets, ", "));
  return fmt::format("{} (slow) to {} (fast)", traits.presets.back(), traits.presets.front());
}

}  // namespace

std::span<const EncoderTraits> encoder_table() {
  return kEncoders;
}

const EncoderTraits* find_encoder(std::string_view encoder) {
  const auto found = std::ranges::find(kEncoders, encoder, &EncoderTraits::encoder);
  return found == kEncoders.end() ? nullptr : &*found;
}

Result<EncoderChoice> choose_encoder(const VideoInfo& info, const EncoderSettings& settings,
                                     const std::string& output_container) {
  const EncoderTraits& traits = *TRY(pick(info, settings, output_container));
  EncoderChoice choice;
  choice.encoder = traits.encoder;
  choice.codec = traits.codec;
  choice.substituted = traits.codec != info.codec;
  choice.crf = settings.crf == -1 ? traits.crf_default : settings.crf;
  if (choice.crf < traits.crf_min || choice.crf > traits.crf_max) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("quality (crf) {} is out of range for {}: choose {} (best) to {}, {} by default",
                            settings.crf, traits.codec, traits.crf_min, traits.crf_max, traits.crf_default));
  }
  choice.preset = settings.preset.empty() ? std::string(traits.preset_default) : settings.preset;
  if (traits.presets.empty() && !settings.preset.empty()) {
    return fail(
        ErrorKind::invalid_argument,
        fmt::format("encoder preset '{}': {} has no presets, leave it out", settings.preset, traits.codec));
  }
  if (!traits.presets.empty() && std::ranges::find(traits.presets, choice.preset) == traits.presets.end()) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("encoder preset '{}' is not known to {}: choose {}", settings.preset,
                            traits.encoder, preset_list(traits)));
  }
  return choice;
}

}  // namespace sightline::media
