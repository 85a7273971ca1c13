#include "app/cli/blur_models.h"

#include <set>
#include <string>

#include "app/cli/commands.h"
#include "base/file.h"
#include "sight/anonymize/picture_job.h"

namespace sightline::cli {

Result<models::ModelSet*> BlurModels::models() {
  if (!models_) {
    models_ = TRY(open_models(locations_, flags_.vision));
    runtime_ = models_->runtime().version();
  }
  return models_.get();
}

Result<analysis::FaceDetector*> BlurModels::clip_detector() {
  if (!flags_.use_tracks.empty()) return nullptr;
  analysis::FaceDetector* const faces = TRY(TRY(models())->clip_detector());
  note(*faces);
  return faces;
}

Result<analysis::FaceDetector*> BlurModels::picture_detector() {
  if (!flags_.use_tracks.empty()) return nullptr;
  analysis::FaceDetector* const faces = TRY(TRY(models())->picture_detector());
  note(*faces);
  return faces;
}

void BlurModels::note(const analysis::FaceDetector& detector) {
  const std::string identity = detector.identity();
  if (detectors_.find(identity) != std::string::npos) return;
  detectors_ += (detectors_.empty() ? "" : "; ") + identity;
}

Result<const anonymize::KeptPeople*> BlurModels::kept() {
  if (flags_.keep.empty()) return nullptr;
  if (kept_) return &*kept_;
  analysis::FaceDetector* const faces = TRY(picture_detector());
  // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): --keep is refused where this is null
  kept_.emplace(*faces, *TRY(models_->recogniser()));
  std::set<std::string> named;
  for (const std::string& photo : flags_.keep) {
    if (!named.insert(photo).second) continue;
    TRY(kept_->add_photo(TRY(read_file(photo, kMaxPictureFile)), photo));
  }
  return &*kept_;
}

}  // namespace sightline::cli
