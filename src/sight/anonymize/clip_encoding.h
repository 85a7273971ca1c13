#pragma once
// Paints and encodes a clip's frames into journalled chunks, and reads the chunks back for the final pass.

#include <memory>
#include <optional>

#include "sight/anonymize/clip_job.h"
#include "sight/anonymize/painter.h"
#include "sight/clips/clip_journal.h"

namespace sightline::anonymize {

/// Frames come in order from 0; those of chunks that the journal holds already are passed over.
class ChunkedEncoding {
 public:
  ChunkedEncoding(const media::VideoInfo& info, const media::EncoderChoice& choice,
                  const ClipOptions& options, clips::ClipJournal& journal);
  [[nodiscard]] Result<void> add(tracking::CoveredFrame frame);
  [[nodiscard]] Result<void> finish();
  [[nodiscard]] double paint_seconds() const { return paint_seconds_; }
  [[nodiscard]] double encode_seconds() const { return encode_seconds_; }

 private:
  [[nodiscard]] int chunk_of(std::int64_t frame) const;
  [[nodiscard]] Result<void> paint_frame(media::VideoFrame& frame, const tracking::FrameTracks& tracks);
  [[nodiscard]] Result<void> open_chunk(int chunk, const media::VideoFrame& first);
  [[nodiscard]] Result<void> close_chunk();
  [[nodiscard]] Result<void> store(const std::vector<media::EncodedPacket>& packets);

  const media::VideoInfo& info_;
  const media::EncoderChoice& choice_;
  const ClipOptions& options_;
  clips::ClipJournal& journal_;
  std::int64_t expected_frames_;  // an estimate from the container's own figures; 0 unknown
  int chunk_ = -1;
  std::optional<media::VideoEncoder> encoder_;
  std::optional<clips::ChunkWriter> writer_;
  std::vector<PaintArea> areas_;
  std::vector<media::Box> protect_;
  double paint_seconds_ = 0;
  double encode_seconds_ = 0;
};

/// The journal's chunks as one video. The packet source reads the chunk files; the journal must outlive it.
[[nodiscard]] Result<media::EncodedVideo> read_encoding(const media::VideoInfo& info,
                                                        const media::EncoderChoice& choice,
                                                        const clips::ClipJournal& journal);

}  // namespace sightline::anonymize
