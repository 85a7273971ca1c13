#include "app/cli/worker_equipment.h"

#include "sight/jobs/worker.h"

namespace sightline::cli {
Result<WorkerEquipment> WorkerEquipment::open(const Locations& locations, int threads) {
  VisionOptions options;
  options.threads = threads;
  return WorkerEquipment(TRY(Vision::open(locations, options)));
}

Result<void> WorkerEquipment::fit(const std::optional<jobs::ClipShape>& shape) {
  if (shape) return jobs::make_ready(detector(), *shape);
  const inference::ModelStore& models = vision_->models();
  inference::Runtime& runtime = vision_->runtime();
  const inference::ModelManifest model = TRY(models.find(VisionOptions().model, runtime.preferred_form()));
  return runtime.keep_in_memory(TRY(models.weights(model)));
}

}  // namespace sightline::cli
