// report_json(): the report as text.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "base/utf8.h"
#include "sight/anonymize/report.h"
#include "sight/tracking/tracks_file.h"

namespace sightline::anonymize {

namespace {

namespace json = boost::json;

/// Three decimals are as fine as anyone can look; values that are no number are null.
json::value rounded(double value) {
  if (!std::isfinite(value)) return nullptr;
  return std::round(value * 1000.0) / 1000.0;
}

json::string utf8(std::string_view text) {
  return json::string(as_utf8(text));
}

json::array box_json(const media::Box& box) {
  return {rounded(static_cast<double>(box.x)), rounded(static_cast<double>(box.y)),
          rounded(static_cast<double>(box.width)), rounded(static_cast<double>(box.height))};
}

json::value number(float value) {
  return rounded(static_cast<double>(value));
}

/// Of a file that was not read, nothing but its path is known.
json::object file_json(const ReportFile& file) {
  json::object out{{"path", utf8(file.path)}, {"bytes", nullptr}, {"sha256", nullptr}};
  if (file.sha256.empty()) return out;
  out["bytes"] = file.bytes;
  out["sha256"] = file.sha256;
  return out;
}

json::object style_json(const Style& style) {
  json::object out{{"name", style_name(style.kind)}};
  if (style.kind == StyleKind::none) return out;
  out["mask"] = mask_shape_name(style.shape);
  out["margin"] = number(style.margin);
  if (style.kind == StyleKind::blur) out["strength"] = number(style.strength);
  if (style.kind == StyleKind::pixelate) out["blocks"] = style.blocks;
  if (style.kind == StyleKind::solid) {
    out["color"] =
        fmt::format("#{:02x}{:02x}{:02x}", style.fill_rgb[0], style.fill_rgb[1], style.fill_rgb[2]);
  }
  return out;
}

json::value seconds_json(const std::optional<double>& seconds) {
  return seconds ? rounded(*seconds) : json::value(nullptr);
}

json::array regions_json(const std::vector<Region>& regions) {
  json::array out;
  for (const Region& region : regions) {
    out.push_back(json::object{{"box", box_json(region.box)},
                               {"from", seconds_json(region.span.from)},
                               {"to", seconds_json(region.span.to)}});
  }
  return out;
}

json::object settings_json(const Report& report) {
  json::array keep;
  for (const std::string& photo : report.keep) keep.push_back(utf8(photo));
  return {
      {"style", style_json(report.style)},
      {"scope", analysis::scope_name(report.scope)},
      {"threshold", number(report.threshold)},
      {"picture_threshold", number(report.picture_threshold)},
      {"metadata", report.metadata},
      {"regions", regions_json(report.regions)},
      {"exclusions", regions_json(report.exclusions)},
      {"keep", std::move(keep)},
      {"use_tracks", report.use_tracks.empty() ? json::value(nullptr) : json::value(utf8(report.use_tracks))},
      {"from", seconds_json(report.span.from)},
      {"to", seconds_json(report.span.to)}};
}

/// Where the clip has one video track, its number is left out.
void add_video(int number, json::array& list) {
  if (number != 0) list.back().as_object()["video"] = number;
}

void add_clip(const ReportEntry& entry, json::object& out) {
  out["frames"] = entry.frames;
  out["frames_with_faces"] = entry.frames_with_faces;
  out["seconds"] = rounded(entry.seconds);
  out["detector_runs"] = entry.detector_runs;
  json::array tracks;
  for (const ReportTrack& track : entry.tracks) {
    tracks.push_back(
        json::object{{"id", track.id},
                     {"from", rounded(track.from)},
                     {"to", rounded(track.to)},
                     {"frames", track.frames()},
                     {"detected", track.detected},
                     {"tracked", track.tracked},
                     {"interpolated", track.interpolated},
                     {"best_confidence", number(track.best_confidence)},
                     {"mean_confidence", number(track.mean_confidence)},
                     {"doubt", track.is_doubted ? json::value(tracking::TrackDoubt::kReason) : nullptr},
                     {"height", {number(track.least_height), number(track.most_height)}}});
    add_video(track.video, tracks);
  }
  out["tracks"] = std::move(tracks);
  json::array weakest;
  for (const WeakMoment& moment : entry.weakest) {
    weakest.push_back(json::object{{"track", moment.track},
                                   {"seconds", rounded(moment.seconds)},
                                   {"pts", moment.pts},
                                   {"box", box_json(moment.box)},
                                   {"confidence", number(moment.confidence)},
                                   {"origin", tracking::origin_name(moment.origin)}});
    add_video(moment.video, weakest);
  }
  out["weakest"] = std::move(weakest);
  if (entry.videos.empty()) return;
  json::array videos;
  for (const ReportVideo& video : entry.videos) {
    videos.push_back(json::object{
        {"video", video.number}, {"size", {video.size.width, video.size.height}}, {"frames", video.frames}});
  }
  out["videos"] = std::move(videos);
}

std::string_view status_name(ReportEntry::Status status) {
  if (status == ReportEntry::Status::failed) return "failed";
  return status == ReportEntry::Status::done_before ? "done before" : "done";
}

json::value kind_json(media::FileKind kind) {
  if (kind == media::FileKind::other) return nullptr;
  return kind == media::FileKind::clip ? "clip" : "picture";
}

json::object entry_json(const ReportEntry& entry) {
  json::object out{{"status", status_name(entry.status)},
                   {"kind", kind_json(entry.kind)},
                   {"input", file_json(entry.input)}};
  out["output"] = entry.output ? json::value(file_json(*entry.output)) : json::value(nullptr);
  if (entry.status != ReportEntry::Status::done) {
    if (!entry.error.empty()) out["error"] = utf8(entry.error);
    return out;
  }
  const bool clip = entry.kind == media::FileKind::clip;
  json::array notes;
  for (const std::string& note : entry.notes) notes.push_back(utf8(note));
  out["notes"] = std::move(notes);
  out["size"] = {entry.size.width, entry.size.height};
  if (entry.smallest_face > 0) out["smallest_face"] = entry.smallest_face;
  if (clip) {
    add_clip(entry, out);
    return out;
  }
  json::array faces;
  for (const ReportFace& face : entry.faces) {
    faces.push_back(
        json::object{{"box", box_json(face.box)},
                     {"confidence", number(face.confidence)},
                     {"doubt", face.is_doubted() ? json::value("more likely no face") : nullptr}});
  }
  out["faces"] = std::move(faces);
  return out;
}

bool is_flat(const json::value& value) {
  if (const auto* array = value.if_array()) {
    return std::all_of(array->begin(), array->end(), [](const json::value& v) { return v.is_primitive(); });
  }
  return value.is_primitive();
}

/// The shortest form that reads back the same: Boost writes every double with an exponent.
std::string double_text(double value) {
  return fmt::format("{}", value);
}

/// All of it on one line.
void write_line(std::string& out, const json::value& value) {
  if (const auto* object = value.if_object()) {
    out += '{';
    for (const auto& member : *object) {
      if (out.back() != '{') out += ", ";
      out += json::serialize(json::string(member.key())) + ": ";
      write_line(out, member.value());
    }
    out += '}';
  } else if (const auto* array = value.if_array()) {
    out += '[';
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (i > 0) out += ", ";
      write_line(out, (*array)[i]);
    }
    out += ']';
  } else if (const auto* real = value.if_double()) {
    out += double_text(*real);
  } else {
    out += json::serialize(value);
  }
}

/// Objects and arrays of objects one member a line; arrays of numbers on one line.
void write(std::string& out, const json::value& value, std::size_t depth) {
  const std::string indent((depth + 1) * 2, ' ');
  const auto close = [&](char bracket) {
    out += '\n';
    out.append(depth * 2, ' ');
    out += bracket;
  };
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    out += '{';
    bool first = true;
    for (const auto& member : *object) {
      out += first ? "\n" : ",\n";
      first = false;
      out += indent + json::serialize(json::string(member.key())) + ": ";
      write(out, member.value(), depth + 1);
    }
    close('}');
  } else if (const auto* array = value.if_array(); array != nullptr && !is_flat(value)) {
    out += '[';
    for (std::size_t i = 0; i < array->size(); ++i) {
      out += (i == 0 ? "\n" : ",\n") + indent;
      write(out, (*array)[i], depth + 1);
    }
    close(']');
  } else if (value.is_array() || value.is_double()) {
    write_line(out, value);
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

std::string entry_line(const ReportEntry& entry) {
  std::string out;
  write_line(out, entry_json(entry));
  return out + '\n';
}

std::string report_json(const Report& report) {
  json::array files;
  std::int64_t faces = 0;
  std::int64_t tracks = 0;
  std::int64_t failed = 0;
  std::int64_t done_before = 0;
  for (const ReportEntry& entry : report.entries) {
    files.push_back(entry_json(entry));
    faces += static_cast<std::int64_t>(entry.faces.size());
    tracks += static_cast<std::int64_t>(entry.tracks.size());
    failed += entry.status == ReportEntry::Status::failed ? 1 : 0;
    done_before += entry.status == ReportEntry::Status::done_before ? 1 : 0;
  }
  const json::object root{{"schema", "sightline-report-1"},
                          {"tool", {{"name", "sightline"}, {"version", report.tool_version}}},
                          {"detector", utf8(report.detector)},
                          {"runtime", utf8(report.runtime)},
                          {"settings", settings_json(report)},
                          {"totals",
                           {{"files", report.entries.size()},
                            {"done_before", done_before},
                            {"failed", failed},
                            {"faces", faces},
                            {"tracks", tracks}}},
                          {"files", std::move(files)}};
  std::string out;
  write(out, root, 0);
  out += '\n';
  return out;
}

}  // namespace sightline::anonymize
