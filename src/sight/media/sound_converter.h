#pragma once
// One sound track in another codec; private to this module.

#include <memory>

#include "sight/media/track_converter.h"

namespace sightline::media {

/// `encoder` is libav's: aac or libopus. Rate and channels stay as they are where the codec has them;
/// otherwise the next higher rate and the usual layout of as many channels take their place. Some 2 bits a
/// sample.
[[nodiscard]] Result<std::unique_ptr<TrackConverter>> make_sound_converter(const AVStream& input,
                                                                           std::string_view encoder,
                                                                           const ConvertedSpan& span);

}  // namespace sightline::media
