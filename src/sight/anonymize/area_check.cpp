#include "sight/anonymize/area_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <string_view>

#include "sight/media/frame_times.h"

namespace sightline::anonymize {
namespace {

/// An area of either kind, as it was typed.
struct NamedArea {
  std::string name;
  const Region* region;
};

std::string span_text(const TimeSpan& span) {
  return fmt::format("{}-{}", span.from ? fmt::format("{:g}", *span.from) : "",
                     span.to ? fmt::format("{:g}", *span.to) : "");
}

std::vector<NamedArea> named(const std::vector<Region>& regions, const std::vector<Region>& exclusions) {
  std::vector<NamedArea> areas;
  const auto add = [&](std::string_view flag, const std::vector<Region>& list) {
    for (const Region& region : list) {
      const media::Box& box = region.box;
      const bool timed = region.span.from || region.span.to;
      areas.push_back({fmt::format("{} {:g},{:g},{:g},{:g}{}", flag, box.x, box.y, box.width, box.height,
                                   timed ? "@" + span_text(region.span) : ""),
                       &region});
    }
  };
  add("--region", regions);
  add("--exclude", exclusions);
  return areas;
}

bool touches(const media::Box& box, media::Size size) {
  return box.x < static_cast<float>(size.width) && box.y < static_cast<float>(size.height) &&
         box.x + box.width > 0 && box.y + box.height > 0;
}

/// "640x360", or "640x360 and 320x240" where there are several.
std::string sizes_text(std::span<const media::Size> sizes) {
  std::vector<std::string> texts;
  for (const media::Size& size : sizes) texts.push_back(fmt::format("{}x{}", size.width, size.height));
  return fmt::format("{}", fmt::join(texts, " and "));
}

/// Which spans hold a frame, and from when to when there are frames.
struct FramesSeen {
  double first = std::numeric_limits<double>::infinity();
  double last = -std::numeric_limits<double>::infinity();
  bool any = false;                   ///< in the output
  std::vector<const Region*> unseen;  ///< no frame of the output lies in their spans

  /// Returns whether there is anything left to find.
  bool add(double seconds, const TimeSpan& output) {
    first = std::min(first, seconds);
    last = std::max(last, seconds);
    if (output.contains(seconds)) {
      any = true;
      std::erase_if(unseen, [&](const Region* region) { return region->span.contains(seconds); });
    }
    return !any || !unseen.empty();
  }
  [[nodiscard]] std::string text() const {
    if (first > last) return "none of its frames has a time";
    return fmt::format("its frames are shown from {:.3f} to {:.3f} s", first, last);
  }
};

}  // namespace

std::vector<std::string> areas_outside(std::span<const media::Size> sizes, const std::vector<Region>& regions,
                                       const std::vector<Region>& exclusions) {
  std::vector<std::string> lines;
  for (const NamedArea& area : named(regions, exclusions)) {
    if (std::ranges::any_of(sizes, [&](media::Size size) { return touches(area.region->box, size); }))
      continue;
    lines.push_back(
        fmt::format("{} lies outside the picture, which has {} pixels", area.name, sizes_text(sizes)));
  }
  return lines;
}

Result<std::vector<std::string>> areas_not_in_clip(const std::filesystem::path& clip,
                                                   std::span<const media::VideoInfo> videos,
                                                   const ClipOptions& options) {
  std::vector<media::Size> sizes;
  for (const media::VideoInfo& video : videos) {
    const media::Size size = video.displayed_size();
    if (std::ranges::find(sizes, size) == sizes.end()) sizes.push_back(size);
  }
  std::vector<std::string> lines = areas_outside(sizes, options.regions, options.exclusions);
  FramesSeen seen;
  const std::vector<NamedArea> areas = named(options.regions, options.exclusions);
  for (const NamedArea& area : areas) {
    if (area.region->span.from || area.region->span.to) seen.unseen.push_back(area.region);
  }
  if (seen.unseen.empty() && !options.span.from && !options.span.to) return lines;
  const bool timed = TRY(media::scan_frame_times(
      clip, options.video_track, [&](double seconds) { return seen.add(seconds, options.span); }));
  if (!timed) return lines;
  if (!seen.any) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("'{}' has no frame between --from and --to ({}): {}", clip.string(),
                            span_text(options.span), seen.text()));
  }
  for (const NamedArea& area : areas) {
    if (std::ranges::find(seen.unseen, area.region) == seen.unseen.end()) continue;
    const bool cut = options.span.from || options.span.to;
    lines.push_back(fmt::format("{} holds no frame of the clip{}: {}", area.name,
                                cut ? " between --from and --to" : "", seen.text()));
  }
  return lines;
}

}  // namespace sightline::anonymize
