#pragma once
// For this module's tests: a clock that stands, clips in a folder, workers made by fork.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "base/process/fork_child.h"
#include "base/process/pipe.h"
#include "base/set_clock.h"
#include "sight/jobs/jobs.h"
#include "sight/jobs/tables.h"
#include "sight/jobs/worker.h"
#include "sight/media/clip_testing.h"
#include "sight/media/video_reader.h"
#include "store/stores_test_support.h"

namespace sightline::jobs::test {

/// Objects are files by their key; the bucket "private" is readable only by the principal "owner".
class FolderSource final : public ObjectSource {
 public:
  explicit FolderSource(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::atomic<bool> full = false;  ///< no room to open anything

  Result<ObjectFacts> find(const ObjectRequest& request) override { return TRY(look(request)).facts; }
  Result<OpenedObject> open(const ObjectRequest& request, const std::atomic<bool>&) override {
    if (full) return fail(ErrorKind::no_space, "there is no room");
    return look(request);
  }

 private:
  Result<OpenedObject> look(const ObjectRequest& request) {
    if (request.clip.bucket == "private" && request.principal != "owner") {
      return fail(ErrorKind::permission_denied, "not yours");
    }
    Descriptor file(::open((folder_ / request.clip.key).c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) return fail(ErrorKind::not_found, "no such clip");
    struct stat status{};
    ::fstat(file.get(), &status);
    ObjectFacts facts{static_cast<std::uint64_t>(status.st_size), std::to_string(status.st_size)};
    return OpenedObject{std::move(file), std::move(facts)};
  }

  const std::filesystem::path folder_;
};

/// A worker is a child process that runs `run` and ends with what it returns.
class ForkLauncher final : public WorkerLauncher {
 public:
  using Run = std::function<int(const WorkerOrder& order, int launch)>;
  explicit ForkLauncher(Run run) : run_(std::move(run)) {}

  Result<std::unique_ptr<Worker>> launch(int clip, int journal, const WorkerTask& task) override {
    process::Pipe pipe = TRY(process::make_pipe());
    const int launch = ++launches;
    const int records = pipe.writing.get();
    // With the outputs, for what a sanitizer has to say.
    const std::array kept = {0, 1, 2, clip, journal, records};
    auto child = TRY(process::fork_child(kept, [&] { return run_({clip, journal, records, task}, launch); }));
    return make_worker(std::move(child), std::move(pipe.reading));
  }

  std::atomic<int> launches = 0;

 private:
  const Run run_;
};

/// The points of the fake detector's face, in shares of the picture.
inline constexpr FivePoints kFakePoints = {
    {{0.33F, 0.35F}, {0.42F, 0.35F}, {0.375F, 0.4F}, {0.34F, 0.44F}, {0.41F, 0.44F}}};

/// A face that stands still, in every picture; dies or hangs at a certain look.
class FakeDetector final : public analysis::FaceDetector {
 public:
  std::function<void(int look)> before_look;
  bool centred = false;  ///< the face: else left of and above the middle
  std::atomic<int> looks = 0;

  Result<std::vector<analysis::Face>> detect(const analysis::PictureSource& picture,
                                             const analysis::DetectorOptions&) override {
    const int look = ++looks;
    if (before_look) before_look(look);
    const auto width = static_cast<float>(picture.size().width);
    const auto height = static_cast<float>(picture.size().height);
    analysis::Face face{{width / 4, height / 4, width / 4, height / 4}, 0.9F, 0.95F, {}};
    for (std::size_t i = 0; i < kFakePoints.size(); ++i)
      face.landmarks[i] = {width * kFakePoints[i].x, height * kFakePoints[i].y};
    if (centred) {
      face.box.x += width / 8;
      face.box.y += height / 8;
      for (media::Point& point : face.landmarks) point = {point.x + width / 8, point.y + height / 8};
    }
    return std::vector{face};
  }
  std::string identity() const override { return "fake 1"; }
};

/// A mesh whose points are all in the lower right corner of the box, or none.
class FakeMesher final : public faces::FaceMesher {
 public:
  Result<faces::Mesh> fit(const media::RgbImage& picture, const analysis::Face& face,
                          faces::Looks looks) override {
    picture_ = picture.size;
    last = face;
    last_looks = looks;
    ++fits;
    faces::Mesh mesh;
    mesh.presence = present ? 1 : 0;
    for (auto& point : mesh.points) point = {face.box.right(), face.box.bottom(), 0};
    return mesh;
  }
  float mouth_open(const faces::Mesh&) const override { return 0.9F; }

  bool present = true;
  int fits = 0;
  analysis::Face last;
  faces::Looks last_looks = faces::Looks::two;
  media::Size picture_;
};

/// Everybody has the same face; similarity is the cosine in percent.
class FakeRecogniser final : public faces::FaceRecogniser {
 public:
  Result<faces::FaceVector> embed(const media::RgbImage&, const std::array<media::Point, 5>&) override {
    ++looks;
    faces::FaceVector vector{};
    vector[0] = 1;
    return vector;
  }
  const std::string& model_id() const override { return id_; }
  const std::string& model_version() const override { return id_; }
  float similarity(float cosine) const override { return 100 * cosine; }
  float cosine_of(float similarity) const override { return similarity / 100; }

  int looks = 0;

 private:
  const std::string id_ = "fake 1";
};

/// What a worker that does its work returns.
inline int work(const WorkerOrder& order, const std::function<void(int look)>& before_look = {}) {
  FakeDetector detector;
  detector.before_look = before_look;
  FakeMesher mesher;
  FakeRecogniser recogniser;
  return run_worker(order, {detector, mesher, &recogniser}) ? 0 : 1;
}

/// A worker that does its work.
inline int good_worker(const WorkerOrder& order, int) {
  return work(order);
}

/// The collection "team" holds one face, which everybody is like; there is no other.
class FakeSearch final : public FaceSearch {
 public:
  Result<void> check(const collections::Tenant&, const SearchTerms& terms) override {
    if (terms.collection == "team" && !gone) return {};
    return fail(ErrorKind::not_found, "the collection is gone");
  }
  Result<std::vector<FaceMatch>> search(const collections::Tenant& tenant, const SearchTerms& terms,
                                        const TrackVector& person, std::size_t) override {
    TRY(check(tenant, terms));
    const std::lock_guard lock(mutex_);
    asked_.push_back(person);
    FaceMatch match{97, {}};
    match.face.id.bytes[0] = 7;
    match.face.external_image_id = "ada";
    match.face.confidence = 99.5;
    return terms.threshold > 97 ? std::vector<FaceMatch>() : std::vector{match};
  }
  std::vector<TrackVector> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

  std::atomic<bool> gone = false;

 private:
  std::mutex mutex_;
  std::vector<TrackVector> asked_;
};

inline const std::string kAccount = "000000000000";
inline const std::string kRegion = "us-east-1";

template <typename T>
std::optional<Problem> problem(const Answer<T>& answer) {
  return answer ? std::nullopt : std::optional(answer.error().problem);
}

/// Jobs over clips of a folder, by workers that the test makes up.
class JobsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    media::test::make_clip("clip.mp4",
                           "-f lavfi -i testsrc2=size=320x240:rate=25:duration=3 -c:v libx264 -preset "
                           "ultrafast -pix_fmt yuv420p");
    std::ofstream(media::test::clip_folder() / "noise.mp4") << std::string(5'000, 'x');
  }
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "sightline-jobs-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    stores_ = store::test::stores_that_run_twice(folder_);
  }
  void TearDown() override {
    jobs_.reset();
    std::filesystem::remove_all(folder_);
  }

