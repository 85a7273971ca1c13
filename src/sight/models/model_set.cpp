#include "sight/models/model_set.h"

#include <utility>

namespace sightline::models {

Result<std::unique_ptr<ModelSet>> ModelSet::open(inference::ModelStore store,
                                                 const ModelSetOptions& options) {
  std::unique_ptr<ModelSet> set(new ModelSet(std::move(store), options));
  set->runtime_ = TRY(inference::Runtime::create(options.runtime));
  return set;
}

Result<analysis::FaceDetector*> ModelSet::clip_detector() {
  if (!clip_detector_)
    clip_detector_ = TRY(analysis::FaceDetector::create(*runtime_, store_, options_.face_detector));
  return clip_detector_.get();
}

Result<analysis::FaceDetector*> ModelSet::picture_detector() {
  if (runtime_->preferred_form() == inference::ModelForm::plain ||
      options_.runtime.precision == inference::Precision::int8) {
    return clip_detector();
  }
  if (!picture_detector_) {
    picture_detector_ = TRY(analysis::FaceDetector::create(*runtime_, store_, options_.face_detector,
                                                           inference::ModelForm::plain));
  }
  return picture_detector_.get();
}

Result<faces::FaceRecogniser*> ModelSet::recogniser() {
  if (!recogniser_) recogniser_ = TRY(faces::FaceRecogniser::create(*runtime_, store_));
  return recogniser_.get();
}

Result<faces::FaceMesher*> ModelSet::mesher() {
  if (!mesher_) mesher_ = TRY(faces::FaceMesher::create(*runtime_, store_));
  return mesher_.get();
}

Result<const faces::FaceAnalyser*> ModelSet::analyser() {
  if (!analyser_) {
    faces::FaceMesher* const mesher = TRY(this->mesher());
    if (!eyes_) eyes_ = TRY(faces::EyeReader::create(*runtime_, store_));
    analyser_ = std::make_unique<faces::FaceAnalyser>(*mesher, *eyes_);
  }
  return analyser_.get();
}

Result<objects::ObjectDetector*> ModelSet::objects() {
  if (!objects_) objects_ = TRY(objects::ObjectDetector::create(*runtime_, store_));
  return objects_.get();
}

Result<objects::UnsafeContentDetector*> ModelSet::unsafe_content() {
  if (!unsafe_content_) unsafe_content_ = TRY(objects::UnsafeContentDetector::create(*runtime_, store_));
  return unsafe_content_.get();
}

Result<void> ModelSet::keep_clip_detector_in_memory() {
  const inference::ModelManifest model = TRY(store_.find(options_.face_detector, runtime_->preferred_form()));
  return runtime_->keep_in_memory(TRY(store_.weights(model)));
}

}  // namespace sightline::models
