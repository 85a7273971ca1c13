#include "sight/objects/labels.h"

#include <algorithm>
#include <tuple>

namespace sightline::objects {
namespace {

Label& label_named(std::vector<Label>& labels, const LabelRow& row) {
  const auto known = std::ranges::find(labels, &row, &Label::row);
  if (known != labels.end()) return *known;
  return labels.emplace_back(Label{&row, 0, {}});
}

}  // namespace

std::vector<Label> labels_of(const std::vector<Object>& objects, float min_confidence) {
  std::vector<Label> labels;
  for (const Object& object : objects) {
    if (object.presence < min_confidence) continue;
    const LabelRow& row = label_of_class(object.kind);
    Label& label = label_named(labels, row);
    label.instances.push_back({object.box, object.confidence});
    label.confidence = std::max(label.confidence, object.presence);
    for (const std::string_view parent : names_in(row.parents)) {
      Label& above = label_named(labels, *find_label(parent));
      above.confidence = std::max(above.confidence, object.presence);
    }
  }
  for (Label& label : labels) {
    auto& instances = label.instances;
    std::ranges::stable_sort(instances, std::ranges::greater{}, &LabelInstance::confidence);
    while (instances.size() > 1 && instances.back().confidence < min_confidence) instances.pop_back();
  }
  std::ranges::sort(labels, [](const Label& a, const Label& b) {
    return std::tuple(-a.confidence, a.row->name) < std::tuple(-b.confidence, b.row->name);
  });
  return labels;
}

}  // namespace sightline::objects
