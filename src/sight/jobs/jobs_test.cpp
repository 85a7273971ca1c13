#include "sight/jobs/jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sight/jobs/jobs_test_support.h"
#include "sight/jobs/journal.h"
#include "store/postgres_test_support.h"

namespace sightline::jobs {
namespace {

namespace fs = std::filesystem;
using test::good_worker;
using namespace std::chrono_literals;
using test::JobsTest;
using test::kAccount;
using test::kRegion;
using test::problem;
using testing::HasSubstr;

int sleeper(const WorkerOrder&, int) {
  std::this_thread::sleep_for(100s);
  return 0;
}

TEST_F(JobsTest, TellsOfTheFacesEveryFifthOfASecond) {
  open(good_worker);
  JobRequest asked = request();
  asked.tag = "tag";
  const std::string id = start(asked);
  const ResultPage done = wait_for(id);
  ASSERT_EQ(done.job.status, JobStatus::succeeded) << done.job.message;
  EXPECT_EQ(done.job.tag, "tag");
  EXPECT_EQ(done.job.info->codec, "h264");
  EXPECT_EQ(done.job.info->size, (media::Size{320, 240}));
  EXPECT_EQ(done.job.info->duration_ms, 3'000);
  EXPECT_EQ(done.job.info->frame_rate, 25);
  EXPECT_EQ(done.job.progress.done, 75);
  std::set<std::int64_t> times;
  for (const ResultFace& face : done.faces) {
    times.insert(face.timestamp_ms);
    EXPECT_GT(face.face.confidence, 0);
  }
  for (std::int64_t ms = 0; ms < 3'000; ms += 200) EXPECT_TRUE(times.contains(ms)) << ms;
  EXPECT_TRUE(times.contains(2'960)) << "the last frame";
  EXPECT_TRUE(done.faces.front().face.landmarks);
  // Once the worker is gone, which nobody waits for to be told of the end.
  const fs::path journal = folder_ / "jobs" / (id + ".detections");
  for (int i = 0; i < 1'000 && fs::exists(journal); ++i) std::this_thread::sleep_for(10ms);
  EXPECT_FALSE(fs::exists(journal));
}

TEST_F(JobsTest, ClipsOfMoreThanSixHoursAreRefused) {
  media::test::make_clip("long.mp4",
                         "-f lavfi -i testsrc2=size=160x120:rate=1/1000:duration=23000 -c:v libx264 -preset "
                         "ultrafast -pix_fmt yuv420p");
  open(good_worker);
  const ResultPage refused = wait_for(start(request("long.mp4")));
  EXPECT_EQ(refused.job.status, JobStatus::failed);
  EXPECT_EQ(refused.job.message, "the clip is too long: it may last 6 hours at most; cut it");
  EXPECT_TRUE(refused.faces.empty());
}

TEST_F(JobsTest, AContainerThatDoesNotTellItsLengthIsRefusedWhenItIsTooLong) {
  media::test::make_clip("live.mkv",
                         "-f lavfi -i testsrc2=size=160x120:rate=25:duration=3 -c:v libx264 -preset "
                         "ultrafast -pix_fmt yuv420p -f matroska -live 1");
  const auto outcome = [this](std::chrono::seconds longest) {
    open([longest](WorkerOrder order, int) {
      order.longest = longest;
      return test::work(order);
    });
    return wait_for(start(request("live.mkv"))).job.status;
  };
  EXPECT_EQ(outcome(4s), JobStatus::succeeded);
  EXPECT_EQ(outcome(2s), JobStatus::failed);
}

TEST_F(JobsTest, AWorkerThatDiesIsFollowedByOneThatGoesOn) {
  open(good_worker);
  const ResultPage undisturbed = wait_for(start(request()));
  open([](const WorkerOrder& order, int launch) {
    // Each may look five times before it dies, until what is recorded spares it from looking.
    return test::work(order, [launch](int look) {
      if (look > 5 && launch < 4) ::raise(SIGSEGV);
    });
  });
  const ResultPage after = wait_for(start(request()));
  EXPECT_EQ(after.job.status, JobStatus::succeeded) << after.job.message;
  EXPECT_EQ(describe(after), describe(undisturbed));
  EXPECT_EQ(launcher_->launches, 4);
  EXPECT_EQ(jobs_->counters().crashes, 3U);
}

TEST_F(JobsTest, AServerThatIsKilledGoesOnFromWhatWasFound) {
  open(good_worker);
  const ResultPage undisturbed = wait_for(start(request()));
  open([](const WorkerOrder& order, int) {
    return test::work(order, [](int look) {
      if (look > 8) std::this_thread::sleep_for(100s);
    });
  });
  const std::string id = start(request());
  const fs::path journal = folder_ / "jobs" / (id + ".detections");
  std::error_code ignored;
  for (int i = 0; i < 1'000; ++i) {
    if (const auto size = fs::file_size(journal, ignored); !ignored && size > 600) break;
    std::this_thread::sleep_for(10ms);
  }
  open(good_worker);
  const ResultPage after = wait_for(id);
  EXPECT_EQ(after.job.status, JobStatus::succeeded) << after.job.message;
  EXPECT_EQ(describe(after), describe(undisturbed));
}

TEST_F(JobsTest, WhatWasFoundIsNotLookedForAgain) {
  const auto journal = folder_ / "seen.detections";
  const auto clip = media::test::clip_folder() / "clip.mp4";
  const auto looks_of_a_run = [&] {
    int pipe[2] = {};
    EXPECT_EQ(::pipe(pipe), 0);
    auto kept = Journal::open(journal).value();
    const Descriptor replayed = kept->open_for_worker().value();
    const Descriptor opened(::open(clip.c_str(), O_RDONLY));
    test::FakeDetector detector;
    test::FakeMesher mesher;
    std::jthread working([&] {
      EXPECT_TRUE(run_worker({opened.get(), replayed.get(), pipe[1], {}}, {detector, mesher}));
      ::close(pipe[1]);
    });
    RecordReader reader;
    std::uint8_t buffer[4096];
    for (ssize_t n = 0; (n = ::read(pipe[0], buffer, sizeof(buffer))) > 0;) {
      reader.feed({buffer, static_cast<std::size_t>(n)});
      while (const auto record = reader.next().value()) {
        if (const auto* hello = std::get_if<Hello>(&*record)) {
          EXPECT_TRUE(kept->greet(*hello));
        }
        if (const auto* seen = std::get_if<Detection>(&*record)) {
          EXPECT_TRUE(kept->add(*seen));
        }
      }
    }
    ::close(pipe[0]);
    working.join();
    return detector.looks.load();
  };
  EXPECT_GT(looks_of_a_run(), 8);
  EXPECT_EQ(looks_of_a_run(), 0);
}

TEST_F(JobsTest, AClipThatKillsEveryWorkerFailsAfterThreeInARow) {
  open([](const WorkerOrder&, int) -> int {
    ::raise(SIGSEGV);
    return 0;
  });
  const ResultPage done = wait_for(start(request()));
  EXPECT_EQ(done.job.status, JobStatus::failed);
  EXPECT_THAT(done.job.message, HasSubstr("was ended by signal 11, 3 times in a row"));
  EXPECT_EQ(launcher_->launches, 3);
}

TEST_F(JobsTest, AJobWaitsUntilThereIsRoomForItsClip) {
  JobsOptions options;
  options.again = 20ms;
  objects_.full = true;
  open(good_worker, options);
  const std::string id = start(request());
  const auto defer = [&] {
    const std::lock_guard lock(troubles_mutex_);
    return troubles_.size() >= 2;
  };
  for (int i = 0; i < 500 && !defer(); ++i) std::this_thread::sleep_for(10ms);
  ASSERT_TRUE(defer());
  EXPECT_THAT(troubles_[0], AllOf(HasSubstr(id), HasSubstr("no room")));
  EXPECT_EQ(page(id).job.status, JobStatus::in_progress);
  objects_.full = false;
  EXPECT_EQ(wait_for(id).job.status, JobStatus::succeeded);
}

TEST_F(JobsTest, AWorkerThatHangsIsEnded) {
  JobsOptions options;
  options.quiet = 200ms;
  options.attempts = 1;
  open(sleeper, options);
  const ResultPage done = wait_for(start(request()));
  EXPECT_EQ(done.job.status, JobStatus::failed);
  EXPECT_THAT(done.job.message, HasSubstr("said nothing for too long"));
}

TEST_F(JobsTest, AWorkerThatSpeaksNonsenseIsNotBelieved) {
  JobsOptions options;
  options.attempts = 1;
  const std::vector<std::vector<Record>> lies = {
      {Advance{3}},
      {Hello{"a"}, Hello{"b"}},
      {Hello{"a"}, FrameSample{1, {}}},
      {Hello{"a"}, Detection{5, 0, tracking::Pass::normal, {}}},
      {Hello{"a"}, Finished{1, 1, ""}},
      {Hello{"a"}, ClipFound{{"h264", "mov", {1, 1}, 1, 1, false}, 1}, FrameSample{5, {}},
       FrameSample{4, {}}}};
  for (const auto& lie : lies) {
    open(
        [&](const WorkerOrder& order, int) {
          for (const Record& record : lie) (void)write_all(order.records, encode(record), "pipe");
          std::this_thread::sleep_for(100s);
          return 0;
        },
        options);
    const ResultPage done = wait_for(start(request()));
    EXPECT_EQ(done.job.status, JobStatus::failed);
    EXPECT_THAT(done.job.message, HasSubstr("spoke nonsense"));
    EXPECT_TRUE(done.faces.empty());
  }
}

TEST_F(JobsTest, WhatIsNoClipFailsAtOnceAndSaysWhy) {
  open(good_worker);
  const ResultPage done = wait_for(start(request("noise.mp4")));
  EXPECT_EQ(done.job.status, JobStatus::failed);
  EXPECT_THAT(done.job.message, HasSubstr("the clip cannot be read as a video clip"));
  EXPECT_EQ(launcher_->launches, 1);
}

TEST_F(JobsTest, ResultsHaveABound) {
  JobsOptions options;
  options.limits.faces = 5;
  open(good_worker, options);
  const ResultPage done = wait_for(start(request()));
  EXPECT_EQ(done.job.status, JobStatus::failed);
  EXPECT_THAT(done.job.message, HasSubstr("more than 5 faces"));
}

TEST_F(JobsTest, PagesJoinToTheWholeAndTokensAreTheirJobsOwn) {
  open(good_worker);
  const std::string id = start(request());
  const std::string other = start(request());
  const ResultPage whole = wait_for(id);
  wait_for(other);
  EXPECT_EQ(whole.next, "");
  ResultPage joined;
  std::string token;
  int pages = 0;
  do {
    ResultPage one = page(id, 7, token);
    EXPECT_LE(one.faces.size(), 7U);
    joined.faces.insert(joined.faces.end(), one.faces.begin(), one.faces.end());
    token = one.next;
    if (pages++ == 0) {
      EXPECT_EQ(problem(jobs_->results(name(other), JobKind::face_detection, {7, token})),
                Problem::bad_page_token);
    }
  } while (!token.empty());
  EXPECT_EQ(describe(joined), describe(whole));
  EXPECT_EQ(pages, static_cast<int>((whole.faces.size() + 6) / 7));
  EXPECT_EQ(problem(jobs_->results(name(id), JobKind::face_detection, {7, "made-up"})),
            Problem::bad_page_token);
}

TEST_F(JobsTest, AJobIsItsAccountsAndRegionsOwn) {
  open(good_worker);
  const std::string id = start(request());
  for (const JobName& stranger : {JobName{"111122223333", kRegion, id}, JobName{kAccount, "eu-west-1", id},
                                  JobName{kAccount, kRegion, "none"}}) {
    EXPECT_EQ(problem(jobs_->results(stranger, JobKind::face_detection, {7, ""})), Problem::no_such_job);
  }
}

TEST_F(JobsTest, TheSameTokenIsTheSameJob) {
  open(sleeper);
  JobRequest asked = request();
  asked.token = "once";
  const std::string id = start(asked);
  EXPECT_EQ(start(asked), id);
  JobRequest changed = asked;
  changed.tag = "another";
  EXPECT_EQ(problem(jobs_->start(changed)), Problem::token_reused);
  JobRequest elsewhere = changed;
  elsewhere.region = "eu-west-1";
  EXPECT_NE(start(elsewhere), id);
  EXPECT_NE(start(request()), start(request()));
}

TEST_F(JobsTest, TwentyAtOnceAndNoMore) {
  open(sleeper);
  for (int i = 0; i < 20; ++i) start(request());
  EXPECT_EQ(problem(jobs_->start(request())), Problem::too_many_jobs);
  JobRequest elsewhere = request();
  elsewhere.account = "111122223333";
  start(elsewhere);
  for (int i = 0; i < 1'000 && jobs_->counters().working == 0; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(jobs_->counters().working, 1U);
  EXPECT_EQ(jobs_->counters().waiting, 20U);
}

TEST_F(JobsTest, WhatTheCallerMayNotReadIsNotTaken) {
  JobsOptions options;
  options.max_clip = 4'000;
  open(good_worker, options);
  EXPECT_EQ(problem(jobs_->start(request("missing.mp4"))), Problem::no_such_clip);
  EXPECT_EQ(problem(jobs_->start(request("noise.mp4"))), Problem::clip_too_large);
  JobRequest foreign = request();
  foreign.clip.bucket = "private";
  EXPECT_EQ(problem(jobs_->start(foreign)), Problem::no_such_clip);
}

TEST_F(JobsTest, ResultsGoAfterSevenDays) {
  open(good_worker);
  const std::string id = start(request());
  wait_for(id);
  clock_.advance(7 * 24h - 1s);
  EXPECT_EQ(page(id).job.status, JobStatus::succeeded);
  clock_.advance(1s);
  EXPECT_EQ(problem(jobs_->results(name(id), JobKind::face_detection, {7, ""})), Problem::no_such_job);
  open(good_worker);
  JobLimits for_ever;
  for_ever.kept = std::chrono::hours(24 * 365);
  const auto store = JobStore::open(*stores_, clock_, random_, for_ever).value();
  for (int i = 0; i < 500 && !store->list().value().empty(); ++i) std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(store->list().value().empty());
}

TEST_F(JobsTest, AJournalWithoutAJobGoes) {
  open(sleeper);
  const std::string id = start(request());
  jobs_.reset();
  const fs::path left = folder_ / "jobs" / "0123.detections";
  const fs::path needed = folder_ / "jobs" / (id + ".detections");
  std::ofstream(left) << "x";
  std::ofstream(needed) << "";
  open(sleeper);
  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists(needed));
}

TEST_F(JobsTest, ATopicIsToldOnceAtTheEnd) {
  open(good_worker);
  JobRequest asked = request();
  asked.tag = "tag";
  asked.notification = {"arn:topic", "arn:role"};
  const std::string id = start(asked);
  wait_for(id);
  wait_for(start(request()));
  const auto told = events();
  ASSERT_EQ(told.size(), 1U);
  const std::string payload(told[0].payload.begin(), told[0].payload.end());
  EXPECT_THAT(payload, HasSubstr(R"("topic":"arn:topic","role":"arn:role")"));
  EXPECT_THAT(payload, HasSubstr(id));
  EXPECT_THAT(payload,
              HasSubstr(R"(\"Status\":\"SUCCEEDED\",\"API\":\"StartFaceDetection\",\"JobTag\":\"tag\")"));
  EXPECT_EQ(told[0].account, kAccount);
}

/// Its columns, between SELECT and FROM, in their order.
std::vector<std::string> columns_of(std::string_view statement) {
  statement.remove_prefix(std::string_view("SELECT ").size());
  const std::string list(statement.substr(0, statement.find(" FROM ")));
  std::vector<std::string> columns;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(", ", at), list.size());
    columns.push_back(list.substr(at, end - at));
    at = end + 2;
  }
  return columns;
}

TEST(JobsSchema, ColumnsAreNumberedAsTheyAreSelected) {
#define EXPECT_COLUMN(columns, list, name) EXPECT_EQ((columns).at(sql::list::name), #name)
  for (const std::string_view statement : {sql::kFind, sql::kAll}) {
    const auto columns = columns_of(statement);
    EXPECT_EQ(columns.size(), 28U);
    EXPECT_COLUMN(columns, job_column, account);
    EXPECT_COLUMN(columns, job_column, region);
    EXPECT_COLUMN(columns, job_column, id);
    EXPECT_COLUMN(columns, job_column, kind);
    EXPECT_COLUMN(columns, job_column, status);
    EXPECT_COLUMN(columns, job_column, message);
    EXPECT_COLUMN(columns, job_column, principal);
    EXPECT_COLUMN(columns, job_column, bucket);
    EXPECT_COLUMN(columns, job_column, object_key);
    EXPECT_COLUMN(columns, job_column, object_version);
    EXPECT_COLUMN(columns, job_column, detail);
    EXPECT_COLUMN(columns, job_column, tag);
    EXPECT_COLUMN(columns, job_column, created);
    EXPECT_COLUMN(columns, job_column, ended);
    EXPECT_COLUMN(columns, job_column, frames_done);
    EXPECT_COLUMN(columns, job_column, frames_total);
    EXPECT_COLUMN(columns, job_column, codec);
    EXPECT_COLUMN(columns, job_column, container);
    EXPECT_COLUMN(columns, job_column, width);
    EXPECT_COLUMN(columns, job_column, height);
    EXPECT_COLUMN(columns, job_column, duration);
    EXPECT_COLUMN(columns, job_column, frame_rate);
    EXPECT_COLUMN(columns, job_column, full_range);
    EXPECT_COLUMN(columns, job_column, identity);
    EXPECT_COLUMN(columns, job_column, topic);
    EXPECT_COLUMN(columns, job_column, role);
    EXPECT_COLUMN(columns, job_column, collection);
    EXPECT_COLUMN(columns, job_column, threshold);
  }
  for (const std::string_view statement : {sql::kAllRunning, sql::kExpired}) {
    const auto columns = columns_of(statement);
    EXPECT_EQ(columns.size(), 3U);
    EXPECT_COLUMN(columns, job_column, account);
    EXPECT_COLUMN(columns, job_column, region);
    EXPECT_COLUMN(columns, job_column, id);
  }
  EXPECT_COLUMN(columns_of(sql::kFindToken), token_column, id);
  EXPECT_COLUMN(columns_of(sql::kFindToken), token_column, request);
  for (const std::string_view statement : {sql::kFaces, sql::kFacesByPerson}) {
    EXPECT_COLUMN(columns_of(statement), face_column, timestamp);
    EXPECT_COLUMN(columns_of(statement), face_column, face);
    EXPECT_COLUMN(columns_of(statement), face_column, position);
  }
#undef EXPECT_COLUMN
}

TEST(JobsSchema, PostgresTakesIt) {
  store::test::Postgres postgres;
  EXPECT_EQ(postgres.refuses(kJobsSchema), "");
}

}  // namespace
}  // namespace sightline::jobs
