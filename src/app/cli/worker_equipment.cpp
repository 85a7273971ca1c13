#include "app/cli/worker_equipment.h"

#include "sight/jobs/face_inspector.h"

namespace sightline::cli {

Result<WorkerEquipment> WorkerEquipment::open(const Locations& locations, int threads,
                                              jobs::CloserLook look) {
  VisionOptions options;
  options.threads = threads;
  WorkerEquipment equipment(TRY(Vision::open(locations, options)));
  Vision& vision = *equipment.vision_;
  equipment.detector_ = TRY(vision.clip_detector());
  equipment.mesher_ = TRY(faces::FaceMesher::create(vision.runtime(), vision.models()));
  if (look == jobs::CloserLook::people) equipment.recogniser_ = TRY(vision.recogniser());
  if (look == jobs::CloserLook::measures) {
    equipment.eyes_ = TRY(faces::EyeReader::create(vision.runtime(), vision.models()));
    equipment.analyser_ = std::make_unique<faces::FaceAnalyser>(*equipment.mesher_, *equipment.eyes_);
  }
  TRY(jobs::make_ready(look, equipment.models()));
  return equipment;
}

Result<void> WorkerEquipment::fit(const std::optional<jobs::ClipShape>& shape) {
  if (shape) return jobs::make_ready(*detector_, *shape);
  const inference::ModelStore& models = vision_->models();
  inference::Runtime& runtime = vision_->runtime();
  const inference::ModelManifest model = TRY(models.find(VisionOptions().model, runtime.preferred_form()));
  return runtime.keep_in_memory(TRY(models.weights(model)));
}

}  // namespace sightline::cli
