#pragma once
// The stage that looks at samples, on a thread of its own: meanwhile the next frames are decoded and tracked.

#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "base/bounded_queue.h"
#include "base/result.h"
#include "sight/jobs/face_inspector.h"
#include "sight/jobs/sampler.h"

namespace sightline::jobs {

/// add() and finish() are for one thread. Whoever destroys it before finish() drops what was not looked at.
class Inspection {
 public:
  /// `on_sample` gets the samples in their order, each after its detection; on the stage's thread.
  using SampleFunction = std::function<Result<void>(FrameSample)>;
  Inspection(FaceInspector& inspector, std::size_t most_waiting, SampleFunction on_sample);
  ~Inspection();
  Inspection(const Inspection&) = delete;
  Inspection& operator=(const Inspection&) = delete;

  /// Waits while too many samples do. Errors: the stage's, of an earlier sample.
  [[nodiscard]] Result<void> add(Shot shot);
  /// Waits until all have been looked at.
  [[nodiscard]] Result<void> finish();

 private:
  void run(const std::stop_token& stop);
  [[nodiscard]] Result<void> outcome();

  FaceInspector& inspector_;
  const SampleFunction on_sample_;
  BoundedQueue<Shot> shots_;
  std::mutex mutex_;
  std::optional<Error> error_;  // the first one; guarded by mutex_
  std::jthread thread_;
};

}  // namespace sightline::jobs
