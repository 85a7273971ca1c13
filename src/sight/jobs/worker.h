#pragma once
// What a worker process does: decode a clip, find and follow the faces in it, look at them as its task
// wants, say what it finds.

#include <chrono>

#include "base/result.h"
#include "sight/analysis/face_detector.h"
#include "sight/faces/face_analyser.h"
#include "sight/faces/face_recogniser.h"
#include "sight/jobs/prober.h"
#include "sight/jobs/worker_task.h"

namespace sightline::jobs {

/// As AWS has it.
inline constexpr std::chrono::hours kLongestClip{6};

struct WorkerOrder {
  int clip = -1;     ///< a regular file
  int journal = -1;  ///< of an earlier worker on the same clip; empty for the first
  int records = -1;  ///< a pipe
  WorkerTask task;
  std::chrono::seconds longest = kLongestClip;
};

/// What a worker sees with; beyond detector and mesher, what its task's look needs.
struct WorkerModels {
  analysis::FaceDetector& detector;
  faces::FaceMesher& mesher;
  faces::FaceRecogniser* recogniser = nullptr;    ///< CloserLook::people
  const faces::FaceAnalyser* analyser = nullptr;  ///< CloserLook::measures
};

/// Opens the sessions that run_worker() asks of the detector for clips of this shape: before the confinement.
[[nodiscard]] Result<void> make_ready(analysis::FaceDetector& detector, const ClipShape& shape);

/// Says everything through `order.records`; a clip that cannot be processed is no error. Opens nothing, so
/// that it may be confined. The key of its Hello is made of the program's version and the detector. Errors:
/// those of writing to the pipe.
[[nodiscard]] Result<void> run_worker(const WorkerOrder& order, const WorkerModels& models);
/// Says instead why there is no worker: no model, say.
[[nodiscard]] Result<void> decline_work(int records, const Error& why);

}  // namespace sightline::jobs
