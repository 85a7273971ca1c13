// Jobs that search a collection for the people of a clip.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sight/jobs/jobs_test_support.h"

namespace sightline::jobs {
namespace {

using test::good_worker;

using test::problem;
using testing::Each;
using testing::HasSubstr;
using testing::SizeIs;

class FaceSearchTest : public test::JobsTest {
 protected:
  static JobRequest search_request(float threshold = 80) {
    JobRequest asked = request();
    asked.kind = JobKind::face_search;
    asked.search = {"team", threshold};
    return asked;
  }
  ResultPage search(const JobRequest& asked = search_request()) {
    return wait_for(start(asked), JobKind::face_search);
  }
  /// A worker that tells of three people in two frames, and ends with these.
  static test::ForkLauncher::Run three_people(std::vector<Record> end) {
    return [end](const WorkerOrder& order, int) {
      const auto face = [](std::int64_t track) {
        return SampledFace{track, {0, 0, 0.1F, 0.1F}, 0.9F, {}, {}};
      };
      std::vector<Record> records = {Hello{"a"}, ClipFound{{"h264", "mov", {1, 1}, 1, 1, false}, 1},
                                     FrameSample{0, {face(3), face(1)}},
                                     FrameSample{200, {face(1), face(2)}}};
      records.insert(records.end(), end.begin(), end.end());
      for (const Record& record : records) (void)write_all(order.records, encode(record), "pipe");
      return 0;
    };
  }
  static TrackVector vector_of(std::int64_t track) {
    TrackVector person{track, "fake 1", {}};
    person.vector[5] = 1;
    return person;
  }
  static std::vector<std::int64_t> tracks(const ResultPage& page) {
    std::vector<std::int64_t> tracks;
    for (const ResultFace& face : page.faces) tracks.push_back(face.face.track);
    return tracks;
  }
};

TEST_F(FaceSearchTest, TellsWhomEachTrackIsLike) {
  open(good_worker);
  const ResultPage done = search();
  ASSERT_EQ(done.job.status, JobStatus::succeeded) << done.job.message;
  EXPECT_EQ(done.job.search->collection, "team");
  EXPECT_EQ(done.job.search->threshold, 80);
  ASSERT_FALSE(done.faces.empty());
  std::set<std::int64_t> seen;
  for (const std::int64_t track : tracks(done)) seen.insert(track);
  EXPECT_EQ(done.matches.size(), seen.size());
  const FaceMatch& match = done.matches.at(*seen.begin()).at(0);
  EXPECT_EQ(match.similarity, 97);
  EXPECT_EQ(match.face.id.bytes[0], 7);
  EXPECT_EQ(match.face.external_image_id, "ada");
  EXPECT_EQ(match.face.confidence, 99.5);
  EXPECT_THAT(search_.asked(), SizeIs(seen.size())) << "one search a track, not one a frame";
  EXPECT_EQ(search_.asked()[0].model, "fake 1");
  EXPECT_NEAR(search_.asked()[0].vector[0], 1, 1e-6);
}

TEST_F(FaceSearchTest, WhoIsLikeNobodyHasNoMatches) {
  open(good_worker);
  const ResultPage done = search(search_request(98));
  EXPECT_EQ(done.job.status, JobStatus::succeeded);
  EXPECT_FALSE(done.faces.empty());
  EXPECT_TRUE(done.matches.empty());
}

TEST_F(FaceSearchTest, AFewLooksATrackAreEnough) {
  const auto clip = media::test::clip_folder() / "clip.mp4";
  const Descriptor opened(::open(clip.c_str(), O_RDONLY));
  const Descriptor none(::open("/dev/null", O_RDWR));
  test::FakeDetector detector;
  test::FakeMesher mesher;
  test::FakeRecogniser recogniser;
  const WorkerTask task{std::chrono::milliseconds(40), CloserLook::people};
  ASSERT_TRUE(run_worker({opened.get(), none.get(), none.get(), task}, {detector, mesher, &recogniser}));
  EXPECT_GE(recogniser.looks, 3);
  EXPECT_LT(recogniser.looks, 20) << "of 75 frames";
}

TEST_F(FaceSearchTest, ACollectionThatGoesMeanwhileFailsTheJob) {
  open(good_worker);
  search_.gone = true;
  const ResultPage done = search();
  EXPECT_EQ(done.job.status, JobStatus::failed);
  EXPECT_EQ(done.job.message, "the collection is gone");
  EXPECT_TRUE(done.faces.empty());
  EXPECT_EQ(launcher_->launches, 1);
}

TEST_F(FaceSearchTest, AWorkerThatDiesIsFollowedByOneThatFindsTheSame) {
  open(good_worker);
  const ResultPage undisturbed = search();
  open([](const WorkerOrder& order, int launch) {
    return test::work(order, [launch](int look) {
      if (look > 5 && launch < 4) ::raise(SIGSEGV);
    });
  });
  const ResultPage after = search();
  EXPECT_EQ(after.job.status, JobStatus::succeeded) << after.job.message;
  EXPECT_EQ(describe(after), describe(undisturbed));
  const auto asked = search_.asked();
  const std::size_t half = asked.size() / 2;
  ASSERT_EQ(asked.size(), 2 * undisturbed.matches.size());
  for (std::size_t i = 0; i < half; ++i) {
    EXPECT_EQ(asked[i].track, asked[half + i].track);
    EXPECT_EQ(asked[i].vector, asked[half + i].vector);
  }
}

TEST_F(FaceSearchTest, PagesGoByTimeOrByTrack) {
  open(three_people({vector_of(1), vector_of(2), Finished{2, 400, ""}}));
  const std::string id = start(search_request());
  const ResultPage by_time = wait_for(id, JobKind::face_search);
  EXPECT_THAT(tracks(by_time), testing::ElementsAre(3, 1, 1, 2));
  EXPECT_THAT(by_time.matches, SizeIs(2)) << "no vector told of track 3";
  for (const auto& [order, expected] : {std::pair{Order::by_time, std::vector<std::int64_t>{3, 1, 1, 2}},
                                        std::pair{Order::by_track, std::vector<std::int64_t>{1, 1, 2, 3}}}) {
    for (std::int64_t limit = 1; limit < 5; ++limit) {
      std::vector<std::int64_t> joined;
      std::string token;
      do {
        const ResultPage one = page(id, limit, token, JobKind::face_search, order);
        EXPECT_LE(one.faces.size(), static_cast<std::size_t>(limit));
        for (const ResultFace& face : one.faces) {
          joined.push_back(face.face.track);
          EXPECT_EQ(one.matches.contains(face.face.track), face.face.track != 3);
        }
        token = one.next;
        ASSERT_LE(joined.size(), expected.size()) << "the pages do not end";
      } while (!token.empty());
      EXPECT_EQ(joined, expected) << limit;
    }
  }
  const std::string token = page(id, 1, "", JobKind::face_search).next;
  EXPECT_EQ(problem(jobs_->results(name(id), JobKind::face_search, {1, token, Order::by_track})),
            Problem::bad_page_token);
}

TEST_F(FaceSearchTest, AWorkerThatLiesAboutPeopleIsNotBelieved) {
  JobsOptions options;
  options.attempts = 1;
  TrackVector other_model = vector_of(2);
  other_model.model = "another";
  for (const auto& lie : std::vector<std::vector<Record>>{{vector_of(2), vector_of(1)},
                                                          {vector_of(1), vector_of(1)},
                                                          {vector_of(1), other_model},
                                                          {vector_of(1), FrameSample{400, {}}}}) {
    open(three_people(lie), options);
    const ResultPage done = search();
    EXPECT_EQ(done.job.status, JobStatus::failed);
    EXPECT_THAT(done.job.message, HasSubstr("spoke nonsense"));
  }
  open(three_people({vector_of(1)}), options);
  const ResultPage unasked = wait_for(start(request()));
  EXPECT_THAT(unasked.job.message, HasSubstr("spoke nonsense")) << "vectors in a job that wants none";
}

TEST_F(FaceSearchTest, ItIsAnotherJobThanADetection) {
  open(good_worker);
  JobRequest asked = search_request();
  asked.token = "once";
  const std::string id = start(asked);
  EXPECT_EQ(start(asked), id);
  for (const SearchTerms& other : {SearchTerms{"team", 90}, SearchTerms{"others", 80}}) {
    JobRequest changed = asked;
    changed.search = other;
    EXPECT_EQ(problem(jobs_->start(changed)), Problem::token_reused);
  }
  EXPECT_EQ(problem(jobs_->results(name(id), JobKind::face_detection, {7, ""})), Problem::no_such_job);
  const std::string detection = start(request());
  EXPECT_EQ(problem(jobs_->results(name(detection), JobKind::face_search, {7, ""})), Problem::no_such_job);
}

/// Whether a file of the jobs' folder holds these bytes.
bool any_file_holds(const std::filesystem::path& folder, const std::string& bytes) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    if (content.find(bytes) != std::string::npos) return true;
  }
  return false;
}

