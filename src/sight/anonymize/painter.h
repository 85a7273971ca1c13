#pragma once
// Paints a style over boxes of a picture or of a video frame, in the samples' own colour model.

#include <span>
#include <vector>

#include "base/result.h"
#include "sight/anonymize/style.h"
#include "sight/media/picture.h"
#include "sight/media/video_frame.h"

namespace sightline::anonymize {

/// One place to paint. A face's box grows by the style's margin; a region is painted as given.
struct PaintArea {
  media::Box box;  ///< pixels of the displayed picture
  bool region = false;
};

/// Every sample of each area's own box is painted at full strength; a face's paint reaches on by the style's
/// margin and ends in a soft edge. Samples outside the paint stay bit-identical. `protect`: boxes that
/// nothing may touch. Overlapping areas are merged so that no seam shows a face; areas that are empty, not
/// finite or outside the picture are skipped. A frame is copied only where something is painted and others
/// hold it too. The style has passed check_style(). Thread-safe: no state.
[[nodiscard]] Result<void> paint(media::VideoFrame& frame, const media::Orientation& orientation,
                                 std::span<const PaintArea> areas, std::span<const media::Box> protect,
                                 const Style& style);
void paint(media::Picture& picture, std::span<const PaintArea> areas, std::span<const media::Box> protect,
           const Style& style);

}  // namespace sightline::anonymize
