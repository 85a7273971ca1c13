#include "sight/jobs/inspection.h"

namespace sightline::jobs {

Inspection::Inspection(FaceInspector& inspector, std::size_t most_waiting, SampleFunction on_sample)
    : inspector_(inspector),
      on_sample_(std::move(on_sample)),
      shots_(most_waiting),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Inspection::~Inspection() {
  thread_.request_stop();
  shots_.close();
}

void Inspection::run(const std::stop_token& stop) {
  while (auto shot = shots_.pop()) {
    if (stop.stop_requested()) return;
    auto looked = inspector_.inspect(shot->frame, shot->sample);
    if (looked) looked = on_sample_(std::move(shot->sample));
    if (looked) continue;
    {
      const std::lock_guard lock(mutex_);
      error_ = std::move(looked).error();
    }
    shots_.close();
    return;
  }
}

Result<void> Inspection::outcome() {
  const std::lock_guard lock(mutex_);
  if (error_) return std::unexpected(*error_);
  return {};
}

Result<void> Inspection::add(Shot shot) {
  if (shots_.push(std::move(shot))) return {};
  return outcome();
}

Result<void> Inspection::finish() {
  shots_.close();
  thread_.join();
  return outcome();
}

}  // namespace sightline::jobs
