#pragma once
// The labels that pictures get: Amazon Rekognition's own names (label model 3.0), with what each stands
// under.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::objects {

struct LabelRow {
  std::string_view name;      ///< "Mobile Phone"
  std::string_view parents;   ///< all that stand above it, by name: "Electronics, Phone"
  std::string_view category;  ///< "Technology and Computing"
  std::string_view aliases;   ///< "Cell Phone"
};

/// Labels of things that are found, and those above them.
[[nodiscard]] std::span<const LabelRow> label_rows();
/// The label of a class of kClassNames.
[[nodiscard]] const LabelRow& label_of_class(int kind);
/// Null for what is no label here.
[[nodiscard]] const LabelRow* find_label(std::string_view name);
/// "Electronics, Phone" to its two names.
[[nodiscard]] std::vector<std::string_view> names_in(std::string_view list);

}  // namespace sightline::objects
