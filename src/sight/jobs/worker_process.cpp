#include "sight/jobs/worker_process.h"

#include <utility>

#include "base/process/pipe.h"
#include "base/process/spawn.h"

namespace sightline::jobs {
namespace {

class ChildWorker final : public Worker {
 public:
  ChildWorker(process::ChildProcess child, Descriptor records)
      : child_(std::move(child)), records_(std::move(records)) {}

  int records() const override { return records_.get(); }

  std::string end(std::chrono::milliseconds patience) override {
    const auto ended = child_.wait_for(patience);
    return (ended ? *ended : child_.kill()).failure();
  }

 private:
  process::ChildProcess child_;
  Descriptor records_;
};

class ProgramLauncher final : public WorkerLauncher {
 public:
  explicit ProgramLauncher(WorkerProgram program) : program_(std::move(program)) {}

  Result<std::unique_ptr<Worker>> launch(int clip, int journal, const WorkerTask& task) override {
    process::Pipe pipe = TRY(process::make_pipe());
    process::SpawnOptions options;
    options.program = program_.program;
    options.arguments = program_.arguments;
    options.arguments.insert(options.arguments.end(), {"--interval", std::to_string(task.interval.count()),
                                                       "--look", std::string(look_name(task.look))});
    options.environment = program_.environment;
    options.descriptors = {
        {clip, kClipDescriptor}, {journal, kJournalDescriptor}, {pipe.writing.get(), kRecordsDescriptor}};
    return make_worker(TRY(process::spawn(options)), std::move(pipe.reading));
  }

 private:
  const WorkerProgram program_;
};

}  // namespace

std::unique_ptr<WorkerLauncher> launch_program(WorkerProgram program) {
  return std::make_unique<ProgramLauncher>(std::move(program));
}

std::unique_ptr<Worker> make_worker(process::ChildProcess child, Descriptor records) {
  return std::make_unique<ChildWorker>(std::move(child), std::move(records));
}

}  // namespace sightline::jobs
