#include "sight/anonymize/clip_encoding.h"

#include <fmt/format.h>

#include <algorithm>

#include "sight/clips/stage_timer.h"

namespace sightline::anonymize {

namespace {

/// x264's macroblock-tree reads memory that it never wrote when a run of frames is shorter than its
/// look-ahead (at most 60 frames, by preset), and two runs differ; so no chunk is that short if it can be
/// helped.
constexpr std::int64_t kLeastChunk = 64;

std::int64_t expected_frames(const media::VideoInfo& info, const clips::TimeSpan& span) {
  if (info.frame_count == 0 || (!span.from && !span.to)) return info.frame_count;
  const auto frames = [&](double seconds) {
    return static_cast<std::int64_t>(seconds * info.frame_rate.value());
  };
  const std::int64_t end = span.to ? std::min(info.frame_count, frames(*span.to)) : info.frame_count;
  return std::max<std::int64_t>(0, end - frames(span.from.value_or(0)));
}

}  // namespace

ChunkedEncoding::ChunkedEncoding(const media::VideoInfo& info, const media::EncoderChoice& choice,
                                 const ClipOptions& options, clips::ClipJournal& journal)
    : info_(info),
      choice_(choice),
      options_(options),
      journal_(journal),
      expected_frames_(expected_frames(info, options.span)) {}

/// The frames after the last whole chunk join it when they are too few for one of their own.
int ChunkedEncoding::chunk_of(std::int64_t frame) const {
  const std::int64_t chunk = frame / options_.frames_per_chunk;
  const bool too_few =
      expected_frames_ > 0 && expected_frames_ - chunk * options_.frames_per_chunk < kLeastChunk;
  return static_cast<int>(too_few && chunk > 0 ? chunk - 1 : chunk);
}

Result<void> ChunkedEncoding::add(tracking::CoveredFrame frame) {
  const int chunk = chunk_of(frame.index);
  if (chunk < journal_.whole_chunks()) return {};
  {
    const clips::StageTimer timer(paint_seconds_);
    TRY(paint_frame(frame.frame, frame.tracks));
  }
  const clips::StageTimer timer(encode_seconds_);
  if (chunk != chunk_) {
    TRY(close_chunk());
    TRY(open_chunk(chunk, frame.frame));
  }
  return store(TRY(encoder_->encode(frame.frame)));
}

Result<void> ChunkedEncoding::finish() {
  const clips::StageTimer timer(encode_seconds_);
  return close_chunk();
}

Result<void> ChunkedEncoding::paint_frame(media::VideoFrame& frame, const tracking::FrameTracks& tracks) {
  const double seconds = static_cast<double>(frame.pts()) * info_.time_base.value();
  areas_.clear();
  protect_.clear();
  for (const tracking::TrackedBox& box : tracks.boxes) areas_.push_back({box.box, false});
  for (const Region& region : options_.regions) {
    if (region.span.contains(seconds)) areas_.push_back({region.box, true});
  }
  for (const Region& region : options_.exclusions) {
    if (region.span.contains(seconds)) protect_.push_back(region.box);
  }
  if (areas_.empty()) return {};
  return paint(frame, info_.orientation, areas_, protect_, options_.style);
}

Result<void> ChunkedEncoding::open_chunk(int chunk, const media::VideoFrame& first) {
  encoder_.emplace(TRY(media::VideoEncoder::create(info_, first, choice_, options_.encoder.threads)));
  writer_.emplace(TRY(clips::ChunkWriter::create(journal_.chunk_path(chunk), encoder_->extradata())));
  chunk_ = chunk;
  return {};
}

Result<void> ChunkedEncoding::close_chunk() {
  if (!encoder_) return {};
  TRY(store(TRY(encoder_->flush())));
  TRY(writer_->finish());
  encoder_.reset();
  writer_.reset();
  return {};
}

Result<void> ChunkedEncoding::store(const std::vector<media::EncodedPacket>& packets) {
  for (const media::EncodedPacket& packet : packets) TRY(writer_->add(packet));
  return {};
}

namespace {

/// How far decoding order runs ahead of display order: the largest i - rank(pts of the i-th packet).
int reorder_depth(const std::vector<std::int64_t>& decoding_order, const std::vector<std::int64_t>& sorted) {
  std::int64_t depth = 0;
  for (std::size_t i = 0; i < decoding_order.size(); ++i) {
    const auto rank = std::lower_bound(sorted.begin(), sorted.end(), decoding_order[i]) - sorted.begin();
    depth = std::max(depth, static_cast<std::int64_t>(i) - rank);
  }
  return static_cast<int>(depth);
}

}  // namespace

Result<media::EncodedVideo> read_encoding(const media::VideoInfo& info, const media::EncoderChoice& choice,
                                          const clips::ClipJournal& journal) {
  media::EncodedVideo video;
  video.info = info;
  video.choice = choice;
  std::vector<std::int64_t> decoding_order;
  int chunks = 0;
  for (;; ++chunks) {
    auto reader = clips::ChunkReader::open(journal.chunk_path(chunks));
    if (!reader && reader.error().kind == ErrorKind::not_found && chunks > 0) break;
    if (!reader) return std::unexpected(std::move(reader).error());
    if (chunks == 0) video.extradata = reader->extradata();
    if (reader->extradata() != video.extradata) {
      return fail(ErrorKind::internal,
                  fmt::format("chunk {} has other codec parameters than the first", chunks));
    }
    while (const std::optional<std::int64_t> pts = TRY(reader->next_pts())) decoding_order.push_back(*pts);
  }
  video.pts = decoding_order;
  std::sort(video.pts.begin(), video.pts.end());
  video.reorder_depth = reorder_depth(decoding_order, video.pts);
  video.packets = [&journal, chunks, next_chunk = 0, reader = std::shared_ptr<clips::ChunkReader>()]() mutable
      -> Result<std::optional<media::EncodedPacket>> {
    while (true) {
      if (!reader) {
        if (next_chunk == chunks) return std::optional<media::EncodedPacket>();
        reader = std::make_shared<clips::ChunkReader>(
            TRY(clips::ChunkReader::open(journal.chunk_path(next_chunk++))));
      }
      auto packet = TRY(reader->next());
      if (packet) return packet;
      reader.reset();
    }
  };
  return video;
}

}  // namespace sightline::anonymize
