#pragma once
// What every domain of a server stands on.

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "aws/dispatch/answer_writer.h"
#include "aws/dispatch/invoker.h"
#include "aws/rekognition/vision.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/worker_pool.h"
#include "sight/jobs/worker_process.h"

namespace sightline::server {

/// Of this machine; 1 at least.
inline int cores() {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// Threads by what they wait for; each pool's name is that of its metrics.
struct Pools {
  // The last numbers bound what may wait: beyond them a client has to come again. Most of the quick
  // threads wait for the disk: those that do share a commit, so more of them cost nothing.
  explicit Pools(int vision_threads)
      : quick("quick", 16, 4096),
        inference("inference", static_cast<std::size_t>(vision_threads > 0 ? vision_threads : cores()) + 1,
                  256),
        transfer("transfer", 32, 256) {}
  WorkerPool quick;      ///< tables: milliseconds
  WorkerPool inference;  ///< models: the processor
  WorkerPool transfer;   ///< bodies of any size: the client and the disk
};

/// Of `sightline serve`'s flags, what domains heed.
struct Settings {
  /// Where the keys that seal secrets are, beside the data folder (base/key_file.h). Both may be empty.
  std::filesystem::path key_file;
  std::filesystem::path credentials;
  std::chrono::milliseconds sample_interval{200};  ///< between two samples of a stored video
};

/// What outlives every reset.
struct Environment {
  Settings settings;
  jobs::WorkerProgram worker;  ///< that works on stored videos
  const Clock& clock;
  Random& random;
  Pools& pools;
  aws::rekognition::Vision& vision;
  aws::dispatch::OnTrouble on_trouble;  ///< a line for the log; any thread; may be empty
  aws::dispatch::OnInnerCall on_inner_call;
  /// Where browsers find what is published: "https://apps.example", without a slash at the end. For addresses
  /// in mails, answers and outputs. Any thread. Empty before the server listens, and where it has no listener
  /// for browsers.
  std::function<std::string()> public_url;

  void tell(std::string_view what) const {
    if (on_trouble) on_trouble("", what);
  }
};

}  // namespace sightline::server
