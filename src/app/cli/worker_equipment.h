#pragma once
// What a worker takes with it into its confinement, where no file can be opened any more.

#include <memory>
#include <optional>

#include "app/cli/vision.h"
#include "sight/jobs/prober.h"
#include "sight/jobs/worker.h"

namespace sightline::cli {

/// Whatever a worker needs a file for is opened here: the runtime, models, their compiled sessions. Nothing
/// of it has seen a byte of the clip, so that what goes into the cache of compiled models is beyond a
/// client's reach.
class WorkerEquipment {
 public:
  /// What every clip needs, whatever its size. A model with an input of one size gets its session here.
  static Result<WorkerEquipment> open(const Locations& locations, int threads, jobs::CloserLook look);
  /// The sessions that a clip of this shape asks for. Without a shape the models themselves are read into
  /// memory: each session is then compiled when it is asked for.
  [[nodiscard]] Result<void> fit(const std::optional<jobs::ClipShape>& shape);

  [[nodiscard]] jobs::WorkerModels models() const { return {*detector_, *mesher_, recogniser_, analyser_}; }

 private:
  explicit WorkerEquipment(std::unique_ptr<models::ModelSet> models) : models_(std::move(models)) {}
  std::unique_ptr<models::ModelSet> models_;
  // Of models_:
  analysis::FaceDetector* detector_ = nullptr;
  faces::FaceMesher* mesher_ = nullptr;
  faces::FaceRecogniser* recogniser_ = nullptr;
  const faces::FaceAnalyser* analyser_ = nullptr;
};

}  // namespace sightline::cli
