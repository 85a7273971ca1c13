#pragma once
// For this module's tests: a clock that stands, clips in a folder, workers made by fork.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "base/set_clock.h"
#include "sight/jobs/jobs.h"
#include "sight/jobs/worker.h"

namespace sightline::jobs::test {

/// Objects are files by their key; the bucket "private" is for the principal "owner" alone.
class FolderSource final : public ObjectSource {
 public:
  explicit FolderSource(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::atomic<bool> full = false;  ///< no room to open anything

  Result<ObjectFacts> find(const ObjectRequest& request) override { return TRY(look(request)).facts; }
  Result<OpenedObject> open(const ObjectRequest& request) override {
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

  Result<std::unique_ptr<Worker>> launch(int clip, int journal, std::chrono::milliseconds interval) override {
    int pipe[2] = {};
    if (::pipe2(pipe, O_CLOEXEC) != 0) return fail(ErrorKind::unavailable, "no pipe");
    const int launch = ++launches;
    const pid_t child = ::fork();
    if (child == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::close(pipe[0]);
      ::_exit(run_({clip, journal, pipe[1], interval}, launch));
    }
    ::close(pipe[1]);
    return adopt_worker(child, pipe[0]);
  }

  std::atomic<int> launches = 0;

 private:
  const Run run_;
};

/// A face that stands still, in every picture; dies or hangs at a certain look.
class FakeDetector final : public analysis::FaceDetector {
 public:
  std::function<void(int look)> before_look;
  std::atomic<int> looks = 0;

  Result<std::vector<analysis::Face>> detect(const analysis::PictureSource& picture,
                                             const analysis::DetectorOptions&) override {
    const int look = ++looks;
    if (before_look) before_look(look);
    const auto width = static_cast<float>(picture.size().width);
    const auto height = static_cast<float>(picture.size().height);
    analysis::Face face{{width / 4, height / 4, width / 4, height / 4}, 0.9F, 0.95F, {}};
    for (std::size_t i = 0; i < 5; ++i) {
      face.landmarks[i] = {width * (0.3F + 0.02F * static_cast<float>(i)), height * 0.4F};
    }
    return std::vector{face};
  }
  std::string identity() const override { return "fake 1"; }
};

/// What a worker that does its work returns.
inline int work(const WorkerOrder& order, const std::function<void(int look)>& before_look = {}) {
  FakeDetector detector;
  detector.before_look = before_look;
  return run_worker(order, detector) ? 0 : 1;
}

}  // namespace sightline::jobs::test
