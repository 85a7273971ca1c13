#include "sight/anonymize/report.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <limits>

namespace sightline::anonymize {
namespace {

tracking::FrameTracks frame_of(std::int64_t pts, std::vector<tracking::TrackedBox> boxes) {
  return {pts, std::move(boxes)};
}

ClipSummary summary_of(media::Rational time_base) {
  media::VideoInfo info;
  info.time_base = time_base;
  ClipSummary summary;
  summary.begin_video(info);
  return summary;
}

ReportEntry clip_entry() {
  ClipSummary summary = summary_of({1, 25});
  for (std::int64_t pts = 0; pts < 100; ++pts) {
    std::vector<tracking::TrackedBox> boxes;
    if (pts >= 10 && pts < 60) {
      const float score = pts == 33 ? 0.2F : 0.9F;
      const auto origin = pts % 2 != 0 ? tracking::Origin::tracked : tracking::Origin::detected;
      boxes.push_back({2, {10, 20, 30, 40 + static_cast<float>(pts) / 10}, score, origin});
    }
    if (pts == 50) boxes.push_back({1, {1, 2, 3, 4}, 0.5F, tracking::Origin::interpolated});
    summary.add(frame_of(pts, std::move(boxes)));
  }
  ReportEntry entry;
  summary.finish(entry);
  return entry;
}

TEST(ClipSummary, CountsFramesAndTracks) {
  const ReportEntry entry = clip_entry();
  EXPECT_EQ(entry.kind, media::FileKind::clip);
  EXPECT_EQ(entry.frames, 100);
  EXPECT_EQ(entry.frames_with_faces, 50);
  EXPECT_DOUBLE_EQ(entry.seconds, 99.0 / 25);
  ASSERT_EQ(entry.tracks.size(), 2U);
  EXPECT_EQ(entry.tracks[0].id, 1);
  EXPECT_EQ(entry.tracks[0].interpolated, 1);
  const ReportTrack& track = entry.tracks[1];
  EXPECT_EQ(track.frames(), 50);
  EXPECT_EQ(track.detected, 25);
  EXPECT_DOUBLE_EQ(track.from, 10.0 / 25);
  EXPECT_DOUBLE_EQ(track.to, 59.0 / 25);
  EXPECT_FLOAT_EQ(track.best_confidence, 0.9F);
  EXPECT_NEAR(track.mean_confidence, (49 * 0.9 + 0.2) / 50, 1e-5);
  EXPECT_FLOAT_EQ(track.least_height, 41);
  EXPECT_FLOAT_EQ(track.most_height, 45.9F);
}

TEST(ClipSummary, SeveralVideoTracksAreTellableApart) {
  ClipSummary summary;
  ReportEntry entry;
  for (int track = 1; track <= 2; ++track) {
    media::VideoInfo info;
    info.stored_size = {640 / track, 480 / track};
    info.time_base = {1, 10 * track};
    info.track = track;
    info.tracks = 2;
    summary.begin_video(info);
    for (std::int64_t pts = 0; pts < 20; ++pts) {
      summary.add(frame_of(pts, {{track, {1, 2, 3, 4}, 0.5F, tracking::Origin::detected}}));
    }
  }
  summary.finish(entry);
  EXPECT_EQ(entry.frames, 40);
  EXPECT_DOUBLE_EQ(entry.seconds, 1.9);
  ASSERT_EQ(entry.tracks.size(), 2U);
  EXPECT_EQ(entry.tracks[1].video, 2);
  ASSERT_EQ(entry.videos.size(), 2U);
  EXPECT_EQ(entry.videos[1].frames, 20);
  EXPECT_EQ(entry.videos[1].size, (media::Size{320, 240}));
  EXPECT_EQ(entry.weakest.back().video, 2);
}

TEST(ClipSummary, TheWeakestMomentsComeFirstAndOnceASecond) {
  const ReportEntry entry = clip_entry();
  ASSERT_GE(entry.weakest.size(), 2U);
  EXPECT_EQ(entry.weakest[0].track, 2);
  EXPECT_EQ(entry.weakest[0].pts, 33);
  EXPECT_DOUBLE_EQ(entry.weakest[0].seconds, 33.0 / 25);
  EXPECT_EQ(entry.weakest[1].track, 1);
  for (std::size_t i = 1; i < entry.weakest.size(); ++i) {
    EXPECT_LE(entry.weakest[i - 1].confidence, entry.weakest[i].confidence);
  }
  EXPECT_LE(entry.weakest.size(), 5U);  // two seconds of track 2, one moment of track 1
}

TEST(ClipSummary, MemoryForWeakMomentsIsBounded) {
  ClipSummary summary = summary_of({1, 1});
  for (std::int64_t pts = 0; pts < 1000; ++pts) {
    summary.add(frame_of(pts, {{1, {0, 0, 10, 10}, 1.0F - static_cast<float>(pts) / 1000, {}}}));
  }
  ReportEntry entry;
  summary.finish(entry);
  ASSERT_EQ(entry.weakest.size(), ClipSummary::kWeakMoments);
  EXPECT_EQ(entry.weakest.front().pts, 999);
}

ReportEntry coverage_of(const std::vector<float>& heights, analysis::Scope scope, bool is_painted = true) {
  ReportEntry entry;
  entry.kind = media::FileKind::clip;
  for (const float height : heights) {
    ReportTrack track;
    track.id = static_cast<std::int64_t>(entry.tracks.size()) + 1;
    track.least_height = track.most_height = height;
    entry.tracks.push_back(track);
  }
  judge_coverage(entry, scope, scope == analysis::Scope::thorough ? 10 : 20, 10, is_painted);
  return entry;
}

TEST(Coverage, ManyFacesNearTheLimitMakeThoroughBeNamed) {
  const ReportEntry entry = coverage_of({24, 28, 90}, analysis::Scope::balanced);
  EXPECT_EQ(entry.smallest_face, 20);
  ASSERT_EQ(entry.notes.size(), 1U);
  EXPECT_EQ(entry.notes[0],
            "2 of 3 face tracks are under 30 px high, so that smaller faces are likely, and those under 20 "
            "px may stay clear; --scope thorough finds faces from 10 px on as a rule");
}

TEST(Coverage, WhereNothingIsPaintedNoNoteSaysSo) {
  EXPECT_EQ(coverage_of({24, 28, 90}, analysis::Scope::balanced, false).notes.at(0),
            "2 of 3 face tracks are under 30 px high, so that smaller faces are likely, and those under 20 "
            "px may be missed; --scope thorough finds faces from 10 px on as a rule");
  for (const int tracks : {1, 2}) {
    ReportEntry entry;
    entry.tracks.resize(static_cast<std::size_t>(tracks));
    for (ReportTrack& track : entry.tracks) {
      track.is_doubted = true;
      track.most_height = 80;
    }
    judge_coverage(entry, analysis::Scope::balanced, 20, 10, false);
    EXPECT_EQ(entry.notes.at(0),
              tracks == 1 ? "1 face track may be a thing (never moves and never looks like a face at full "
                            "size); it comes first in --review"
                          : "2 face tracks may be things (they never move and never look like faces at full "
                            "size); they come first in --review");
    judge_coverage(entry, analysis::Scope::balanced, 20, 10, true);
    EXPECT_NE(entry.notes.at(1).find(tracks == 1 ? "; it is painted, and comes first"
                                                 : "; they are painted, and come first"),
              std::string::npos)
        << entry.notes.at(1);
  }
}

TEST(Coverage, LargeFacesAndThoroughNeedNoNote) {
  EXPECT_TRUE(coverage_of({24, 60, 90}, analysis::Scope::balanced).notes.empty());
  EXPECT_TRUE(coverage_of({12, 12, 12}, analysis::Scope::thorough).notes.empty());
  EXPECT_EQ(coverage_of({}, analysis::Scope::thorough).smallest_face, 10);
}

TEST(Coverage, AThingThatNeverMovesIsDoubtedAndCounted) {
  ClipSummary summary = summary_of({1, 25});
  for (std::int64_t pts = 0; pts < 50; ++pts) {
    summary.add(frame_of(pts, {{1, {300, 200, 60, 80}, 0.4F, tracking::Origin::detected},
                               {2, {10, 20, 60, 80}, 0.97F, tracking::Origin::detected}}));
  }
  Report report;
  ReportEntry& entry = report.entries.emplace_back();
  summary.finish(entry);
  judge_coverage(entry, analysis::Scope::balanced, 20, 10, true);
  EXPECT_TRUE(entry.tracks[0].is_doubted);
  EXPECT_FALSE(entry.tracks[1].is_doubted);
  ASSERT_EQ(entry.notes.size(), 1U);
  EXPECT_EQ(entry.notes[0],
            "1 face track may be a thing (never moves and never looks like a face at full size); it is "
            "painted, and "
            "comes first in --review");
  const boost::json::value value = boost::json::parse(report_json(report));
  const boost::json::value& file = value.at("files").at(0);
  EXPECT_EQ(file.at("smallest_face").as_int64(), 20);
  EXPECT_EQ(file.at("tracks").at(0).at("doubt").as_string(),
            "never moves and never looks like a face at full size");
  EXPECT_TRUE(file.at("tracks").at(1).at("doubt").is_null());
}

TEST(Report, JsonHoldsWhatWasDoneAndReadsBack) {
  Report report;
  report.tool_version = "0.1.0";
  report.detector = "centerface 1.5.0";
  report.runtime = "2026.4.1";
  report.threshold = 0.3F;
  report.picture_threshold = 0.2F;
  report.metadata = "safe";
  ReportEntry picture;
  picture.kind = media::FileKind::picture;
  picture.input = {"photos/b\"\\\xFFild.jpg", 123, "ab"};
  picture.output = ReportFile{"out/bild.jpg", 99, "cd"};
  picture.size = {640, 480};
  picture.faces = {{{1.23456F, 2, 3, std::numeric_limits<float>::quiet_NaN()}, 0.98765F},
                   {{1, 2, 3, 4}, 0.3F}};
  picture.smallest_face = 20;
  ReportEntry failed;
  failed.input = {"x.png", 0, ""};
  failed.status = ReportEntry::Status::failed;
  failed.error = "x.png: is empty";
  report.entries = {picture, clip_entry(), failed};

  const std::string text = report_json(report);
  EXPECT_EQ(text.back(), '\n');
  const boost::json::value value = boost::json::parse(text);
  EXPECT_EQ(value.at("schema").as_string(), "sightline-report-1");
  EXPECT_EQ(value.at("settings").at("style").at("name").as_string(), "blur");
  EXPECT_EQ(value.at("settings").at("threshold").as_double(), 0.3);
  EXPECT_EQ(value.at("settings").at("picture_threshold").as_double(), 0.2);
  EXPECT_EQ(value.at("settings").at("metadata").as_string(), "safe");
  EXPECT_EQ(value.at("totals").at("faces").as_int64(), 2);
  EXPECT_EQ(value.at("totals").at("tracks").as_int64(), 2);
  EXPECT_EQ(value.at("totals").at("failed").as_int64(), 1);
  const auto& files = value.at("files").as_array();
  EXPECT_EQ(files[0].at("input").at("path").as_string(), "photos/b\"\\\xEF\xBF\xBDild.jpg");
  EXPECT_EQ(files[0].at("output").at("sha256").as_string(), "cd");
  EXPECT_NEAR(files[0].at("faces").at(0).at("box").at(0).to_number<double>(), 1.235, 1e-9);
  EXPECT_TRUE(files[0].at("faces").at(0).at("box").at(3).is_null());
  EXPECT_TRUE(files[0].at("faces").at(0).at("doubt").is_null());
  EXPECT_EQ(files[0].at("faces").at(1).at("doubt").as_string(), "more likely no face");
  EXPECT_EQ(files[0].at("smallest_face").as_int64(), 20);
  EXPECT_EQ(files[1].at("tracks").as_array().size(), 2U);
  EXPECT_EQ(files[1].at("weakest").at(0).at("pts").as_int64(), 33);
  EXPECT_TRUE(files[2].at("output").is_null());
  EXPECT_EQ(files[2].at("error").as_string(), "x.png: is empty");
  EXPECT_TRUE(files[2].at("kind").is_null()) << "nobody knows what it is";
  EXPECT_TRUE(files[2].at("input").at("sha256").is_null());
  EXPECT_EQ(files[0].at("status").as_string(), "done");
  EXPECT_EQ(files[2].at("status").as_string(), "failed");
}

TEST(Report, SettingsSayWhatWasPaintedLeftClearAndKept) {
  Report report;
  const boost::json::value none = boost::json::parse(report_json(report)).at("settings");
  for (const char* name : {"regions", "exclusions", "keep"}) EXPECT_TRUE(none.at(name).as_array().empty());
  for (const char* name : {"use_tracks", "from", "to"}) EXPECT_TRUE(none.at(name).is_null()) << name;
  report.regions = {{{1, 2, 3, 4}, {}}};
  report.exclusions = {{{5, 6, 7, 8}, {2.5, std::nullopt}}};
  report.keep = {"her.jpg"};
  report.use_tracks = "t.json";
  report.span.to = 9;
  const boost::json::value some = boost::json::parse(report_json(report)).at("settings");
  EXPECT_EQ(some.at("regions").at(0).at("box").at(3).to_number<double>(), 4);
  EXPECT_TRUE(some.at("regions").at(0).at("from").is_null());
  EXPECT_EQ(some.at("exclusions").at(0).at("box").at(0).to_number<double>(), 5);
  EXPECT_EQ(some.at("exclusions").at(0).at("from").to_number<double>(), 2.5);
  EXPECT_TRUE(some.at("exclusions").at(0).at("to").is_null());
  EXPECT_EQ(some.at("keep").at(0).as_string(), "her.jpg");
  EXPECT_EQ(some.at("use_tracks").as_string(), "t.json");
  EXPECT_EQ(some.at("to").to_number<double>(), 9);
}

TEST(Report, FacesInExcludedAreasAreNoted) {
  ReportEntry entry;
  entry.kind = media::FileKind::picture;
  note_excluded(entry, 0, true);
  EXPECT_TRUE(entry.notes.empty());
  note_excluded(entry, 1, true);
  note_excluded(entry, 2, false);
  entry.kind = media::FileKind::clip;
  note_excluded(entry, 2, true);
  EXPECT_EQ(entry.notes,
            (std::vector<std::string>{
                "1 face lies in an excluded area, in whole or in part, and was left clear there",
                "2 faces lie in an excluded area, in whole or in part",
                "2 face tracks lie in an excluded area, in whole or in part, and were left clear "
                "there"}));
}

TEST(Report, AnEntryOnALineIsTheEntryOfTheList) {
  Report report;
  ReportEntry before;
  before.status = ReportEntry::Status::done_before;
  before.kind = media::FileKind::clip;
  before.input = {"a.mp4", 0, ""};
  report.entries = {clip_entry(), before};
  const boost::json::value list = boost::json::parse(report_json(report)).at("files");
  for (std::size_t i = 0; i < report.entries.size(); ++i) {
    const std::string line = entry_line(report.entries[i]);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_EQ(boost::json::parse(line), list.at(i));
  }
  EXPECT_EQ(list.at(1).at("status").as_string(), "done before");
}

}  // namespace
}  // namespace sightline::anonymize
