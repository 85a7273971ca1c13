#pragma once
// Codes runs of samples, each at its place on the clip's clock; private to this module.

#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

#include "sight/media/libav.h"
#include "sight/media/track_converter.h"

extern "C" {
#include <libavutil/audio_fifo.h>
}

namespace sightline::media {

struct AudioFifoDeleter {
  void operator()(AVAudioFifo* fifo) const { av_audio_fifo_free(fifo); }
};
using AudioFifoPtr = std::unique_ptr<AVAudioFifo, AudioFifoDeleter>;

/// Holds less than one coded frame between calls. Not thread-safe.
class SoundEncoder {
 public:
  /// `encoder` is libav's name; `rate` and `channels` are the source's, and kept where the codec has them.
  /// What lies outside `span` is left out to the sample. Unavailable, with the reason as message, where the
  /// encoder is not there or does not take it.
  static Result<SoundEncoder> create(std::string_view encoder, int rate, int channels,
                                     const ConvertedSpan& span);

  /// Rate, sample format, channel layout and time base (one tick a sample) of what add() takes.
  [[nodiscard]] const AVCodecContext& format() const { return *codec_; }
  /// `count` samples whose first belongs at `at`, in ticks of the time base. What overlaps earlier samples is
  /// left out; of a gap before them only the coded frame under way is filled with silence.
  [[nodiscard]] Result<void> add(std::uint8_t** samples, int count, std::int64_t at,
                                 std::vector<AvPacketPtr>& ready);
  /// Codes what is left. Nothing may follow.
  [[nodiscard]] Result<void> finish(std::vector<AvPacketPtr>& ready);

 private:
  SoundEncoder() = default;
  Result<void> bridge(std::int64_t start, std::vector<AvPacketPtr>& ready);
  Result<void> encode(bool last, std::vector<AvPacketPtr>& ready);
  Result<void> send(const AVFrame* frame, std::vector<AvPacketPtr>& ready);
  [[nodiscard]] std::int64_t end() const { return start_ + av_audio_fifo_size(fifo_.get()); }

  AvCodecPtr codec_;
  AudioFifoPtr fifo_;
  std::int64_t from_ = std::numeric_limits<std::int64_t>::min();
  std::int64_t to_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t start_ = 0;  // of the first sample in the fifo, or where it would be
  bool started_ = false;    // start_ holds
};

/// Samples in memory of their own, in the encoder's format.
class SoundSamples {
 public:
  SoundSamples() = default;
  SoundSamples(const SoundSamples&) = delete;
  SoundSamples& operator=(const SoundSamples&) = delete;
  ~SoundSamples();
  [[nodiscard]] Result<void> allocate(const AVCodecContext& format, int count);
  [[nodiscard]] std::uint8_t** planes() { return planes_; }

 private:
  std::uint8_t* planes_[AV_NUM_DATA_POINTERS] = {};
};

}  // namespace sightline::media
