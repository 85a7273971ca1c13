#include "sight/anonymize/area_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "sight/media/frame_times.h"

namespace sightline::anonymize {
namespace {

/// An area of either kind, as it was typed.
struct NamedArea {
  std::string name;
  const Region* region;
};

std::string span_text(const clips::TimeSpan& span) {
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

std::vector<const Region*> timed_areas(const ClipOptions& options) {
  std::vector<const Region*> timed;
  for (const auto* list : {&options.regions, &options.exclusions}) {
    for (const Region& region : *list) {
      if (region.span.from || region.span.to) timed.push_back(&region);
    }
  }
  return timed;
}

void forget_seen(std::vector<const Region*>& unseen, double seconds) {
  std::erase_if(unseen, [&](const Region* region) { return region->span.contains(seconds); });
}

std::vector<std::string> unseen_lines(const ClipOptions& options, const std::vector<const Region*>& unseen,
                                      const std::string& shown) {
  std::vector<std::string> lines;
  for (const NamedArea& area : named(options.regions, options.exclusions)) {
    if (std::ranges::find(unseen, area.region) == unseen.end()) continue;
    const bool cut = options.span.from || options.span.to;
    lines.push_back(fmt::format("{} holds no frame of the clip{}: {}", area.name,
                                cut ? " between --from and --to" : "", shown));
  }
  return lines;
}

}  // namespace

bool is_excluded(const media::Box& box, const std::vector<Region>& exclusions,
                 std::optional<double> seconds) {
  return std::ranges::any_of(exclusions, [&](const Region& region) {
    return (!seconds || region.span.contains(*seconds)) && intersection(box, region.box).area() > 0;
  });
}

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

Result<AreasInClip> areas_not_in_clip(const std::filesystem::path& clip,
                                      std::span<const media::VideoInfo> videos, const ClipOptions& options) {
  std::vector<media::Size> sizes;
  for (const media::VideoInfo& video : videos) {
    const media::Size size = video.displayed_size();
    if (std::ranges::find(sizes, size) == sizes.end()) sizes.push_back(size);
  }
  AreasInClip areas{areas_outside(sizes, options.regions, options.exclusions)};
  std::vector<const Region*> unseen = timed_areas(options);
  if (unseen.empty() && !options.span.from && !options.span.to) return areas;
  std::optional<double> first;
  double last = 0;
  bool any = false;  // frame of the output
  areas.times_known = TRY(media::scan_frame_times(clip, options.video_track, [&](double seconds) {
    first = std::min(first.value_or(seconds), seconds);
    last = std::max(last, seconds);
    if (options.span.contains(seconds)) {
      any = true;
      forget_seen(unseen, seconds);
    }
    return !any || !unseen.empty();
  }));
  if (!areas.times_known) return areas;
  if (!any) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("'{}' has no frame between --from and --to ({}): {}", clip.string(),
                            span_text(options.span), frames_shown(first, last)));
  }
  const auto lines = unseen_lines(options, unseen, frames_shown(first, last));
  areas.missing.insert(areas.missing.end(), lines.begin(), lines.end());
  return areas;
}

SpanWatch::SpanWatch(const ClipOptions& options) : options_(options), unseen_(timed_areas(options)) {}

void SpanWatch::add(double seconds) {
  if (!first_) first_ = seconds;
  last_ = seconds;
  if (!unseen_.empty()) forget_seen(unseen_, seconds);
}

std::vector<std::string> SpanWatch::missing() const {
  return unseen_lines(options_, unseen_, frames_shown(first_, last_));
}

std::string frames_shown(std::optional<double> first, double last) {
  if (!first) return "none of its frames has a time";
  return fmt::format("its frames are shown from {:.3f} to {:.3f} s", *first, last);
}

}  // namespace sightline::anonymize
