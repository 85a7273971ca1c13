#pragma once
// What jobs are called where people and programs read of them.

#include <string_view>

#include "sight/jobs/types.h"

namespace sightline::jobs {

/// As the API's JobStatus: "IN_PROGRESS", "SUCCEEDED", "FAILED".
[[nodiscard]] constexpr std::string_view status_name(JobStatus status) {
  switch (status) {
    case JobStatus::in_progress:
      return "IN_PROGRESS";
    case JobStatus::succeeded:
      return "SUCCEEDED";
    case JobStatus::failed:
      return "FAILED";
  }
  return "";
}

/// "face-detection", "face-search"
[[nodiscard]] constexpr std::string_view kind_name(JobKind kind) {
  switch (kind) {
    case JobKind::face_detection:
      return "face-detection";
    case JobKind::face_search:
      return "face-search";
  }
  return "";
}

}  // namespace sightline::jobs