  void open(ForkLauncher::Run run, const JobsOptions& options = {}) {
    jobs_.reset();
    launcher_ = std::make_unique<ForkLauncher>(std::move(run));
    const auto on_trouble = [this](std::string_view what) {
      const std::lock_guard lock(troubles_mutex_);
      troubles_.emplace_back(what);
    };
    auto opened = Jobs::open(folder_ / "jobs",
                             {*stores_, clock_, random_, objects_, search_, *launcher_, on_trouble}, options);
    ASSERT_TRUE(opened) << opened.error().message;
    jobs_ = std::move(*opened);
  }
  static JobRequest request(const std::string& key = "clip.mp4") {
    JobRequest request;
    request.account = kAccount;
    request.region = kRegion;
    request.principal = "somebody";
    request.clip = {"clips", key, ""};
    return request;
  }
  JobName name(const std::string& id) const { return {kAccount, kRegion, id}; }
  std::string start(const JobRequest& request) {
    auto id = jobs_->start(request);
    EXPECT_TRUE(id) << id.error().error.message;
    return id.value_or("");
  }
  ResultPage page(const std::string& id, std::int64_t limit = 1'000, const std::string& token = "",
                  JobKind kind = JobKind::face_detection, Order order = Order::by_time) {
    auto page = jobs_->results(name(id), kind, {limit, token, order});
    EXPECT_TRUE(page) << page.error().error.message;
    return page ? std::move(*page) : ResultPage{};
  }
  ResultPage wait_for(const std::string& id, JobKind kind = JobKind::face_detection) {
    for (int i = 0; i < 3'000; ++i) {
      ResultPage now = page(id, 1'000, "", kind);
      if (now.job.status != JobStatus::in_progress) return now;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ADD_FAILURE() << "the job does not end";
    return {};
  }
  static std::string describe(const ResultPage& page) {
    std::string text;
    for (const ResultFace& face : page.faces) {
      text += std::to_string(face.timestamp_ms) + ":" + std::to_string(face.face.track) + ":" +
              std::to_string(face.face.box.x) + (face.face.landmarks ? "L " : " ");
    }
    return text;
  }
  std::vector<store::Event> events() {
    jobs_.reset();
    auto database = stores_->open({kDatabase, {kJobsSchema, store::kEventsSchema}});
    EXPECT_TRUE(database);
    store::Outbox outbox(**database, clock_, random_);
    return outbox.claim({std::string(kJobEnded)}, 10).value();
  }

  std::filesystem::path folder_;
  std::unique_ptr<store::Stores> stores_;
  SetClock clock_;
  SystemRandom random_;
  FolderSource objects_{media::test::clip_folder()};
  FakeSearch search_;
  std::mutex troubles_mutex_;
  std::vector<std::string> troubles_;
  std::unique_ptr<ForkLauncher> launcher_;
  std::unique_ptr<Jobs> jobs_;
};

/// With the first frame of the clip.
class FirstFrameTest : public JobsTest {
 protected:
  void SetUp() override {
    JobsTest::SetUp();
    auto reader = media::VideoReader::open(media::test::clip_folder() / "clip.mp4");
    ASSERT_TRUE(reader);
    info_ = reader->info();
    frame_ = reader->next().value().value();
  }

  media::VideoInfo info_;
  media::VideoFrame frame_;
};

}  // namespace sightline::jobs::test
