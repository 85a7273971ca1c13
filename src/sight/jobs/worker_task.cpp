#include "sight/jobs/worker_task.h"

#include <algorithm>
#include <utility>

namespace sightline::jobs {
namespace {

using Named = std::pair<CloserLook, std::string_view>;
constexpr Named kNames[] = {
    {CloserLook::brief, "brief"}, {CloserLook::people, "people"}, {CloserLook::measures, "measures"}};

}  // namespace

CloserLook look_for(const Job& job) {
  if (job.kind == JobKind::face_search) return CloserLook::people;
  return job.detail == Detail::all ? CloserLook::measures : CloserLook::brief;
}

std::string_view look_name(CloserLook look) {
  return std::ranges::find(kNames, look, &Named::first)->second;
}

std::optional<CloserLook> parse_look(std::string_view name) {
  const auto* found = std::ranges::find(kNames, name, &Named::second);
  return found == std::end(kNames) ? std::nullopt : std::optional(found->first);
}

}  // namespace sightline::jobs
