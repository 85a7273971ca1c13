#pragma once
// Looks closer at the faces of the frames that a job reports.

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/result.h"
#include "sight/jobs/track_views.h"
#include "sight/jobs/types.h"
#include "sight/jobs/worker.h"
#include "sight/media/video_frame.h"
#include "sight/media/video_reader.h"

namespace sightline::jobs {

/// Opens the sessions that a look needs: later, a confined worker could read neither their models nor the
/// cache of compiled ones.
[[nodiscard]] Result<void> make_ready(CloserLook look, const WorkerModels& models);

/// What it finds depends only on the frames, the samples and the models: a worker that begins anew finds the
/// same. Not thread-safe.
class FaceInspector {
 public:
  FaceInspector(CloserLook look, const WorkerModels& models, const media::VideoInfo& info);

  /// Adds to the sample what it measures. `frame` is the one that the sample describes. Errors: too_large
  /// (more people than can be reported), those of the models.
  [[nodiscard]] Result<void> inspect(const media::VideoFrame& frame, FrameSample& sample);
  /// Whose faces have been seen, by rising tracks.
  [[nodiscard]] std::vector<TrackVector> people() const;

 private:
  /// The displayed frame, with square pixels, reduced where it is very large.
  [[nodiscard]] Result<media::RgbImage> picture_of(const media::VideoFrame& frame);
  /// In the picture's pixels, with the points that the sample came with.
  [[nodiscard]] std::optional<analysis::Face> reported_place(const SampledFace& face) const;
  /// With points that were seen in this frame: by a detection that is made now, if need be.
  [[nodiscard]] Result<std::optional<analysis::Face>> seen_place(const media::RgbImage& picture,
                                                                 const SampledFace& face);
  [[nodiscard]] Result<void> measure_all(const media::RgbImage& picture, SampledFace& face);
  [[nodiscard]] Result<void> measure_briefly(const media::RgbImage& picture, std::int64_t timestamp_ms,
                                             SampledFace& face);
  [[nodiscard]] bool is_worth_a_mesh(const SampledFace& face, const analysis::Face& placed,
                                     std::int64_t timestamp_ms) const;
  void forget_who_left(const FrameSample& sample);
  /// From the points, where nothing better is known.
  void describe(const media::RgbImage& picture, const analysis::Face& placed, faces::FaceDetails details,
                SampledFace& face) const;
  [[nodiscard]] Result<void> look_who_it_is(const media::RgbImage& picture, const SampledFace& face);

  const CloserLook look_;
  const WorkerModels models_;
  const media::Orientation orientation_;
  media::Size size_;  ///< of the picture
  media::FrameConverter converter_;
  TrackViews views_;
  struct LastMesh {
    std::int64_t timestamp_ms = 0;
    std::optional<faces::Pose> pose;
  };
  std::map<std::int64_t, LastMesh> meshes_;  ///< by track, of those in view
};

}  // namespace sightline::jobs
