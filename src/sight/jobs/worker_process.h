#pragma once
// Workers as the server sees them: a pipe of records, and a process that may be ended.

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/process/child_process.h"
#include "base/result.h"
#include "sight/jobs/worker_task.h"

namespace sightline::jobs {

/// Of one thread: the one that launched it, which must live as long as the worker does.
class Worker {
 public:
  /// Ends what still runs.
  virtual ~Worker() = default;
  /// Where its records can be read.
  [[nodiscard]] virtual int records() const = 0;
  /// Ends it, if it does not end by itself in time, and says how it ended: empty where all was well.
  virtual std::string end(std::chrono::milliseconds patience) = 0;
};

/// Thread-safe.
class WorkerLauncher {
 public:
  virtual ~WorkerLauncher() = default;
  /// Both descriptors stay the caller's. Errors: unavailable.
  [[nodiscard]] virtual Result<std::unique_ptr<Worker>> launch(int clip, int journal,
                                                               const WorkerTask& task) = 0;
};

/// Where a launched program finds what it needs; standard input and outputs lead nowhere.
inline constexpr int kClipDescriptor = 3;
inline constexpr int kJournalDescriptor = 4;
inline constexpr int kRecordsDescriptor = 5;

struct WorkerProgram {
  std::filesystem::path program;
  std::vector<std::string> arguments;    ///< before "--interval MILLISECONDS --look NAME"
  std::vector<std::string> environment;  ///< "NAME=value"; nothing else is handed on
};

/// Starts `program` for each worker. It gets no other open descriptor.
[[nodiscard]] std::unique_ptr<WorkerLauncher> launch_program(WorkerProgram program);

/// A child process with the reading end of its pipe.
[[nodiscard]] std::unique_ptr<Worker> make_worker(process::ChildProcess child, Descriptor records);

}  // namespace sightline::jobs
