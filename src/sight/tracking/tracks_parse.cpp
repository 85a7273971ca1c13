// The reading half of tracks_file.h: an event parser, so that memory holds the boxes and nothing of the
// text's own structure, fed line by line, so that every complaint knows its line.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <cmath>
#include <optional>
#include <set>

#include "base/utf8.h"
#include "base/whole_number.h"
#include "sight/tracking/tracks_file.h"

namespace sightline::tracking {
namespace {

namespace json = boost::json;
using boost::system::error_code;

constexpr std::size_t kMostText = 4096;
constexpr float kFarthest = 1e6F;  // pixels; far beyond any picture
constexpr int kWidest = 65'500;

enum class Place {
  document,
  root,
  videos,
  video,
  source,
  settings,
  ignored,
  tracks,
  track,
  boxes,
  box,
  sides
};

/// Keys that a place knows; their order gives the bits of Handler::seen_.
std::span<const std::string_view> keys_of(Place place) {
  static constexpr std::array<std::string_view, 7> kRoot = {"format",   "version", "source", "detector",
                                                            "settings", "tracks",  "videos"};
  static constexpr std::array<std::string_view, 3> kVideo = {"video", "source", "tracks"};
  static constexpr std::array<std::string_view, 5> kSource = {"file", "width", "height", "frame_rate",
                                                              "time_base"};
  static constexpr std::array<std::string_view, 5> kTrack = {"id", "from", "to", "doubt", "boxes"};
  static constexpr std::array<std::string_view, 4> kBox = {"pts", "box", "score", "origin"};
  switch (place) {
    case Place::root:
      return kRoot;
    case Place::video:
      return kVideo;
    case Place::source:
      return kSource;
    case Place::track:
      return kTrack;
    case Place::box:
      return kBox;
    default:
      return {};
  }
}

std::string_view name_of(Place place) {
  switch (place) {
    case Place::root:
      return "the file";
    case Place::video:
      return "one of 'videos'";
    case Place::source:
      return "'source'";
    case Place::track:
      return "a track";
    case Place::box:
      return "a box";
    default:
      return "a value";
  }
}

std::optional<media::Rational> parse_fraction(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto numerator = parse_whole<std::int64_t>(text.substr(0, slash));
  const auto denominator = parse_whole<std::int64_t>(text.substr(slash + 1));
  if (!numerator || !denominator || *numerator < 0 || *denominator <= 0) return std::nullopt;
  return media::Rational{*numerator, *denominator};
}

/// Receives the parser's events. Every on_... returns false and sets `complaint` to stop.
class Handler {
 public:
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  explicit Handler(const TracksLimits& limits) : limits_(limits) {}

  TracksFile file;
  std::string complaint;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }

  bool on_object_begin(error_code& ec) {
    switch (place()) {
      case Place::document:
        return enter(Place::root);
      case Place::root:
        if (key_ == "settings") return enter(Place::settings);
        return key_ == "source" ? enter_at_top(Place::source, ec) : wrong_kind(ec);
      case Place::videos:
        if (file.videos.size() == limits_.videos) {
          return refuse(ec, fmt::format("more than {} video tracks", limits_.videos));
        }
        file.videos.emplace_back();
        return enter(Place::video);
      case Place::video:
        return key_ == "source" ? enter(Place::source) : wrong_kind(ec);
      case Place::tracks:
        if (++tracks_ > limits_.tracks) return refuse(ec, fmt::format("more than {} tracks", limits_.tracks));
        track_id_ = 0;
        box_number_ = 0;
        from_.reset();
        to_.reset();
        first_pts_.reset();
        last_pts_.reset();
        first_of_track_ = pending_.size();
        return enter(Place::track);
      case Place::boxes:
        ++box_number_;
        if (++boxes_ > limits_.boxes) return refuse(ec, fmt::format("more than {} boxes", limits_.boxes));
        box_ = {};
        box_.score = 1;
        return enter(Place::box);
      case Place::settings:
      case Place::ignored:
        return enter(Place::ignored);
      default:
        return wrong_kind(ec);
    }
  }

