#pragma once
// From the things in a picture to labels, with the more general ones that follow from them.

#include <vector>

#include "sight/objects/label_table.h"
#include "sight/objects/object_detector.h"

namespace sightline::objects {

struct LabelInstance {
  media::Box box;        ///< pixels of the displayed picture
  float confidence = 0;  ///< 0..1
};

struct Label {
  const LabelRow* row = nullptr;
  float confidence = 0;  ///< 0..1: that there is such a thing, wherever; or that of what it follows from
  /// Surest first; none for labels that only follow from others. A thing may surely be there while its boxes
  /// are doubtful: then only its surest one is given.
  std::vector<LabelInstance> instances;
};

/// Every kind of object that is there with at least `min_confidence`, its boxes of that confidence, and all
/// labels above it; surest first, equally sure ones by name.
[[nodiscard]] std::vector<Label> labels_of(const std::vector<Object>& objects, float min_confidence);

}  // namespace sightline::objects
