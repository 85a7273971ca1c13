#include "sight/tracking/review_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "base/base64.h"
#include "base/markup.h"
#include "base/words.h"
#include "sight/media/picture.h"
#include "sight/tracking/track_doubt.h"

namespace sightline::tracking {
namespace {

constexpr int kJpegQuality = 78;
constexpr float kSurroundings = 0.6F;  // of the box, shown around the face so that a person sees what it is
constexpr int kLargestFrame = 1280;    // frames are reduced to this side before thumbnails are cut out

std::string escaped(std::string_view text) {
  std::string out;
  append_escaped(out, text);
  return out;
}

std::string clock_time(double seconds) {
  const auto thousandths = static_cast<std::int64_t>(std::llround(std::max(0.0, seconds) * 1000));
  return fmt::format("{}:{:02}:{:02}.{:03}", thousandths / 3'600'000, thousandths / 60'000 % 60,
                     thousandths / 1000 % 60, thousandths % 1000);
}

std::string_view label(Origin origin) {
  switch (origin) {
    case Origin::detected:
      return "detected";
    case Origin::tracked:
      return "carried";
    case Origin::interpolated:
      return "guessed";
  }
  return "";
}

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><title>Sightline review</title><style>
body{font:14px/1.4 system-ui,sans-serif;margin:0;color:#222;background:#f6f6f4}
.banner{background:#b00020;color:#fff;padding:10px 16px;font-weight:600}
main{padding:8px 16px 32px}
.track{background:#fff;border:1px solid #ddd;border-radius:6px;margin:10px 0;padding:8px 12px}
.doubtful{border-left:6px solid #d97706}
.strip{display:flex;flex-wrap:wrap;gap:6px;margin-top:6px}
figure{margin:0;text-align:center;font-size:11px;color:#555}
img{display:block;height:96px;background:#ccc}
</style></head><body>
)";

}  // namespace

double ReviewTrack::doubt() const {
  if (is_doubted) return 1;
  const double brief = std::clamp(1 - (to - from), 0.0, 1.0);
  const double weak = std::clamp((0.9 - static_cast<double>(best_score)) / 0.6, 0.0, 1.0);
  const double unseen = std::clamp(static_cast<double>(longest_unseen - 8) / 24.0, 0.0, 1.0);
  const double guessed = frames > 0 ? static_cast<double>(interpolated) / static_cast<double>(frames) : 0;
  return 0.3 * brief + 0.3 * weak + 0.2 * unseen + 0.2 * guessed;
}

std::string review_html(const std::string& clip, std::vector<ReviewTrack> tracks, std::int64_t left_out) {
  std::stable_sort(tracks.begin(), tracks.end(),
                   [](const ReviewTrack& a, const ReviewTrack& b) { return a.doubt() > b.doubt(); });
  std::string html(kHead);
  html += fmt::format(
      "<div class=\"banner\">This page shows faces in the clear. Keep it to yourself and delete it "
      "when you are done.</div><main><h1>{}</h1>\n<p>{}, the doubtful first. To correct one, "
      "edit the tracks file (docs/tracks.md) and render with --use-tracks.{}</p>\n",
      escaped(clip), counted(tracks.size() + static_cast<std::size_t>(left_out), "face track"),
      left_out > 0 ? fmt::format(" {} of them, all surer than these, are not shown.", left_out) : "");
  for (const ReviewTrack& track : tracks) {
    const double doubt = track.doubt();
    html += fmt::format(
        "<div class=\"track{}\"><b>{}Track {}</b> &middot; {} to {} &middot; {}, detected in {}, "
        "guessed in {}, longest without a detection {} &middot; confidence {:.0f}% &middot; doubt {:.0f}%{}\n"
        "<div class=\"strip\">",
        doubt >= 0.3 ? " doubtful" : "", track.video == 0 ? "" : fmt::format("Video {}, ", track.video),
        track.id, clock_time(track.from), clock_time(track.to), counted(track.frames, "frame"),
        track.detected, track.interpolated, track.longest_unseen, 100 * static_cast<double>(track.best_score),
        100 * doubt, track.is_doubted ? fmt::format(": {}", TrackDoubt::kReason) : "");
    for (const ReviewThumbnail& thumbnail : track.thumbnails) {
      html +=
          fmt::format("<figure><img alt=\"\" src=\"data:image/jpeg;base64,{}\">{} {}</figure>\n",
                      base64_encode(thumbnail.jpeg), clock_time(thumbnail.seconds), label(thumbnail.origin));
    }
    html += "</div></div>\n";
  }
  return html + "</main></body></html>\n";
}

struct ReviewCollector::Impl {
  struct Running {
    ReviewTrack track;
    TrackDoubt doubt;
    std::int64_t unseen = 0;   // frames since a detection
    std::int64_t spacing = 1;  // frames between thumbnails; doubles whenever the strip is full
  };

  Impl(const media::VideoInfo& video, std::string name, const ReviewLimits& bounds)
      : info(video), clip(std::move(name)), limits(bounds) {}

  /// The frame's picture at the size that thumbnails are cut from; made once a frame, when first needed.
  struct Reduced {
    media::RgbImage image;
    float scale_x = 1;
    float scale_y = 1;
  };
  Result<Reduced> reduce(const media::VideoFrame& frame) {
    const media::Size full = info.displayed_size();
    const float factor = std::min(
        1.0F, static_cast<float>(kLargestFrame) / static_cast<float>(std::max(full.width, full.height)));
    const media::Size size = {
        std::max(1, static_cast<int>(std::lround(static_cast<float>(full.width) * factor))),
        std::max(1, static_cast<int>(std::lround(static_cast<float>(full.height) * factor)))};
    Reduced reduced{TRY(converter.to_rgb(frame, info.orientation, size)), 1, 1};
    reduced.scale_x = static_cast<float>(size.width) / static_cast<float>(full.width);
    reduced.scale_y = static_cast<float>(size.height) / static_cast<float>(full.height);
    return reduced;
  }

  Result<Bytes> thumbnail(const Reduced& from, const media::Box& box) const {
    const media::Box wide = media::grown(box, kSurroundings);
    const auto pixel = [](float value, int size) {
      return std::clamp(static_cast<int>(std::lround(value)), 0, size - 1);
    };
    const media::Size size = from.image.size;
    const int left = pixel(wide.x * from.scale_x, size.width);
    const int top = pixel(wide.y * from.scale_y, size.height);
    const int width = pixel(wide.right() * from.scale_x, size.width) - left + 1;
    const int height = pixel(wide.bottom() * from.scale_y, size.height) - top + 1;
    media::RgbImage cut{
        {width, height},
        std::vector<std::uint8_t>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3)};
    for (int y = 0; y < height; ++y) std::copy_n(from.image.row(top + y) + left * 3, width * 3, cut.row(y));
    const float factor =
        static_cast<float>(limits.thumbnail_side) / static_cast<float>(std::max(width, height));
    const media::Size small = {
        std::max(1, static_cast<int>(std::lround(static_cast<float>(width) * factor))),
        std::max(1, static_cast<int>(std::lround(static_cast<float>(height) * factor)))};
    const media::RgbImage scaled = media::Picture::from_rgb(cut).to_rgb(small);
    return media::Picture::from_rgb(scaled).encode_as(media::PictureFormat::jpeg, kJpegQuality);
  }

  void end(Running& running) {
    running.track.is_doubted = running.doubt.is_doubted();
    done.push_back(std::move(running.track));
    if (done.size() <= limits.tracks) return;
    const auto surest =
        std::min_element(done.begin(), done.end(),
                         [](const ReviewTrack& a, const ReviewTrack& b) { return a.doubt() < b.doubt(); });
    done.erase(surest);
    ++left_out;
  }

  void end_all() {
    for (auto& [id, running] : current) end(running);
    current.clear();
  }

  media::VideoInfo info;
  std::string clip;
  ReviewLimits limits;
  media::FrameConverter converter;
  std::map<std::int64_t, Running> current;
  std::vector<ReviewTrack> done;
  std::int64_t left_out = 0;
};

ReviewCollector::ReviewCollector(const media::VideoInfo& info, std::string clip, const ReviewLimits& limits)
    : impl_(std::make_unique<Impl>(info, std::move(clip), limits)) {}
ReviewCollector::ReviewCollector(ReviewCollector&&) noexcept = default;
ReviewCollector::~ReviewCollector() = default;

void ReviewCollector::next_video(const media::VideoInfo& info) {
  impl_->end_all();
  impl_->info = info;
}

Result<void> ReviewCollector::add(const media::VideoFrame& frame, const FrameTracks& tracks) {
  Impl& impl = *impl_;
  const double seconds = static_cast<double>(tracks.pts) * impl.info.time_base.value();
  std::optional<Impl::Reduced> reduced;
  std::set<std::int64_t> present;
  for (const TrackedBox& box : tracks.boxes) {
    present.insert(box.track);
    Impl::Running& running = impl.current[box.track];
    ReviewTrack& track = running.track;
    if (track.frames == 0) {
      track.id = box.track;
      track.video = impl.info.tracks > 1 ? impl.info.track : 0;
      track.from = seconds;
    }
    track.to = seconds;
    if (track.frames % running.spacing == 0) {
      if (!reduced) reduced = TRY(impl.reduce(frame));
      track.thumbnails.push_back({seconds, TRY(impl.thumbnail(*reduced, box.box)), box.origin});
      if (track.thumbnails.size() > impl.limits.thumbnails) {
        // Every second one goes: the strip always spans the track evenly.
        std::size_t kept = 0;
        for (std::size_t i = 0; i < track.thumbnails.size(); i += 2)
          std::swap(track.thumbnails[kept++], track.thumbnails[i]);
        track.thumbnails.resize(kept);
        running.spacing *= 2;
      }
    }
    ++track.frames;
    track.best_score = std::max(track.best_score, box.score);
    running.doubt.add(box, seconds);
    running.unseen = box.origin == Origin::detected ? 0 : running.unseen + 1;
    if (box.origin == Origin::detected) ++track.detected;
    if (box.origin == Origin::interpolated) ++track.interpolated;
    track.longest_unseen = std::max(track.longest_unseen, running.unseen);
  }
  for (auto it = impl.current.begin(); it != impl.current.end();) {
    if (present.contains(it->first)) {
      ++it;
      continue;
    }
    impl.end(it->second);
    it = impl.current.erase(it);
  }
  return {};
}

Result<void> ReviewCollector::write(const std::filesystem::path& path, bool replace) {
  Impl& impl = *impl_;
  impl.end_all();
  const std::string html =
      review_html(impl.clip, std::exchange(impl.done, {}), std::exchange(impl.left_out, 0));
  return write_file_atomically(path, {reinterpret_cast<const std::uint8_t*>(html.data()), html.size()},
                               replace, 0600);
}

}  // namespace sightline::tracking