  bool on_object_end(std::size_t, error_code& ec) {
    const Place left = place();
    const auto keys = keys_of(left);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const bool optional = keys[i] == "detector" || keys[i] == "settings" || keys[i] == "score" ||
                            keys[i] == "origin" || keys[i] == "from" || keys[i] == "to" ||
                            keys[i] == "frame_rate" || keys[i] == "doubt" ||
                            (left == Place::root && is_of_other_version(keys[i]));
      if (!optional && (seen_.back() & (1U << i)) == 0) {
        return refuse(ec, fmt::format("{} lacks '{}'", name_of(left), keys[i]));
      }
    }
    leave();
    if (left == Place::root) return file_done(ec);
    if (left == Place::box) return box_done(ec);
    if (left == Place::track) return track_done(ec);
    return true;
  }

  bool on_array_begin(error_code& ec) {
    switch (place()) {
      case Place::root:
        if (key_ == "videos" && file.videos.empty()) return enter(Place::videos);
        return key_ == "tracks" ? enter_at_top(Place::tracks, ec) : wrong_kind(ec);
      case Place::video:
        return key_ == "tracks" ? enter(Place::tracks) : wrong_kind(ec);
      case Place::track:
        return key_ == "boxes" ? enter(Place::boxes) : wrong_kind(ec);
      case Place::box:
        side_ = 0;
        return key_ == "box" ? enter(Place::sides) : wrong_kind(ec);
      case Place::settings:
      case Place::ignored:
        return enter(Place::ignored);
      default:
        return wrong_kind(ec);
    }
  }

  bool on_array_end(std::size_t, error_code& ec) {
    if (place() == Place::sides && side_ != 4)
      return refuse(ec, fmt::format("'box' has {} numbers; it takes 4: x, y, width, height", side_));
    leave();
    return true;
  }

  bool on_key_part(json::string_view part, std::size_t, error_code& ec) { return gather(part, ec); }
  bool on_key(json::string_view part, std::size_t, error_code& ec) {
    if (!gather(part, ec)) return false;
    key_ = std::exchange(text_, {});
    if (place() == Place::settings || place() == Place::ignored) return true;
    const auto keys = keys_of(place());
    const auto found = std::find(keys.begin(), keys.end(), key_);
    if (found == keys.end()) {
      return refuse(ec, fmt::format("{} has no field '{}'", name_of(place()), shown(key_)));
    }
    const unsigned bit = 1U << static_cast<unsigned>(found - keys.begin());
    if ((seen_.back() & bit) != 0) return refuse(ec, fmt::format("'{}' stands twice", key_));
    seen_.back() |= bit;
    return true;
  }

  bool on_string_part(json::string_view part, std::size_t, error_code& ec) { return gather(part, ec); }
  bool on_string(json::string_view part, std::size_t, error_code& ec) {
    if (!gather(part, ec)) return false;
    return take_text(std::exchange(text_, {}), ec);
  }
  bool on_number_part(json::string_view, error_code&) { return true; }
  bool on_int64(std::int64_t value, json::string_view, error_code& ec) { return take_integer(value, ec); }
  bool on_uint64(std::uint64_t value, json::string_view, error_code& ec) {
    return take_number(static_cast<double>(value), ec);
  }
  bool on_double(double value, json::string_view, error_code& ec) { return take_number(value, ec); }
  bool on_bool(bool, error_code& ec) { return ignoring() || wrong_kind(ec); }
  bool on_null(error_code& ec) { return ignoring() || wrong_kind(ec); }
  bool on_comment_part(json::string_view, error_code&) { return true; }
  bool on_comment(json::string_view, error_code&) { return true; }

 private:
  [[nodiscard]] Place place() const { return places_.back(); }
  [[nodiscard]] bool ignoring() const { return place() == Place::settings || place() == Place::ignored; }
  bool enter(Place place) {
    places_.push_back(place);
    seen_.push_back(0);
    return true;
  }
  void leave() {
    places_.pop_back();
    seen_.pop_back();
  }

  [[nodiscard]] TracksHeader& header() { return file.videos.back().header; }
  /// What stands at the top is of the clip's only video track.
  bool enter_at_top(Place place, error_code& ec) {
    if (file.videos.empty()) file.videos.emplace_back();
    return file.videos.size() == 1 && header().video == 0 ? enter(place) : wrong_kind(ec);
  }
  [[nodiscard]] bool is_of_other_version(std::string_view key) const {
    return version_ == 2 ? key == "source" || key == "tracks" : key == "videos";
  }

