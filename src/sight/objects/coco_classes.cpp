#include "sight/objects/coco_classes.h"

#include <algorithm>

namespace sightline::objects {
namespace {

/// Category numbers that COCO never used.
constexpr std::array kGaps{12, 26, 29, 30, 45, 66, 68, 69, 71, 83};
constexpr int kCategories = 90;

}  // namespace

const std::array<std::string_view, kClasses> kClassNames{"person",        "bicycle",      "car",
                                                         "motorcycle",    "airplane",     "bus",
                                                         "train",         "truck",        "boat",
                                                         "traffic light", "fire hydrant", "stop sign",
                                                         "parking meter", "bench",        "bird",
                                                         "cat",           "dog",          "horse",
                                                         "sheep",         "cow",          "elephant",
                                                         "bear",          "zebra",        "giraffe",
                                                         "backpack",      "umbrella",     "handbag",
                                                         "tie",           "suitcase",     "frisbee",
                                                         "skis",          "snowboard",    "sports ball",
                                                         "kite",          "baseball bat", "baseball glove",
                                                         "skateboard",    "surfboard",    "tennis racket",
                                                         "bottle",        "wine glass",   "cup",
                                                         "fork",          "knife",        "spoon",
                                                         "bowl",          "banana",       "apple",
                                                         "sandwich",      "orange",       "broccoli",
                                                         "carrot",        "hot dog",      "pizza",
                                                         "donut",         "cake",         "chair",
                                                         "couch",         "potted plant", "bed",
                                                         "dining table",  "toilet",       "tv",
                                                         "laptop",        "mouse",        "remote",
                                                         "keyboard",      "cell phone",   "microwave",
                                                         "oven",          "toaster",      "sink",
                                                         "refrigerator",  "book",         "clock",
                                                         "vase",          "scissors",     "teddy bear",
                                                         "hair drier",    "toothbrush"};

std::optional<int> class_of_category(int category) {
  if (category < 1 || category > kCategories || std::ranges::find(kGaps, category) != kGaps.end())
    return std::nullopt;
  const auto gaps_below = std::ranges::count_if(kGaps, [&](int gap) { return gap < category; });
  return category - 1 - static_cast<int>(gaps_below);
}

}  // namespace sightline::objects
