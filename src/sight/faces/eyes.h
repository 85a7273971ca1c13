#pragma once
// Lids and irises.
//
// MediaPipe's iris model (Ablavatski et al., "Real-time Pupil Tracking from Monocular Video for Digital
// Puppetry", 2020) through sight/inference: the face mesh says where the eyes are, but hardly whether they
// are shut.

#include <array>
#include <filesystem>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "sight/faces/face_mesh.h"

namespace sightline::faces {

struct Eye {
  media::Point pupil;   ///< pixels of the picture
  float width = 0;      ///< from corner to corner, in the picture
  float openness = 0;   ///< mean gap between the lids over the width
  float rightward = 0;  ///< of the pupil from the middle between the corners, over the width; viewer's right
  float downward = 0;   ///< likewise, at a right angle to the line between the corners
};

/// The viewer's left and right.
struct Eyes {
  Eye left;
  Eye right;
};

/// Thread-safe: calls share the session's leases.
class EyeReader {
 public:
  static Result<std::unique_ptr<EyeReader>> create(inference::Runtime& runtime,
                                                   const inference::ModelStore& models,
                                                   std::string_view model = "mediapipe-iris");
  /// With weights that the caller has verified.
  static Result<std::unique_ptr<EyeReader>> create(inference::Runtime& runtime,
                                                   inference::ModelManifest model,
                                                   std::filesystem::path weights);
  virtual ~EyeReader() = default;

  /// Opens its session, for a process that may open no file later. A reader without one has nothing to do
  /// here.
  [[nodiscard]] virtual Result<void> make_ready() { return {}; }

  [[nodiscard]] virtual Result<Eyes> read(const media::RgbImage& picture, const Mesh& mesh) = 0;
  /// Whether the eyes are open: the share of eyes like these that are, 0..1.
  [[nodiscard]] virtual float open(const Eyes& eyes) const = 0;
};

}  // namespace sightline::faces