  [[nodiscard]] std::string where() const {
    const bool in_track = std::find(places_.begin(), places_.end(), Place::track) != places_.end();
    if (!in_track && !just_left_track_) return "";
    std::string text =
        track_id_ > 0 ? fmt::format("track {}: ", track_id_) : fmt::format("track number {}: ", tracks_);
    if (std::find(places_.begin(), places_.end(), Place::box) != places_.end() || just_left_box_) {
      text += fmt::format("box {}: ", box_number_);
    }
    return text;
  }
  bool refuse(error_code& ec, const std::string& what) {
    if (complaint.empty()) complaint = where() + what;
    ec = json::error::syntax;
    return false;
  }
  bool wrong_kind(error_code& ec) {
    return refuse(ec, key_.empty() ? "not the kind of value that stands here"
                                   : fmt::format("'{}' is not the kind of value that it takes", shown(key_)));
  }
  /// The beginning, for a message.
  static std::string shown(std::string_view text) { return printable(text.substr(0, 60)); }
  bool gather(json::string_view part, error_code& ec) {
    if (text_.size() + part.size() > kMostText)
      return refuse(ec, fmt::format("a text of more than {} bytes", kMostText));
    text_.append(part.data(), part.size());
    return true;
  }

  bool take_text(std::string text, error_code& ec) {
    if (ignoring()) return true;
    if (place() == Place::root && key_ == "format") {
      return text == "sightline-tracks" || refuse(ec, "'format' is not \"sightline-tracks\"");
    }
    if (place() == Place::root && key_ == "detector") return detector_ = std::move(text), true;
    if (place() == Place::track && key_ == "doubt") return true;  // for people
    if (place() == Place::source && key_ == "file") return header().file = std::move(text), true;
    if (place() == Place::source && (key_ == "frame_rate" || key_ == "time_base")) {
      const auto value = parse_fraction(text);
      if (!value)
        return refuse(ec,
                      fmt::format("'{}' is '{}'; it takes a fraction such as \"1/25\"", key_, shown(text)));
      if (key_ == "time_base" && value->num == 0) return refuse(ec, "'time_base' is zero");
      (key_ == "time_base" ? header().time_base : header().frame_rate) = *value;
      return true;
    }
    if (place() == Place::box && key_ == "origin") {
      for (const Origin origin : {Origin::detected, Origin::tracked, Origin::interpolated}) {
        if (text == origin_name(origin)) return box_.origin = origin, true;
      }
      return refuse(ec,
                    fmt::format("'origin' is '{}'; it takes detected, tracked or interpolated", shown(text)));
    }
    return wrong_kind(ec);
  }

  bool take_integer(std::int64_t value, error_code& ec) {
    const auto within = [&](std::int64_t low, std::int64_t high, auto& out) {
      if (value < low || value > high) {
        return refuse(ec, fmt::format("'{}' is {}; it must lie between {} and {}", key_, value, low, high));
      }
      out = static_cast<std::remove_reference_t<decltype(out)>>(value);
      return true;
    };
    switch (place()) {
      case Place::root:
        if (key_ == "version")
          return (version_ = value) == 1 || value == 2 ||
                 refuse(ec, fmt::format("'version' is {}; this program reads versions 1 and 2", value));
        return wrong_kind(ec);
      case Place::video:
        return key_ == "video" ? within(1, 1000, header().video) : wrong_kind(ec);
      case Place::source:
        if (key_ == "width") return within(1, kWidest, header().size.width);
        if (key_ == "height") return within(1, kWidest, header().size.height);
        return wrong_kind(ec);
      case Place::track:
        if (key_ == "id") {
          if (!within(1, std::int64_t{1} << 53, track_id_)) return false;
          return ids_.insert(track_id_).second || refuse(ec, "this id stands twice");
        }
        if (key_ == "from") return from_ = value, true;
        if (key_ == "to") return to_ = value, true;
        return wrong_kind(ec);
      case Place::box:
        if (key_ == "pts") return pts_ = value, true;
        return take_number(static_cast<double>(value), ec);
      default:
        return take_number(static_cast<double>(value), ec);
    }
  }

  bool take_number(double value, error_code& ec) {
    if (ignoring()) return true;
    if (place() == Place::box && key_ == "score") {
      if (!(value >= 0 && value <= 1))
        return refuse(ec, fmt::format("'score' is {}; it must lie between 0 and 1", value));
      box_.score = static_cast<float>(value);
      return true;
    }
    if (place() == Place::sides) {
      if (side_ >= 4) return refuse(ec, "'box' has more than 4 numbers; it takes x, y, width, height");
      const bool length = side_ >= 2;
      if (!(std::abs(value) <= kFarthest) || (length && !(value > 0))) {
        return refuse(ec, fmt::format("'box' has {} for {}; {}", value, kSideNames[side_],
                                      length ? "it must be above 0 and at most 1000000"
                                             : "it must lie within 1000000 of 0"));
      }
      sides_[side_++] = static_cast<float>(value);
      return true;
    }
    return wrong_kind(ec);
  }

