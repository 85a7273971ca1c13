#include "cloud/policy/keys.h"

#include <algorithm>

#include "base/ascii.h"

namespace sightline::policy {
namespace {

constexpr std::size_t kUsualKeys = 24;

}  // namespace

Keys::Entry& Keys::entry(std::string_view name) {
  if (entries_.empty()) entries_.reserve(kUsualKeys);
  for (Entry& one : entries_)
    if (equals_ignoring_case(one.name, name)) return one;
  return entries_.emplace_back(to_lower(name), std::vector<std::string>());
}

void Keys::set(std::string_view name, std::string value) {
  std::vector<std::string>& values = entry(name).values;
  values.clear();
  values.push_back(std::move(value));
}

void Keys::set(std::string_view name, std::vector<std::string> values) {
  entry(name).values = std::move(values);
}

void Keys::add(std::string_view name, std::string value) {
  entry(name).values.push_back(std::move(value));
}

const std::vector<std::string>* Keys::find(std::string_view name) const {
  const auto found = std::ranges::find(entries_, name, &Entry::name);
  return found != entries_.end() ? &found->values : nullptr;
}

const std::vector<std::string>* Keys::find_as_written(std::string_view name) const {
  const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.name.size() == name.size() && equals_ignoring_case(entry.name, name);
  });
  return found != entries_.end() ? &found->values : nullptr;
}

}  // namespace sightline::policy
