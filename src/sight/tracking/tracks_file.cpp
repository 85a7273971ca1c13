#include "sight/tracking/tracks_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <numeric>
#include <set>

#include "base/file.h"
#include "sight/tracking/track_doubt.h"

namespace sightline::tracking {
namespace {

namespace json = boost::json;

constexpr std::size_t kWriteBuffer = 1 << 16;

std::string json_text(std::string_view text) {
  return json::serialize(json::string(text));
}

std::string fraction(const media::Rational& value) {
  return fmt::format("{}/{}", value.num, value.den);
}

/// Tenths of a pixel are all that a box is good for; a short number keeps the file readable.
std::string tenths(float value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

std::string source_text(const TracksHeader& header) {
  return fmt::format(
      "\"source\": {{\"file\": {}, \"width\": {}, \"height\": {}, \"frame_rate\": \"{}\", \"time_base\": "
      "\"{}\"}}",
      json_text(header.file), header.size.width, header.size.height, fraction(header.frame_rate),
      fraction(header.time_base));
}

/// Opens the tracks of one of several video tracks.
std::string video_text(const TracksHeader& header) {
  return fmt::format("\n    {{\"video\": {}, {}, \"tracks\": [", header.video, source_text(header));
}

/// A file for one video track has its tracks at the top, so that version 1 stays as it was.
std::string head_text(const TracksHeader& header) {
  std::string settings;
  for (const auto& [name, value] : header.settings) {
    settings += fmt::format("{}\n    {}: {}", settings.empty() ? "" : ",", json_text(name), json_text(value));
  }
  const bool one = header.video == 0;
  return fmt::format(
      "{{\n"
      "  \"format\": \"sightline-tracks\",\n"
      "  \"version\": {},\n"
      "{}"
      "  \"detector\": {},\n"
      "  \"settings\": {{{}{}}},\n"
      "  {}",
      one ? 1 : 2, one ? fmt::format("  {},\n", source_text(header)) : "", json_text(header.detector),
      settings, settings.empty() ? "" : "\n  ", one ? "\"tracks\": [" : "\"videos\": [" + video_text(header));
}

}  // namespace

std::string_view origin_name(Origin origin) {
  switch (origin) {
    case Origin::detected:
      return "detected";
    case Origin::tracked:
      return "tracked";
    case Origin::interpolated:
      return "interpolated";
  }
  return "";
}

TracksHeader TracksHeader::of(const media::VideoInfo& info, const std::filesystem::path& clip,
                              std::string detector) {
  return {clip.filename().string(),
          info.displayed_size(),
          info.frame_rate,
          info.time_base,
          std::move(detector),
          {},
          info.tracks > 1 ? info.track : 0};
}

struct TracksWriter::Impl {
  struct Timed {
    std::int64_t pts;
    TrackedBox box;
  };
  Impl(PendingFile pending, media::Rational base) : file(std::move(pending)), time_base(base) {}