  bool box_done(error_code& ec) {
    just_left_box_ = true;
    if (last_pts_ && pts_ <= *last_pts_) {
      return refuse(ec, fmt::format("'pts' is {}, not after {} of the box before it", pts_, *last_pts_));
    }
    just_left_box_ = false;
    if (!first_pts_) first_pts_ = pts_;
    last_pts_ = pts_;
    box_.box = {sides_[0], sides_[1], sides_[2], sides_[3]};
    pending_.emplace_back(pts_, box_);
    return true;
  }

  bool file_done(error_code& ec) {
    std::set<int> numbers;
    for (VideoTracks& video : file.videos) {
      video.header.detector = detector_;
      if ((video.header.video != 0) != (version_ == 2)) {
        return refuse(ec, "version 1 has 'source' and 'tracks' at the top, version 2 only within 'videos'");
      }
      if (!numbers.insert(video.header.video).second) {
        return refuse(ec, fmt::format("video track {} stands twice", video.header.video));
      }
    }
    return !file.videos.empty() || refuse(ec, "'videos' is empty");
  }

  bool track_done(error_code& ec) {
    just_left_track_ = true;
    if ((from_ && first_pts_ && *from_ > *first_pts_) || (to_ && last_pts_ && *to_ < *last_pts_)) {
      return refuse(ec, "'from' and 'to' do not span its boxes");
    }
    just_left_track_ = false;
    for (std::size_t i = first_of_track_; i < pending_.size(); ++i) {
      pending_[i].second.track = track_id_;
      file.videos.back().frames[pending_[i].first].push_back(pending_[i].second);
    }
    pending_.clear();
    return true;
  }

  static constexpr std::array<std::string_view, 4> kSideNames = {"x", "y", "the width", "the height"};
  const TracksLimits limits_;
  std::vector<Place> places_ = {Place::document};
  std::vector<unsigned> seen_ = {0};
  std::string key_, text_, detector_;
  std::int64_t version_ = 0;
  std::set<std::int64_t> ids_;
  std::size_t tracks_ = 0, boxes_ = 0, box_number_ = 0, first_of_track_ = 0, side_ = 0;
  std::int64_t track_id_ = 0, pts_ = 0;
  std::optional<std::int64_t> from_, to_, first_pts_, last_pts_;
  std::array<float, 4> sides_{};
  TrackedBox box_;
  bool just_left_box_ = false, just_left_track_ = false;
  std::vector<std::pair<std::int64_t, TrackedBox>> pending_;
};

std::string without_position(const error_code& ec) {
  if (ec == json::error::incomplete) return "the file ends in the middle";
  if (ec == json::error::too_deep) return "too many levels of brackets";
  return fmt::format("not JSON ({})", ec.message());
}

}  // namespace

Result<TracksFile> parse_tracks(std::string_view text, std::string_view name, const TracksLimits& limits) {
  if (text.size() > limits.bytes) {
    return fail(ErrorKind::too_large,
                fmt::format("{}: {} bytes; the limit is {}", name, text.size(), limits.bytes));
  }
  json::parse_options options;
  options.max_depth = 16;
  json::basic_parser<Handler> parser(options, limits);
  std::size_t line = 1;
  error_code ec;
  const auto failed = [&]() {
    const std::string& complaint = parser.handler().complaint;
    return fail(ErrorKind::corrupt, fmt::format("{}: line {}: {}", name, line,
                                                complaint.empty() ? without_position(ec) : complaint));
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view part = text.substr(0, end);
    const std::size_t used = parser.write_some(true, part.data(), part.size(), ec);
    if (ec) return failed();
    if (used < end && text.substr(used, end - used).find_first_not_of(" \t\r\n") != std::string_view::npos) {
      ec = json::error::extra_data;
      return failed();
    }
    if (text[end - 1] == '\n') ++line;
    text.remove_prefix(end);
  }
  if (!parser.done()) {
    parser.write_some(false, nullptr, 0, ec);
    if (!ec) ec = json::error::incomplete;
    return failed();
  }
  return std::move(parser.handler().file);
}

}  // namespace sightline::tracking
