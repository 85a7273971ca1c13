#pragma once
// The 80 kinds of object that networks trained on COCO (Lin et al., "Microsoft COCO", 2014) know.

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace sightline::objects {

inline constexpr std::size_t kClasses = 80;

/// COCO's own names, in COCO's order.
extern const std::array<std::string_view, kClasses> kClassNames;

/// The class with one of COCO's category numbers, 1 to 90 with gaps; nullopt for a gap.
[[nodiscard]] std::optional<int> class_of_category(int category);

inline constexpr int kPerson = 0;
inline constexpr int kCellPhone = 67;

}  // namespace sightline::objects
