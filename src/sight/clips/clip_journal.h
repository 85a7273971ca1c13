#pragma once
// What a clip's run has finished, on disk, so that a killed run goes on where it was.
//
// A folder (0700) holds `key` (what the results depend on), `detections` (appended as the detector answers,
// in the order of asking) and `chunk-NNNNNN` (encoded packets; each appears only when whole). A run with
// another key starts afresh. Decoding and tracking are repeated on resumption: they are cheap and
// deterministic, so the remaining chunks come out as they would have.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "sight/analysis/face_detector.h"
#include "sight/clips/logged_detector.h"
#include "sight/media/video_encoder.h"
#include "sight/tracking/face_tracker.h"

namespace sightline::clips {

/// One run's journal; the folder is locked while it lives. Detections and chunks may be used by two
/// different threads at once; neither by several.
class ClipJournal final : public DetectionLog {
 public:
  /// Takes up the journal in `folder` when its key is `key`, else empties it. Errors: io kinds;
  /// already_exists when another process holds it.
  static Result<std::unique_ptr<ClipJournal>> open(const std::filesystem::path& folder,
                                                   const std::string& key);
  /// Removes a journal that nobody holds; not an error when there is none.
  static Result<void> discard(const std::filesystem::path& folder);
  ClipJournal(const ClipJournal&) = delete;
  ClipJournal& operator=(const ClipJournal&) = delete;
  ~ClipJournal() override;

  [[nodiscard]] std::optional<std::vector<analysis::Face>> replay(std::int64_t frame,
                                                                  tracking::Pass pass) override;
  [[nodiscard]] Result<void> record(std::int64_t frame, tracking::Pass pass,
                                    const std::vector<analysis::Face>& faces) override;

  /// Chunks 0..whole_chunks()-1 were on disk, whole, when the journal was opened.
  [[nodiscard]] int whole_chunks() const { return whole_chunks_; }
  [[nodiscard]] std::filesystem::path chunk_path(int chunk) const;
  /// Deletes everything: the output is in place.
  [[nodiscard]] Result<void> remove();

 private:
  ClipJournal(std::filesystem::path folder, int lock);
  Result<void> take_up(const std::string& key);

  std::filesystem::path folder_;
  int lock_;
  std::ifstream replayed_;
  bool replaying_ = false;
  std::int64_t replayed_bytes_ = 0;
  int detections_ = -1;  // descriptor, opened for appending with the first record
  int whole_chunks_ = 0;
};

/// Writes one chunk; the file appears with finish().
class ChunkWriter {
 public:
  static Result<ChunkWriter> create(const std::filesystem::path& path, const Bytes& extradata);
  [[nodiscard]] Result<void> add(const media::EncodedPacket& packet);
  [[nodiscard]] Result<void> finish();

 private:
  explicit ChunkWriter(PendingFile file) : file_(std::move(file)) {}
  PendingFile file_;
  Bytes buffer_;
  std::uint32_t packets_ = 0;
};

/// Reads one chunk back, packet by packet. Refuses (corrupt) anything that ChunkWriter did not finish.
class ChunkReader {
 public:
  static Result<ChunkReader> open(const std::filesystem::path& path);
  [[nodiscard]] const Bytes& extradata() const { return extradata_; }
  [[nodiscard]] Result<std::optional<media::EncodedPacket>> next();
  /// Only the next packet's time, its data skipped.
  [[nodiscard]] Result<std::optional<std::int64_t>> next_pts();

 private:
  struct Head {
    std::int64_t pts;
    std::uint32_t size;
    bool keyframe;
  };
  Result<std::optional<Head>> next_head();
  std::filesystem::path path_;
  std::ifstream file_;
  Bytes extradata_;
  std::uint32_t left_ = 0;
};

}  // namespace sightline::clips
