#pragma once
// The models that `sightline blur` needs, opened when the first input needs them.

#include <memory>
#include <optional>
#include <string>

#include "app/cli/blur_options.h"
#include "app/cli/vision.h"
#include "sight/anonymize/kept_people.h"

namespace sightline::cli {

/// Not thread-safe. `flags` and `locations` outlive it.
class BlurModels {
 public:
  BlurModels(const BlurFlags& flags, const Locations& locations) : flags_(flags), locations_(locations) {}

  /// nullptr where --use-tracks says where the faces are.
  [[nodiscard]] Result<analysis::FaceDetector*> clip_detector();
  [[nodiscard]] Result<analysis::FaceDetector*> picture_detector();
  /// nullptr without --keep.
  [[nodiscard]] Result<const anonymize::KeptPeople*> kept();

  /// For the report: every detector that looked at something, and the runtime. Empty where none did.
  [[nodiscard]] const std::string& detectors() const { return detectors_; }
  [[nodiscard]] const std::string& runtime() const { return runtime_; }

 private:
  [[nodiscard]] Result<models::ModelSet*> models();
  void note(const analysis::FaceDetector& detector);

  const BlurFlags& flags_;
  const Locations& locations_;
  std::unique_ptr<models::ModelSet> models_;
  std::optional<anonymize::KeptPeople> kept_;
  std::string detectors_;
  std::string runtime_;
};

}  // namespace sightline::cli
