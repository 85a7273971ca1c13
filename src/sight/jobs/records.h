#pragma once
// What a worker process says, as records on a pipe (base/process/record_stream); little endian.
//
// A worker reads hostile clips, so what it writes is hostile too. A record is bounded, every number in it is
// checked, and its texts are printable. A journal of detections is a file of the same records.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/file.h"
#include "base/process/record_stream.h"
#include "base/result.h"
#include "sight/analysis/face_detector.h"
#include "sight/faces/face_recogniser.h"
#include "sight/jobs/types.h"
#include "sight/tracking/face_tracker.h"

namespace sightline::jobs {

/// The first record. `key` names everything that detections depend on, besides the clip.
struct Hello {
  std::string key;
};
/// The clip could be opened.
struct ClipFound {
  ClipInfo info;
  std::int64_t frames = 0;  ///< an estimate; 0 unknown
};
/// What the detector found in a frame.
struct Detection {
  std::int64_t ordinal = 0;  ///< how many detections came before it
  std::int64_t frame = 0;
  tracking::Pass pass = tracking::Pass::normal;
  std::vector<analysis::Face> faces;
};
/// Whose face a track shows. After all samples, by rising tracks; all of one model.
struct TrackVector {
  std::int64_t track = 0;
  std::string model;  ///< FaceRecogniser::model_id
  faces::FaceVector vector{};
};
/// Still at work.
struct Advance {
  std::int64_t frames = 0;
};
/// All of the clip has been looked at.
struct Finished {
  std::int64_t frames = 0;
  std::int64_t duration_ms = 0;
  std::string damage;  ///< what could not be read; empty when the clip is whole
};
/// The clip cannot be processed; nothing follows.
struct GivenUp {
  Error error;
};

using Record =
    std::variant<Hello, ClipFound, Detection, FrameSample, TrackVector, Advance, Finished, GivenUp>;

inline constexpr std::size_t kMaxFaces = 20'000;    ///< of a frame: the detector's own limit
inline constexpr std::size_t kMaxTracks = 100'000;  ///< that vectors belong to
inline constexpr std::size_t kMaxText = 1'024;      ///< bytes
inline constexpr std::size_t kMaxPayload = std::size_t{2} << 20U;

/// Faces beyond kMaxFaces are left out, longer texts are cut and what is not printable ASCII becomes '?'.
[[nodiscard]] Bytes encode(const Record& record);

/// Takes records out of bytes that come in pieces. After an error it gives nothing more. Not thread-safe.
class RecordReader {
 public:
  void feed(std::span<const std::uint8_t> bytes) { stream_.feed(bytes); }
  /// nullopt: more bytes are needed. Errors: corrupt.
  [[nodiscard]] Result<std::optional<Record>> next();
  /// How many bytes the records given so far took.
  [[nodiscard]] std::uint64_t consumed() const { return consumed_; }

 private:
  process::RecordStream stream_{kMaxPayload};
  std::uint64_t consumed_ = 0;
  bool broken_ = false;
};

}  // namespace sightline::jobs
