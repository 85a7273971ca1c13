#include "app/cli/worker_equipment.h"

#include "sight/jobs/face_inspector.h"

namespace sightline::cli {

Result<WorkerEquipment> WorkerEquipment::open(const Locations& locations, int threads,
                                              jobs::CloserLook look) {
  VisionOptions options;
  options.threads = threads;
  WorkerEquipment equipment(TRY(open_models(locations, options)));
  models::ModelSet& models = *equipment.models_;
  equipment.detector_ = TRY(models.clip_detector());
  equipment.mesher_ = TRY(models.mesher());
  if (look == jobs::CloserLook::people) equipment.recogniser_ = TRY(models.recogniser());
  if (look == jobs::CloserLook::measures) equipment.analyser_ = TRY(models.analyser());
  TRY(jobs::make_ready(look, equipment.models()));
  return equipment;
}

Result<void> WorkerEquipment::fit(const std::optional<jobs::ClipShape>& shape) {
  if (shape) return jobs::make_ready(*detector_, *shape);
  return models_->keep_clip_detector_in_memory();
}

}  // namespace sightline::cli
