#pragma once
// What a worker is to do with its clip.

#include <chrono>
#include <optional>
#include <string_view>

#include "sight/jobs/types.h"

namespace sightline::jobs {

/// What a worker looks at faces for, besides where they are. All measure the pose and quality of every face
/// told.
enum class CloserLook {
  brief,     ///< nothing else
  people,    ///< whose they are: a vector for each track
  measures,  ///< eyes, mouth and all landmarks too
};

struct WorkerTask {
  std::chrono::milliseconds interval{200};  ///< between two samples
  CloserLook look = CloserLook::brief;
};

/// What a job's results need.
[[nodiscard]] CloserLook look_for(const Job& job);

/// As a word of a command line, and back.
[[nodiscard]] std::string_view look_name(CloserLook look);
[[nodiscard]] std::optional<CloserLook> parse_look(std::string_view name);

}  // namespace sightline::jobs
