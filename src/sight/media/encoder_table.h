#pragma once
// What each video encoder can do and how its quality and speed are given, private to this module.

#include <span>
#include <string>
#include <string_view>

namespace sightline::media {

struct EncoderTraits {
  std::string_view encoder;  ///< libav's name
  std::string_view codec;    ///< as in VideoInfo
  int crf_min;
  int crf_max;
  int crf_default;                            ///< measured: docs/benchmarks/encoding.md
  std::span<const std::string_view> presets;  ///< slowest last; empty: it has none
  std::string_view preset_default;
  bool odd_sizes;  ///< in 4:2:0
  bool ten_bit;
  bool chroma_422;
  int min_side;
  int max_side;
};

/// Every encoder that may be chosen; of two for one codec the preferred comes first.
[[nodiscard]] std::span<const EncoderTraits> encoder_table();
/// Null where the name is not in the table.
[[nodiscard]] const EncoderTraits* find_encoder(std::string_view encoder);

}  // namespace sightline::media