TEST_F(FaceSearchTest, VectorsAreNeverWritten) {
  TrackVector person = vector_of(1);
  person.vector.fill(1 / std::sqrt(128.0F));
  open(three_people({person, Finished{2, 400, ""}}));
  ASSERT_EQ(search().job.status, JobStatus::succeeded);
  const std::string piece(reinterpret_cast<const char*>(person.vector.data()), 4 * sizeof(float));
  EXPECT_TRUE(any_file_holds(folder_ / "jobs", "team")) << "the tables are looked at";
  EXPECT_FALSE(any_file_holds(folder_ / "jobs", piece));
}

TEST_F(FaceSearchTest, MatchesGoWithTheirJob) {
  open(good_worker);
  search();
  EXPECT_TRUE(any_file_holds(folder_ / "jobs", "ada"));
  jobs_.reset();
  clock_.advance(std::chrono::hours(7 * 24));
  {
    const auto store = JobStore::open(*stores_, clock_, random_, {}).value();
    EXPECT_THAT(store->expire().value(), SizeIs(1));
  }
  EXPECT_FALSE(any_file_holds(folder_ / "jobs", "ada"));
}

TEST_F(FaceSearchTest, ATopicIsToldWhatEnded) {
  open(good_worker);
  JobRequest asked = search_request();
  asked.notification = {"arn:topic", "arn:role"};
  search(asked);
  const auto told = events();
  ASSERT_THAT(told, SizeIs(1));
  const std::string payload(told[0].payload.begin(), told[0].payload.end());
  EXPECT_THAT(payload, HasSubstr(R"(\"API\":\"StartFaceSearch\")"));
}

}  // namespace
}  // namespace sightline::jobs