  Result<void> put(std::string_view text) {
    buffer += text;
    if (buffer.size() < kWriteBuffer) return {};
    return flush();
  }
  Result<void> flush() {
    const std::string text = std::exchange(buffer, {});
    return file.write({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }
  Result<void> put_track(std::int64_t id, const std::vector<Timed>& boxes) {
    TrackDoubt doubt;
    for (const auto& [pts, item] : boxes) doubt.add(item, static_cast<double>(pts) * time_base.value());
    const std::string reason =
        doubt.is_doubted() ? fmt::format("\"doubt\": {}, ", json_text(TrackDoubt::kReason)) : "";
    TRY(put(fmt::format("{}\n    {{\"id\": {}, \"from\": {}, \"to\": {}, {}\"boxes\": [", any ? "," : "", id,
                        boxes.front().pts, boxes.back().pts, reason)));
    any = true;
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      const auto& [pts, item] = boxes[i];
      TRY(put(fmt::format(
          "{}\n      {{\"pts\": {}, \"box\": [{}, {}, {}, {}], \"score\": {:.3f}, \"origin\": \"{}\"}}",
          i == 0 ? "" : ",", pts, tenths(item.box.x), tenths(item.box.y), tenths(item.box.width),
          tenths(item.box.height), std::clamp(item.score, 0.0F, 1.0F), origin_name(item.origin))));
    }
    return put("]}");
  }

  /// Ends the list of tracks: those that are still running go out.
  Result<void> end_tracks() {
    for (const auto& [id, boxes] : running) TRY(put_track(id, boxes));
    running.clear();
    TRY(put(any ? "\n  ]" : "]"));
    any = false;
    return {};
  }

  PendingFile file;
  bool one = true;            // the clip has a single video track
  media::Rational time_base;  // of the video track whose boxes come
  std::string buffer;
  std::map<std::int64_t, std::vector<Timed>> running;
  bool any = false;
};

TracksWriter::TracksWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TracksWriter::TracksWriter(TracksWriter&&) noexcept = default;
TracksWriter::~TracksWriter() = default;

Result<TracksWriter> TracksWriter::create(const std::filesystem::path& path, const TracksHeader& header) {
  auto impl = std::make_unique<Impl>(TRY(PendingFile::create(path)), header.time_base);
  impl->one = header.video == 0;
  TRY(impl->put(head_text(header)));
  return TracksWriter(std::move(impl));
}

Result<void> TracksWriter::next_video(const TracksHeader& header) {
  TRY(impl_->end_tracks());
  impl_->time_base = header.time_base;
  return impl_->put("}," + video_text(header));
}

Result<void> TracksWriter::add(const FrameTracks& frame) {
  std::set<std::int64_t> present;
  for (const TrackedBox& box : frame.boxes) {
    present.insert(box.track);
    impl_->running[box.track].push_back({frame.pts, box});
  }
  for (auto it = impl_->running.begin(); it != impl_->running.end();) {
    if (present.contains(it->first)) {
      ++it;
      continue;
    }
    TRY(impl_->put_track(it->first, it->second));
    it = impl_->running.erase(it);
  }
  return {};
}

Result<void> TracksWriter::commit(bool replace) {
  TRY(impl_->end_tracks());
  TRY(impl_->put(impl_->one ? "\n}\n" : "}\n  ]\n}\n"));
  TRY(impl_->flush());
  return impl_->file.commit(replace);
}

Result<TracksFile> read_tracks(const std::filesystem::path& path, const TracksLimits& limits) {
  const Bytes bytes = TRY(read_file(path, limits.bytes));
  return parse_tracks({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string(), limits);
}

namespace {

Result<void> check_source(const TracksHeader& header, const media::VideoInfo& info, std::string_view name) {
  if (header.size != info.displayed_size()) {
    return fail(
        ErrorKind::invalid_argument,
        fmt::format(
            "{}: made for a picture of {}x{} pixels, but the clip has {}x{}; use the tracks of this clip",
            name, header.size.width, header.size.height, info.displayed_size().width,
            info.displayed_size().height));
  }
  const auto same = [](const media::Rational& a, const media::Rational& b) {
    const std::int64_t common_a = std::max<std::int64_t>(1, std::gcd(a.num, a.den));
    const std::int64_t common_b = std::max<std::int64_t>(1, std::gcd(b.num, b.den));
    return a.num / common_a == b.num / common_b && a.den / common_a == b.den / common_b;
  };
  if (!same(header.time_base, info.time_base)) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("{}: counts time in {} s, but the clip in {} s; use the tracks of this clip",
                            name, fraction(header.time_base), fraction(info.time_base)));
  }
  return {};
}

}  // namespace

Result<void> TracksLookup::bind(std::span<const media::VideoInfo> videos, std::string_view name) {
  for (const media::VideoInfo& info : videos) {
    auto found = std::ranges::find_if(file_.videos, [&](const VideoTracks& one) {
      return one.header.video == info.track || (one.header.video == 0 && videos.size() == 1);
    });
    if (found == file_.videos.end() && info.tracks == 1 && file_.videos.size() == 1) {
      found = file_.videos.begin();
    }
    if (found == file_.videos.end()) {
      return fail(
          ErrorKind::invalid_argument,
          fmt::format("{}: does not say which boxes are of video track {}, one of {} in the clip; use the "
                      "tracks of this clip, or name one with --video-track",
                      name, info.track, info.tracks));
    }
    TRY(check_source(found->header, info, name));
    bound_[info.track] = static_cast<std::size_t>(found - file_.videos.begin());
  }
  return {};
}

FrameTracks TracksLookup::at(int video, std::int64_t pts) {
  const auto place = bound_.find(video);
  if (place == bound_.end()) return {pts, {}};
  const VideoTracks& tracks = file_.videos[place->second];
  const auto found = tracks.frames.find(pts);
  if (found == tracks.frames.end()) return {pts, {}};
  shown_[place->second].push_back(pts);
  return {pts, found->second};
}

std::vector<std::int64_t> TracksLookup::never_shown() const {
  std::vector<std::int64_t> missed;
  for (const auto& [video, place] : bound_) {
    std::vector<std::int64_t> shown = shown_[place];
    std::sort(shown.begin(), shown.end());
    for (const auto& [pts, boxes] : file_.videos[place].frames) {
      if (!std::binary_search(shown.begin(), shown.end(), pts)) missed.push_back(pts);
    }
  }
  return missed;
}

}  // namespace sightline::tracking
