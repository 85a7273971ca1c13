#pragma once
// 468 points on a face, in space.
//
// MediaPipe's face mesh (Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile
// GPUs", 2019) through sight/inference. The numbering of the points is MediaPipe's.

#include <array>
#include <filesystem>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "sight/analysis/face_detector.h"
#include "sight/inference/model_store.h"
#include "sight/inference/session.h"
#include "sight/media/raster.h"

namespace sightline::faces {

inline constexpr std::size_t kMeshPoints = 468;

/// x to the right and y down in pixels of the picture; z away from the viewer in the same unit, 0 near the
/// middle of the head.
struct MeshPoint {
  float x = 0;
  float y = 0;
  float z = 0;

  [[nodiscard]] media::Point flat() const { return {x, y}; }
};

struct Mesh {
  std::array<MeshPoint, kMeshPoints> points;
  float presence = 0;  ///< the network's belief that there is a face at all, 0..1

  [[nodiscard]] bool found_face() const { return presence >= 0.5F; }
};

/// Where the detector would see eyes, nose and corners of the mouth, in the order of analysis::Face.
[[nodiscard]] std::array<media::Point, 5> five_points(const Mesh& mesh);

/// A second look starts from the mesh of the first, which lies closer than the detector's box, at the same
/// price once more.
enum class Looks { one, two };

[[nodiscard]] float distance(const MeshPoint& a, const MeshPoint& b);

/// Thread-safe: calls share the session's leases.
class FaceMesher {
 public:
  static Result<std::unique_ptr<FaceMesher>> create(inference::Runtime& runtime,
                                                    const inference::ModelStore& models,
                                                    std::string_view model = "mediapipe-face-mesh");
  /// With weights that the caller has verified.
  static Result<std::unique_ptr<FaceMesher>> create(inference::Runtime& runtime,
                                                    inference::ModelManifest model,
                                                    std::filesystem::path weights);
  virtual ~FaceMesher() = default;

  /// Opens its session, for a process that may open no file later. A mesher without one has nothing to do
  /// here.
  [[nodiscard]] virtual Result<void> make_ready() { return {}; }

  /// `picture` as displayed. Errors: invalid_argument, when box and landmarks are no place in a picture.
  [[nodiscard]] virtual Result<Mesh> fit(const media::RgbImage& picture, const analysis::Face& face,
                                         Looks looks) = 0;
  /// Whether the mouth is open: the share of mouths like this one that are, 0..1.
  [[nodiscard]] virtual float mouth_open(const Mesh& mesh) const = 0;
};

}  // namespace sightline::faces
